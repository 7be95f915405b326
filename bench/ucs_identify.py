"""UCS: to identify one of 1,000,000 customers by a key, against one read of its row by the primary key, over HTTP.

The peer (`bench.reader`) is a bare application on the same listener: it asks for no credentials, and a request is one
indexed read of SQLite. Both are asked for the same customers, in turns, over one connection each; the promise is about
the 99th percentile of the time to an answer.
"""

import asyncio
import http.client
import json
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import quote

from tests.live.server import until
from tests.ports import free_port

from bench.outcome import Outcome, show
from bench.ucs import AUTHORIZATION, house, id_of, phone, put_in

PROMISE = "UCS: identify one of 1,000,000 customers by a key, p99"
GOAL: Final = 3.0
"""Reads of the row."""

CUSTOMERS: Final = 1_000_000
REQUESTS: Final = 4000

Asked = Callable[[int], str]
"""The path by which a customer is asked for."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Seconds to each answer of the peer, and of ours."""

    theirs: list[float]
    ours: list[float]

    @property
    def ratio(self) -> float:
        """Of the times within which 99 of 100 requests are answered."""
        return _within(self.ours, 0.99) / _within(self.theirs, 0.99)

    def __str__(self) -> str:
        late = f"{_within(self.ours, 0.99):.0f} µs against {_within(self.theirs, 0.99):.0f} µs"
        usual = f"p50 {_within(self.ours, 0.5):.0f} µs against {_within(self.theirs, 0.5):.0f} µs"
        return f"{self.ratio:.2f} reads ({late}; {usual})"


def _within(times: list[float], part: float) -> float:
    """Microseconds within which that part of the requests is answered."""
    return sorted(times)[int(len(times) * part)] * 1e6


async def measure() -> Outcome:
    """Put the customers in, then ask for some of them."""
    with TemporaryDirectory(prefix="busyout-bench-") as name:
        async with house(Path(name)) as server:
            await put_in(server, CUSTOMERS)
            async with _reader(server.data / "busyout.db") as peer:
                ids = await asyncio.to_thread(_compared, server.port, peer, "")
                whole = await asyncio.to_thread(_compared, server.port, peer, "&include_profile=yes")
    found = f"{ids}; with the profile {whole}"
    return Outcome(PROMISE, f"at most {GOAL:.0f}", max(ids.ratio, whole.ratio) <= GOAL, found)


def _compared(ours: int, peer: int, more: str) -> Comparison:
    """Ask in turns."""
    draw = Random(4)
    took = Comparison([], [])
    with closing(_connected(peer)) as theirs, closing(_connected(ours)) as own:
        for round in range(REQUESTS):
            number = draw.randrange(CUSTOMERS)
            read = _asked(theirs, f"/{id_of(number)}", phone(number))
            path = f"/profiles?PhoneNumber={quote(phone(number))}&id_key=ByPhone{more}"
            identified = _asked(own, path, id_of(number))
            if round >= REQUESTS // 10:
                took.theirs.append(read)
                took.ours.append(identified)
    return took


def _connected(port: int) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.connect()
    return connection


def _asked(connection: http.client.HTTPConnection, path: str, expected: str) -> float:
    """Seconds to the answer, in which something has to be."""
    begun = time.perf_counter()
    connection.request("GET", path, headers={"Authorization": AUTHORIZATION})
    answer = connection.getresponse()
    body = answer.read()
    taken = time.perf_counter() - begun
    assert answer.status == 200 and expected in json.dumps(json.loads(body)), body
    return taken


@asynccontextmanager
async def _reader(file: Path) -> AsyncIterator[int]:
    """The port of the peer."""
    port = free_port()
    words = (sys.executable, "-m", "bench.reader", f"127.0.0.1:{port}", str(file))
    process = await asyncio.create_subprocess_exec(*words)
    try:
        await until(lambda: _listens(port))
        yield port
    finally:
        process.terminate()
        await process.wait()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionError:
        return False
    writer.close()
    return True


if __name__ == "__main__":
    show(PROMISE, measure)
