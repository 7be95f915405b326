"""UCS: profiles made over HTTP, 64 at once, against the store alone with as many at once.

Each is durable when it is answered. The peer hands the same customers to a store, in a process that does nothing else:
64 tasks, each of which waits for its commit before it goes on; what comes together is committed together there as well.
Both stores have the same key, which is unique. wrk makes the profiles over HTTP; both take turns. Processor time for
each is beside the rates, because other work on the machine does not change that much.
"""

import asyncio
import json
import re
import shutil
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from tests.live.server import Server

from bench.outcome import CannotMeasure, Outcome, show, spread
from bench.processes import cpu_seconds
from bench.ucs import AUTHORIZATION, house, profile

PROMISE = "UCS: create profiles, 64 at once"
GOAL: Final = 0.5
ROUNDS: Final = 7
SECONDS: Final = 2

Turn = tuple[float, float]
"""Profiles per second, and microseconds of processor time for each."""

SCRIPT: Final = """
wrk.method = "POST"
local body = '%s'
local count = tonumber(os.getenv("FIRST"))
request = function()
  count = count + 1
  return wrk.format(nil, nil, nil, (string.gsub(body, "NUMBER", tostring(count))))
end
"""
"""Makes the body of each request."""


async def measure() -> Outcome:
    """Make profiles in turns."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise CannotMeasure("needs wrk (Debian: wrk), which is not installed")
    with TemporaryDirectory(prefix="busyout-bench-") as name:
        home = Path(name)
        (home / "peer").mkdir()
        (home / "create.lua").write_text(SCRIPT % _body(), "utf-8")
        async with house(home / "server") as server:
            await _over_http(wrk, server, 0)
            rounds = [await _turns(wrk, server, home / "peer", number) for number in range(1, ROUNDS + 1)]
    ratios = [ours[0] / theirs[0] for theirs, ours in rounds]
    theirs, ours = ([median(part) for part in zip(*side, strict=True)] for side in zip(*rounds, strict=True))
    rates = f"{ours[0]:,.0f}/s against {theirs[0]:,.0f}/s"
    cpu = f"processor {ours[1]:.0f} µs against {theirs[1]:.0f} µs a profile"
    found = f"{spread(ratios)} of the store's own rate; {rates}; {cpu}"
    return Outcome(PROMISE, f"at least {GOAL}", median(ratios) >= GOAL, found)


async def _turns(wrk: str, server: Server, peer: Path, number: int) -> tuple[Turn, Turn]:
    """One of the peer, one of ours."""
    return await _by_the_store(peer, number), await _over_http(wrk, server, number)


def _body() -> str:
    """A profile whose number is still to come."""
    return (
        json.dumps(profile(0))
        .replace("Example 0", "Example NUMBER")
        .replace("ann.0", "ann.NUMBER")
        .replace("+4930100000000", "+49301NUMBER")
    )


async def _over_http(wrk: str, server: Server, turn: int) -> Turn:
    """Make profiles by requests."""
    assert server.process is not None
    before = cpu_seconds(server.process.pid)
    process = await asyncio.create_subprocess_exec(
        *(wrk, "-t1", "-c64", f"-d{SECONDS}s", "-s", str(server.home.parent / "create.lua")),
        *("-H", f"Authorization: {AUTHORIZATION}", "-H", "Content-Type: application/json", f"{server.url}/profiles"),
        stdout=asyncio.subprocess.PIPE,
        env={"FIRST": str(turn * 1_000_000)},
    )
    told = (await process.communicate())[0].decode()
    spent = cpu_seconds(server.process.pid) - before
    count, rate = re.search(r"(\d+) requests in", told), re.search(r"Requests/sec: +([\d.]+)", told)
    assert count and rate and "Non-2xx" not in told and "Socket errors" not in told, told
    return float(rate[1]), 1e6 * spent / int(count[1])


async def _by_the_store(home: Path, turn: int) -> Turn:
    """Hand customers to the store."""
    words = (sys.executable, "-m", "bench.ucs_store", str(home), str(turn), str(SECONDS))
    process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
    told = (await process.communicate())[0]
    assert process.returncode == 0
    rate, cpu = map(float, told.split())
    return rate, cpu


if __name__ == "__main__":
    show(PROMISE, measure)
