"""Events: what it costs that 60 read along, nearly as many as may, against one reader. Nothing is promised.

In this process, without HTTP: an event is stored, and every reader has got it; or it is progress, which is not stored.
What is told is the processor time of one event, all readers together, and how that grows from one reader to many.
"""

import asyncio
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from bench.house import opened
from bench.outcome import Outcome, show
from busyout.services.events import Events

PROMISE = "an event with 60 readers"
READERS: Final = 60
EVENTS: Final = 20
ROUNDS: Final = 5


async def measure() -> Outcome:
    """Tell one reader and many, in turns."""
    with TemporaryDirectory(prefix="busyout-bench-") as home:
        async with opened(Path(home) / "house") as services:
            events = services.events
            stored = [
                (await _told(events, 1, stored=True), await _told(events, READERS, stored=True)) for _ in range(ROUNDS)
            ]
            passing = [
                (await _told(events, 1, stored=False), await _told(events, READERS, stored=False))
                for _ in range(ROUNDS)
            ]
    return Outcome(PROMISE, "", True, f"{_compared('stored', stored)}; {_compared('progress', passing)}")


def _compared(name: str, rounds: list[tuple[float, float]]) -> str:
    one, many = (1e6 * median(costs) for costs in zip(*rounds, strict=True))
    return f"{name}, {many / one:.1f} times one reader's ({many:,.0f} µs against {one:,.0f} µs)"


async def _told(events: Events, readers: int, *, stored: bool) -> float:
    """Processor seconds of this process for one event."""
    heard = asyncio.Semaphore(0)

    async def read(name: str) -> None:
        async for _ in events.stream(name, after=None):
            heard.release()

    async with asyncio.TaskGroup() as group:
        reading = [group.create_task(read(f"reader {number}")) for number in range(readers)]
        await asyncio.sleep(0.05)
        begun = time.process_time()
        for _ in range(EVENTS):
            await _tell(events, stored=stored)
            for _ in range(readers):
                await heard.acquire()
        spent = time.process_time() - begun
        for task in reading:
            task.cancel()
    return spent / EVENTS


async def _tell(events: Events, *, stored: bool) -> None:
    event = events.new("bench.told")
    if stored:
        await events.append(event)
    else:
        events.publish((event,))


if __name__ == "__main__":
    show(PROMISE, measure)
