"""UCS: a file of customers is taken in while others work; nothing is promised about its rate.

Somebody makes a profile every 50 ms, and somebody else finds one every 20 ms: what they wait is told beside the rows
per second. The store has a unique key and one that is not, which is three entries for each row.
"""

import asyncio
import csv
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Final

import aiohttp
from tests.live.server import CONTEXT, Server

from bench.outcome import Outcome, show
from bench.processes import cpu_seconds, memory
from bench.ucs import AUTHORIZATION, profile

PROMISE = "UCS: a file of 100,000 customers"
ROWS: Final = 100_000
IMPORTS: Final = '[context]\nimport_directory = "{inbox}"\n'
NAMES: Final = {"name": "ByName", "attributes": ["LastName", "FirstName"]}
MAILS: Final = {"name": "ByMail", "attributes": ["EmailAddress"], "unique": True}


async def measure() -> Outcome:
    """Take in one file."""
    with TemporaryDirectory(prefix="busyout-bench-") as name:
        inbox = Path(name) / "inbox"
        inbox.mkdir()
        await asyncio.to_thread(_write, inbox / "people.csv")
        server = Server(Path(name) / "server", IMPORTS.format(inbox=inbox) + CONTEXT)
        try:
            await server.start()
            timeout = aiohttp.ClientTimeout(total=None)
            headers = {"Authorization": AUTHORIZATION}
            async with aiohttp.ClientSession(server.url, headers=headers, timeout=timeout) as http:
                return await _measured(server, http)
        finally:
            await server.stop()


async def _measured(server: Server, http: aiohttp.ClientSession) -> Outcome:
    assert server.process is not None
    await _post(http, "/server/mode", {"mode": "maintenance"})
    for key in (MAILS, NAMES):
        await _post(http, "/metadata/identification-keys", key)
    await _post(http, "/server/mode", {"mode": "production"})
    spent, begun = cpu_seconds(server.process.pid), time.perf_counter()
    importing = asyncio.create_task(_post(http, "/profiles/import", {"profiles": "people.csv"}))
    makes, finds = await asyncio.gather(
        _again_and_again(lambda number: _post(http, "/profiles", _other(number)), 0.05, importing),
        _again_and_again(lambda _: _find(http), 0.02, importing),
    )
    await importing
    seconds, spent = time.perf_counter() - begun, cpu_seconds(server.process.pid) - spent
    rate = f"{ROWS / seconds:,.0f} rows a second, processor {1e6 * spent / ROWS:.0f} µs a row with all others"
    made = f"a profile waited {1000 * max(makes):.0f} ms at most"
    found = f"finding one {1000 * quantiles(finds, n=100)[98]:.0f} ms at the 99th percentile"
    return Outcome(PROMISE, "", True, f"{rate}; {made}, {found}; resident {memory(server.process.pid)[0]:.0f} MB")


async def _again_and_again(
    work: Callable[[int], Awaitable[None]], every: float, until: "asyncio.Task[None]"
) -> list[float]:
    """Do some work until something else is done; the seconds that each took."""
    waits: list[float] = []
    while not until.done():
        begun = time.perf_counter()
        await work(len(waits))
        waits.append(time.perf_counter() - begun)
        await asyncio.sleep(every)
    return waits


async def _post(http: aiohttp.ClientSession, path: str, body: object) -> None:
    async with http.post(path, json=body) as answer:
        assert answer.status < 300, await answer.text()


async def _find(http: aiohttp.ClientSession) -> None:
    async with http.get("/profiles?EmailAddress=other.0@example.org") as answer:
        assert answer.status == 200, await answer.text()


def _other(number: int) -> dict[str, str]:
    """A profile that is in no file."""
    return {**profile(number), "EmailAddress": f"other.{number}@example.org"}


def _write(file: Path) -> None:
    with file.open("w", newline="") as lines:
        writer = csv.DictWriter(lines, profile(0))
        writer.writeheader()
        writer.writerows(profile(number) for number in range(ROWS))


if __name__ == "__main__":
    show(PROMISE, measure)
