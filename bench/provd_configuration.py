"""provd: the list of parameters, against a bare application that answers with the same bytes."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.outcome import Outcome, show
from bench.provd import compared, house

PROMISE = "provd: configuration, 64 connections"
GOAL: Final = 0.5
RECORDED: Final = 4416.0
"""Requests per second of the incumbent."""


async def measure() -> Outcome:
    """Ask for it."""
    with TemporaryDirectory(prefix="busyout-bench-") as home:
        async with house(Path(home)) as made:
            seen = await compared(made, "/provd/configure")
    found = f"{seen}; {seen.rate / RECORDED:.1f} times the incumbent's recorded {RECORDED:,.0f}/s"
    return Outcome(PROMISE, f"at least {GOAL}", seen.ratio >= GOAL, found)


if __name__ == "__main__":
    show(PROMISE, measure)
