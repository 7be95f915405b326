"""Operation: from the request to its acknowledgement, against one commit of SQLite on the same disk.

The peer writes one row into a file beside the store, with a write-ahead log and synchronous=FULL, and commits it. What
is acknowledged is one unit of work as well: claim, audit record and event. It is asked for in two ways, in turns with
the peer: of the service, in this process, with the durable engine at work and a simulated engine behind the element;
and over HTTP, of the real server with the real proxy. The command is `commit`; every operation has settled before the
next is asked for, and both are asked for after the same pause.
"""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

import aiohttp
from tests.live.estate import Estate
from tests.live.server import PASSWORD

from bench.house import CALLER, ELEMENT, opened
from bench.outcome import Outcome, show
from busyout.domain.commands import Commit
from busyout.http.services import Services

PROMISE = "start of an operation, p50"
GOAL: Final = 8.0
"""Commits."""

ROUNDS: Final = 60
QUIET: Final = 0.03
"""Seconds before each measurement: the durable engine has written down that the last operation is over."""

Start = Callable[[], Awaitable[float]]
"""Starts an operation and lets it settle; returns the milliseconds until it was acknowledged."""


async def measure() -> Outcome:
    """Start operations, and commit in between."""
    with TemporaryDirectory(prefix="busyout-bench-") as name:
        home = Path(name)
        async with opened(home / "house") as services:
            service = await _compared(home / "peer-of-service.db", _of_service(services))
        async with Estate.of(home / "server", store=f"sqlite:///{home}/server/busyout.db") as estate, _client() as http:
            over_http = await _compared(home / "peer-of-http.db", _over_http(http, estate))
    ratios = [median(starts) / median(commits) for starts, commits in (service, over_http)]
    found = (
        f"{ratios[0]:.1f} commits of SQLite ({median(service[0]):.2f} ms against {median(service[1]):.2f} ms), "
        f"over HTTP {ratios[1]:.1f} ({median(over_http[0]):.2f} ms against {median(over_http[1]):.2f} ms)"
    )
    return Outcome(PROMISE, f"at most {GOAL:.0f}", max(ratios) <= GOAL, found)


async def _compared(file: Path, start: Start) -> tuple[list[float], list[float]]:
    """Milliseconds of each start, and of each commit."""
    with closing(_peer(file)) as peer:
        for _ in range(5):
            await start()
        starts: list[float] = []
        commits: list[float] = []
        for _ in range(ROUNDS):
            await asyncio.sleep(QUIET)
            commits.append(_commit(peer))
            await asyncio.sleep(QUIET)
            starts.append(await start())
    return starts, commits


def _peer(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")
    return connection


def _commit(connection: sqlite3.Connection) -> float:
    begun = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO row (text) VALUES (?)", ("x" * 200,))
    connection.execute("COMMIT")
    return 1000 * (time.perf_counter() - begun)


def _of_service(services: Services) -> Start:
    async def start() -> float:
        begun = time.perf_counter()
        operation = await services.operations.start(CALLER, ELEMENT, Commit())
        taken = 1000 * (time.perf_counter() - begun)
        await services.operations.wait_settled(operation.id)
        return taken

    return start


def _over_http(http: aiohttp.ClientSession, estate: Estate) -> Start:
    url = f"{estate.server.url}/v1/elements/sbc/operations"

    async def start() -> float:
        begun = time.perf_counter()
        async with http.post(url, json={"type": "commit"}) as answer:
            operation = await answer.json()
            taken = 1000 * (time.perf_counter() - begun)
            assert answer.status == 202, operation
        await estate.api.settled(operation)
        return taken

    return start


def _client() -> aiohttp.ClientSession:
    """A client that keeps its connection, as a script does."""
    return aiohttp.ClientSession(headers={"Authorization": aiohttp.encode_basic_auth("admin", PASSWORD)})


if __name__ == "__main__":
    show(PROMISE, measure)
