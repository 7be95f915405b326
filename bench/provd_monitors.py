"""provd: the memory that 1,000 finished monitors cost which nobody deletes.

An update is held back while it is asked for a thousand times, so that each request opens a monitor of it. The first two
thousand are not counted: they are deleted before the measurement, which leaves what their requests have left behind.
"""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.outcome import Outcome, show
from bench.processes import memory
from bench.provd import INSTALL, House, house

PROMISE = "provd: memory of 1,000 finished monitors"
GOAL: Final = 1.0
"""MB of 1,000,000 bytes."""

COUNT: Final = 1000
SETTLING: Final = 2.0


async def measure() -> Outcome:
    """Open, finish, look."""
    with TemporaryDirectory(prefix="busyout-bench-") as home:
        async with house(Path(home)) as made:
            for _ in range(2):
                for location in await _opened(made):
                    await made.ask("DELETE", location)
            before = await _resident(made)
            locations = await _opened(made)
            after = await _resident(made)
            for location in (locations[0], locations[-1]):
                await made.ask("GET", location)
    cost = after - before
    found = f"{max(cost, 0.0) / GOAL:.2f} of {GOAL:.0f} MB: {cost:+.2f} MB at {before:.0f} MB resident"
    return Outcome(PROMISE, f"under {GOAL:.0f} MB", cost < GOAL, f"{found}; the incumbent's recorded 400 cost 1.0 MB")


async def _opened(made: House) -> list[str]:
    """A thousand monitors of an update that has ended."""
    released = made.repository.hold("plugins.db")
    answers = [await made.ask("POST", f"{INSTALL}/update", {}) for _ in range(COUNT)]
    released.set()
    locations = [answer.headers["location"] for answer in answers]
    await made.ask("GET", locations[-1], Prefer="wait=30")
    return locations


async def _resident(made: House) -> float:
    """Resident set of the server, in MB of 1,000,000 bytes, when it has come to rest."""
    await asyncio.sleep(SETTLING)
    assert made.server.process is not None
    return memory(made.server.process.pid)[0]


if __name__ == "__main__":
    show(PROMISE, measure)
