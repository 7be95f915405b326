"""SIPp as caller and answerer, and what it counted."""

import asyncio
import csv
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.live.server import PATIENCE, until

SIPP: Final = shutil.which("sipp")
"""None where it is not installed."""

SCENARIOS: Final = Path(__file__).with_name("scenarios")

LONGEST: Final = 150.0
"""Seconds after which a caller gives up whatever it is at."""

Address = tuple[str, int]

Holds = tuple[float, float, float]
"""Three lengths of calls in seconds, a third of the calls each."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What a SIPp has counted."""

    offered: int
    answered: int
    current: int
    failed: int
    retransmissions: int
    unexpected: int
    """Messages that belong to no call."""
    refused: int = 0
    """503 with Retry-After; a 503 without counts as failed."""
    completed: int = 0
    """Ended by the caller, and the end was confirmed."""
    forced: int = 0
    """Ended by the other side."""
    ended: int = 0
    """Calls whose BYE an answerer has seen."""

    @property
    def dropped(self) -> int:
        """Calls that were up and did not end as they should."""
        return self.answered - self.completed - self.forced


class Sipp:
    """One SIPp process."""

    def __init__(self, process: asyncio.subprocess.Process, statistics: Path) -> None:
        self._process = process
        self._statistics = statistics

    async def when(self, *, answered: int = 0, ended: int = 0) -> Tally:
        """Wait until so many calls were answered, and so many ended towards an answerer."""

        async def there() -> Tally | None:
            now = _tally(self._statistics)
            return now if now.answered >= answered and now.ended >= ended else None

        return await until(there, seconds=LONGEST, every=0.2) or _tally(self._statistics)

    async def finished(self) -> Tally:
        """What it has counted when every call is over."""
        await asyncio.wait_for(self._process.wait(), LONGEST)
        return _tally(self._statistics)

    async def kill(self) -> None:
        """End it at once. Idempotent."""
        if self._process.returncode is None:
            self._process.kill()
            await asyncio.wait_for(self._process.wait(), PATIENCE)


async def caller(home: Path, own: Address, target: Address, *, calls: int, rate: float, hold: Holds, lost: int) -> Sipp:
    """A caller that places `calls` calls, `rate` a second, and loses `lost` % of its datagrams on purpose."""
    times = dict(zip(("SHORT", "MIDDLE", "LONG"), hold, strict=True))
    scenario = _scenario(home, "uac", {name: round(1000 * seconds) for name, seconds in times.items()})
    return await _run(
        home,
        scenario,
        own,
        *(f"{target[0]}:{target[1]}", "-m", str(calls), "-r", str(rate), "-l", str(calls)),
        *("-timeout", f"{LONGEST:.0f}s", *_losing(lost)),
    )


async def answerer(home: Path, own: Address, *, bye_delay: float, lost: int) -> Sipp:
    """An answerer that answers each BYE `bye_delay` seconds late, and loses `lost` % of its datagrams."""
    scenario = _scenario(home, "uas", {"BYE_DELAY": round(1000 * bye_delay)})
    return await _run(home, scenario, own, *_losing(lost))


def _losing(lost: int) -> tuple[str, ...]:
    return ("-lost", str(lost)) if lost else ()


def _scenario(home: Path, name: str, values: dict[str, int]) -> Path:
    """A scenario with its times filled in, under a name of its own."""
    text = (SCENARIOS / f"{name}.xml").read_text("utf-8")
    for key, value in values.items():
        text = text.replace(f"@{key}@", str(value))
    home.mkdir(parents=True, exist_ok=True)
    file = home / f"{name}-{len(list(home.glob('*.xml')))}.xml"
    file.write_text(text, "utf-8")
    return file


async def _run(home: Path, scenario: Path, own: Address, *arguments: str) -> Sipp:
    assert SIPP is not None
    statistics = scenario.with_suffix(".csv")
    process = await asyncio.create_subprocess_exec(
        *(SIPP, *arguments, "-sf", str(scenario), "-i", own[0], "-p", str(own[1]), "-nostdin"),
        *("-trace_stat", "-stf", str(statistics), "-fd", "200ms"),
        *("-trace_err", "-error_file", str(scenario.with_suffix(".err"))),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=home,
    )
    sipp = Sipp(process, statistics)

    async def begun() -> bool:
        assert process.returncode is None or statistics.exists(), scenario.with_suffix(".err").read_text("utf-8")
        return statistics.exists()

    await until(begun)
    return sipp


def _tally(statistics: Path) -> Tally:
    whole, _, _ = statistics.read_text("utf-8").rpartition("\n")
    rows = list(csv.DictReader(whole.splitlines(), delimiter=";"))
    last = rows[-1] if rows else {}

    def count(column: str) -> int:
        return int(last.get(column) or 0)

    return Tally(
        offered=count("offered(C)"),
        answered=count("answered(C)"),
        current=count("CurrentCall"),
        failed=count("FailedCall(C)"),
        retransmissions=count("Retransmissions(C)"),
        unexpected=count("OutOfCallMsgs(C)"),
        refused=count("refused(C)"),
        completed=count("completed(C)"),
        forced=count("forced(C)"),
        ended=count("ended(C)"),
    )
