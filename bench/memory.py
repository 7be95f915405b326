"""Memory: resident set of the idle server, a while after it was ready and had carried out its first operations.

The engine is a process of its own and is stated apart. Proportional sets count what processes share, such as the
interpreter, only once. The peer is an interpreter that has imported the libraries that the server stands on.
"""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.live.estate import Estate

from bench.outcome import Outcome, show
from bench.processes import memory
from bench.start import LIBRARIES

PROMISE = "memory of the idle server"
GOAL: Final = 160.0
"""MB of 1,000,000 bytes."""

COMMANDS: Final = ({"type": "commit"}, {"type": "restart", "policy": {"type": "until_idle"}})

SETTLING: Final = 4.0
"""Seconds after which nothing is left of the start."""


async def measure() -> Outcome:
    """Start, save the configuration, restart the engine, wait, look."""
    with TemporaryDirectory(prefix="busyout-bench-") as home:
        async with Estate.of(Path(home), store=f"sqlite:///{home}/busyout.db") as estate:
            for command in COMMANDS:
                started = await estate.api.command(**command)
                assert (await estate.api.settled(started))["state"] == "succeeded"
            await asyncio.sleep(SETTLING)
            assert estate.server.process is not None
            server = memory(estate.server.process.pid)
            engine = memory((await estate.api.element())["pid"])
    libraries = await _libraries()
    found = (
        f"{server[0] / GOAL:.2f} of {GOAL:.0f} MB, {server[0] / libraries[0]:.1f} times its libraries alone: resident "
        f"{server[0]:.0f} MB, proportional {server[1]:.0f} MB; the engine's process apart, {engine[0]:.0f} and "
        f"{engine[1]:.0f} MB; the libraries {libraries[0]:.0f} MB"
    )
    return Outcome(PROMISE, f"under {GOAL:.0f} MB", server[0] < GOAL, found)


async def _libraries() -> tuple[float, float]:
    """The same of an interpreter that has imported the libraries and waits."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", f"{LIBRARIES}; print(flush=True); input()"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    await process.stdout.readline()
    sizes = memory(process.pid)
    await process.communicate(b"\n")
    return sizes


if __name__ == "__main__":
    show(PROMISE, measure)
