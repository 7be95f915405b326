"""Drain: from the last BYE to the end of the engine's process, and from the answer of the reset to the first refusal.

The real server with the real proxy; our own caller and answerer speak SIP; the reset is `gracefulTimeout` 1. Half of
the runs end their calls one by one; the other half end many at once, when the drain does not expect it. Time is taken
when the caller's last BYE is confirmed, when the kernel says that the process has ended, when the answer to the reset
has arrived, and when the first 503 has. From that answer on a call is offered every 5 ms: one that is still admitted
later than the first refusal counts as well. The peer of a promise in seconds is that time itself.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from tests.live.estate import Estate

from bench.outcome import Outcome, show, spread
from bench.processes import Watch
from busyout.domain.drain import LINGER
from busyout.drivers.proxy.agent import Answerer, Caller, Manners
from busyout.drivers.proxy.agent import Outcome as Fate

PROMISE = "drain"
ENDED_WITHIN: Final = 1.0
"""Seconds from the last BYE to the end of the process."""

REFUSED_WITHIN: Final = 0.1
"""Seconds from the answer of the reset to the first refusal."""

RUNS: Final = 4
"""Of each kind."""

PROBE_EVERY: Final = 0.005
"""Seconds between two offered calls after the reset."""

PROBES: Final = 60


@dataclass(frozen=True, slots=True)
class Kind:
    """How the calls of a run end."""

    calls: int
    hold: Callable[[int], float]
    """Seconds for which each is held."""


ONE_BY_ONE = Kind(20, lambda number: 1.0 + 0.05 * number)
AT_ONCE = Kind(80, lambda number: 2.0 - number / 200)


@dataclass(frozen=True, slots=True)
class Run:
    """What one run has shown, in seconds."""

    end: float
    """From the last BYE to the end of the process."""
    refusal: float
    """From the answer of the reset to the first refusal."""
    admitted: float
    """From the answer of the reset to the last call that was admitted; 0 where none was."""
    answer: float
    """From the reset to its answer."""


async def measure() -> Outcome:
    """Drain again and again."""
    with TemporaryDirectory(prefix="busyout-bench-") as home:
        async with Estate.of(Path(home), store=f"sqlite:///{home}/busyout.db") as estate, parties(estate) as callers:
            pairs = [
                (await _run(estate, callers, ONE_BY_ONE), await _run(estate, callers, AT_ONCE)) for _ in range(RUNS)
            ]
    singly, together = (list(runs) for runs in zip(*pairs, strict=True))
    ends = [median(run.end for run in runs) for runs in (singly, together)]
    refusals = [max(run.refusal, run.admitted) for run in (*singly, *together)]
    found = (
        f"{max(ends) / ENDED_WITHIN:.2f} of a second from the last BYE to the end of the process: "
        f"{spread([run.end for run in singly])} s after calls that end one by one, "
        f"{spread([run.end for run in together])} s after {AT_ONCE.calls} that end at once, "
        f"{LINGER} s of it on purpose; "
        f"{median(refusals) / REFUSED_WITHIN:.2f} of 100 ms from the answer to the refusal of new calls: "
        f"{spread([1000 * seconds for seconds in refusals], '.0f')} ms, "
        f"the answer came after {spread([1000 * run.answer for run in (*singly, *together)], '.0f')} ms"
    )
    met = max(ends) < ENDED_WITHIN and median(refusals) < REFUSED_WITHIN
    return Outcome(PROMISE, f"under {ENDED_WITHIN:.0f} s, within {1000 * REFUSED_WITHIN:.0f} ms", met, found)


@asynccontextmanager
async def parties(estate: Estate) -> AsyncIterator[tuple[Caller, Caller]]:
    """Somebody who answers, somebody whose calls are up, and somebody who offers more."""
    answerer = await Answerer.open(estate.trunk, Manners(ring=0.0))
    up, probing = await Caller.open(estate.sbc), await Caller.open(estate.sbc)
    try:
        yield up, probing
    finally:
        for party in (up, probing, answerer):
            await party.close()


async def _run(estate: Estate, callers: tuple[Caller, Caller], kind: Kind) -> Run:
    up, probing = callers
    before = await estate.api.element_when(lambda element: element["operational"] == "enabled")
    engine = Watch(before["pid"])
    calls = asyncio.create_task(_calls(up, kind))
    await asyncio.wait_for(up.until(lambda: up.up == kind.calls), 30)
    asked = time.monotonic()
    await estate.api.ask("POST", "/api/v1/actions/reset", {"gracefulTimeout": 1})
    answer = time.monotonic() - asked
    refusal, admitted = await _probed(probing)
    end = await engine.ended() - await calls
    started = (await estate.api.get("/v1/operations?element=sbc&limit=1"))["items"][0]
    operation = await estate.api.settled(started)
    assert operation["state"] == "succeeded", operation
    return Run(end, refusal, admitted, answer)


async def _calls(caller: Caller, kind: Kind) -> float:
    """Place the calls; when the last of them was over, on the monotonic clock."""
    failed = caller.tally.failed + caller.tally.refused
    await caller.offer(kind.calls, rate=200, hold=kind.hold)
    assert caller.tally.failed + caller.tally.refused == failed, caller.tally
    return time.monotonic()


async def _probed(caller: Caller) -> tuple[float, float]:
    """Offer calls; seconds to the first refusal, and to the offer of the last call that was admitted."""
    begun = time.monotonic()
    tasks = []
    for _ in range(PROBES):
        tasks.append(asyncio.create_task(_probe(caller, begun)))
        await asyncio.sleep(PROBE_EVERY)
    probes = await asyncio.gather(*tasks)
    admitted = [offered for offered, _, fate in probes if fate is not Fate.REFUSED]
    return min(answered for _, answered, fate in probes if fate is Fate.REFUSED), max(admitted, default=0.0)


async def _probe(caller: Caller, begun: float) -> tuple[float, float, Fate]:
    offered = time.monotonic() - begun
    fate = await caller.call(0.0)
    return offered, time.monotonic() - begun, fate


if __name__ == "__main__":
    show(PROMISE, measure)
