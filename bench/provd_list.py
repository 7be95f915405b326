"""provd: the list of 114 installable plug-ins, 170 kB, against a bare application that answers with the same bytes."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.outcome import Outcome, show
from bench.provd import INSTALL, compared, house, listed

PROMISE = "provd: list of 114 plug-ins, 64 connections"
GOAL: Final = 0.3
RECORDED: Final = 296.0
"""Requests per second of the incumbent."""


async def measure() -> Outcome:
    """Bring the index, then ask for the list."""
    with TemporaryDirectory(prefix="busyout-bench-") as home:
        async with house(Path(home)) as made:
            made.repository.plugins.publish(listed())
            await made.done(f"{INSTALL}/update", {})
            size = len((await made.ask("GET", f"{INSTALL}/installable")).body)
            seen = await compared(made, f"{INSTALL}/installable")
    found = f"{seen}; {size:,} bytes; the incumbent's recorded rate is {RECORDED:.0f}/s"
    return Outcome(PROMISE, f"at least {GOAL}", seen.ratio >= GOAL, found)


if __name__ == "__main__":
    show(PROMISE, measure)
