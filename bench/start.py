"""Start: from the spawn of the server to the first 200 of `/readyz`.

The first start makes the store and the operator; later ones find both. Each time the engine is spawned as well, and the
answer is asked for every 50 ms. Seconds in which the server's main thread could have run, but other work had both
processors, are told apart and do not count; those of its other threads and of the engine do. The peer is a bare
interpreter that imports the libraries that the server stands on, in turns.
"""

import asyncio
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from tests.live.estate import ADDRESS, SETTINGS
from tests.live.server import Server
from tests.ports import free_port

from bench.outcome import Outcome, show, spread
from bench.processes import cpu_seconds, kept_waiting

PROMISE = "start to ready"
GOAL: Final = 3.0
"""Seconds."""

ROUNDS: Final = 4
LIBRARIES: Final = "import dbos, sqlalchemy, falcon, uvicorn, uvloop, msgspec, argon2"


@dataclass(frozen=True, slots=True)
class Start:
    """What one start took, in seconds."""

    wall: float
    waited: float
    """Time of the wall in which the main thread was kept from running by other work."""
    cpu: float
    """Processor time of all threads."""

    @property
    def own(self) -> float:
        """What it takes on a machine that has nothing else to do, or a little more."""
        return self.wall - self.waited


async def measure() -> Outcome:
    """Start again and again."""
    first: list[Start] = []
    later: list[Start] = []
    imports: list[float] = []
    for _ in range(ROUNDS):
        with TemporaryDirectory(prefix="busyout-bench-") as home:
            server = _server(Path(home))
            first.append(await _start(server))
            imports.append(await _imports())
            later.append(await _start(server))
    medians = [median(start.own for start in starts) for starts in (first, later)]
    found = (
        f"{max(medians) / GOAL:.2f} of {GOAL:.0f} s, {medians[1] / median(imports):.1f} times the import of its "
        f"libraries: first start {_told(first)}, later ones {_told(later)}, import {spread(imports)} s"
    )
    return Outcome(PROMISE, f"under {GOAL:.0f} s", max(medians) < GOAL, found)


def _told(starts: list[Start]) -> str:
    own, wall = spread([start.own for start in starts]), median(start.wall for start in starts)
    return f"{own} s ({wall:.2f} s on the wall, {median(start.cpu for start in starts):.2f} s of processor time)"


def _server(home: Path) -> Server:
    ports = {"sip": free_port(ADDRESS), "trunk": free_port(ADDRESS)}
    store = f"sqlite:///{home}/busyout.db"
    return Server(home, SETTINGS.format(store=store, address=ADDRESS, keep_alive="true", **ports))


async def _start(server: Server) -> Start:
    try:
        seconds = await server.start()
        assert server.process is not None
        return Start(seconds, kept_waiting(server.process.pid), cpu_seconds(server.process.pid))
    finally:
        await server.stop()


async def _imports() -> float:
    begun = time.monotonic()
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", LIBRARIES)
    assert await process.wait() == 0
    return time.monotonic() - begun


if __name__ == "__main__":
    show(PROMISE, measure)
