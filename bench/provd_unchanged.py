"""provd: the same list for those who have it (If-None-Match, 304), against the recorded rate of the incumbent."""

from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from bench.outcome import Outcome, show, spread
from bench.provd import INSTALL, ROUNDS, house, listed, turn

PROMISE = "provd: the list for those who have it, 64 connections"
GOAL: Final = 20.0
RECORDED: Final = 310.0
"""Requests per second of the incumbent's list, the best of its rows."""


async def measure() -> Outcome:
    """Bring the index, then ask with its tag."""
    with TemporaryDirectory(prefix="busyout-bench-") as home:
        async with house(Path(home)) as made:
            made.repository.plugins.publish(listed())
            await made.done(f"{INSTALL}/update", {})
            tag = (await made.ask("GET", f"{INSTALL}/installable")).headers["etag"]
            target, header = made.target(f"{INSTALL}/installable"), f"If-None-Match: {tag}"
            await turn(target, header)
            rates = [(await turn(target, header)).rate for _ in range(ROUNDS)]
    ratios = [rate / RECORDED for rate in rates]
    found = f"{spread(ratios, '.0f')} times; {median(rates):,.0f}/s against a recorded {RECORDED:.0f}/s"
    return Outcome(PROMISE, f"at least {GOAL:.0f} times", median(ratios) >= GOAL, found)


if __name__ == "__main__":
    show(PROMISE, measure)
