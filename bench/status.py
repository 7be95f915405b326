"""HTTP: an authenticated `GET /api/v1/status` against a bare ASGI application behind the same listener.

The peer (`bench.bare`) answers every request with the same bytes and headers and does nothing else: it asks for no
credentials and looks at no path. Both are asked by wrk over 64 connections, in turns; the promise is about requests per
second, whose ratio is taken in each round. Processor time per request is beside it, because other work on the machine
does not change that much.
"""

import asyncio
import re
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import aiohttp
from tests.live.estate import Estate
from tests.live.server import PASSWORD, until
from tests.ports import free_port

from bench.outcome import CannotMeasure, Outcome, show, spread
from bench.processes import cpu_seconds

PROMISE = "GET /api/v1/status, 64 connections"
GOAL = 0.6
ROUNDS = 15
SECONDS = 1
"""Length of one turn."""

AUTHORIZATION = aiohttp.encode_basic_auth("admin", PASSWORD)


@dataclass(frozen=True, slots=True)
class Target:
    """Something to ask."""

    url: str
    pid: int


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn of wrk has shown."""

    rate: float
    """Requests per second."""
    cpu: float
    """Processor time of the server per request, in microseconds."""


async def measure() -> Outcome:
    """Ask both in turns."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise CannotMeasure("needs wrk (Debian: wrk), which is not installed")
    with TemporaryDirectory(prefix="busyout-bench-") as home:
        async with Estate.of(Path(home), store=f"sqlite:///{home}/busyout.db") as estate:
            assert estate.server.process is not None
            ours = Target(f"{estate.server.url}/api/v1/status", estate.server.process.pid)
            async with bare(await _body(ours)) as theirs:
                await _turn(wrk, theirs), await _turn(wrk, ours)
                rounds = [(await _turn(wrk, theirs), await _turn(wrk, ours)) for _ in range(ROUNDS)]
    return _outcome(rounds)


def _outcome(rounds: list[tuple[Turn, Turn]]) -> Outcome:
    ratios = [ours.rate / theirs.rate for theirs, ours in rounds]
    costs = [theirs.cpu / ours.cpu for theirs, ours in rounds]
    rates = [median(turn.rate for turn in turns) for turns in zip(*rounds, strict=True)]
    cpus = [median(turn.cpu for turn in turns) for turns in zip(*rounds, strict=True)]
    found = (
        f"{spread(ratios)} of a bare application; {rates[1]:,.0f}/s against {rates[0]:,.0f}/s; "
        f"processor {cpus[1]:.0f} µs against {cpus[0]:.0f} µs a request, {median(costs):.2f}"
    )
    return Outcome(PROMISE, f"at least {GOAL}", median(ratios) >= GOAL, found)


@asynccontextmanager
async def bare(body: bytes, *headers: str) -> AsyncIterator[Target]:
    """A process that answers everything with these bytes and headers (`NAME=VALUE`; none for those of most answers)."""
    address = f"127.0.0.1:{free_port()}"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.bare", address, *headers), stdin=asyncio.subprocess.PIPE
    )
    try:
        _give(process, body)
        target = Target(f"http://{address}/api/v1/status", process.pid)
        await until(lambda: _answers(target))
        yield target
    finally:
        process.terminate()
        await process.wait()


def _give(process: asyncio.subprocess.Process, body: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(body)
    process.stdin.close()


async def _answers(target: Target) -> bool:
    try:
        return bool(await _body(target))
    except aiohttp.ClientConnectionError:
        return False


async def _body(target: Target) -> bytes:
    async with aiohttp.ClientSession(headers={"Authorization": AUTHORIZATION}) as http, http.get(target.url) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.read()


async def _turn(wrk: str, target: Target) -> Turn:
    before = cpu_seconds(target.pid)
    words = [wrk, "-t1", "-c64", f"-d{SECONDS}s", "-H", f"Authorization: {AUTHORIZATION}", target.url]
    process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
    told = (await process.communicate())[0].decode()
    spent = cpu_seconds(target.pid) - before
    count, rate = re.search(r"(\d+) requests in", told), re.search(r"Requests/sec: +([\d.]+)", told)
    assert count and rate and "Non-2xx" not in told and "Socket errors" not in told, told
    return Turn(float(rate[1]), 1e6 * spent / int(count[1]))


if __name__ == "__main__":
    show(PROMISE, measure)
