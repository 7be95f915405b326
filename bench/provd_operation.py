"""provd: an operation in progress that has ended, against a bare application that answers with the same bytes."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.outcome import Outcome, show
from bench.provd import INSTALL, compared, house

PROMISE = "provd: operation in progress, 64 connections"
GOAL: Final = 0.5
RECORDED: Final = 4545.0
"""Requests per second of the incumbent."""


async def measure() -> Outcome:
    """Finish an update, then ask for it."""
    with TemporaryDirectory(prefix="busyout-bench-") as home:
        async with house(Path(home)) as made:
            seen = await compared(made, await made.done(f"{INSTALL}/update", {}))
    found = f"{seen}; {seen.rate / RECORDED:.1f} times the incumbent's recorded {RECORDED:,.0f}/s"
    return Outcome(PROMISE, f"at least {GOAL}", seen.ratio >= GOAL, found)


if __name__ == "__main__":
    show(PROMISE, measure)
