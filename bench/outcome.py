"""What a script has found out, and how it is told: one line, and an exit code."""

import asyncio
import io
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from statistics import median
from typing import Final

MET: Final = 0
MISSED: Final = 1
SKIPPED: Final = 77
"""Exit codes of a script."""

LONGEST: Final = 150.0
"""Seconds after which a script is given up."""


class CannotMeasure(Exception):
    """Something that the measurement needs is not there; the message names it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A promise and what came of it."""

    promise: str
    goal: str
    """Empty where nothing is promised."""
    met: bool
    found: str
    """The ratio first, then the numbers it was made of."""

    def __str__(self) -> str:
        if not self.goal:
            return f"told    {self.promise}: {self.found}"
        return f"{'met   ' if self.met else 'MISSED'}  {self.promise}: {self.found} [goal: {self.goal}]"


def show(promise: str, measure: Callable[[], Awaitable[Outcome]]) -> None:
    """Measure, print the line, and end the process with the exit code."""
    sys.exit(asyncio.run(_shown(promise, measure)))


async def _shown(promise: str, measure: Callable[[], Awaitable[Outcome]]) -> int:
    try:
        outcome = await _measured(measure)
    except CannotMeasure as reason:
        print(f"skipped {promise}: {reason}", flush=True)
        return SKIPPED
    except TimeoutError:
        print(f"MISSED  {promise}: not measured within {LONGEST:.0f} s", flush=True)
        return MISSED
    print(outcome, flush=True)
    return MET if outcome.met else MISSED


async def _measured(measure: Callable[[], Awaitable[Outcome]]) -> Outcome:
    """Measure; what is printed meanwhile, such as the end of a server's log, is shown only if that goes wrong."""
    aside, outcome = io.StringIO(), None
    try:
        with redirect_stdout(aside):
            async with asyncio.timeout(LONGEST):
                outcome = await measure()
    finally:
        if outcome is None:
            sys.stderr.write(aside.getvalue())
    return outcome


def spread(values: Sequence[float], form: str = ".2f") -> str:
    """The median, and in brackets the least and the greatest."""
    return f"{median(values):{form}} ({min(values):{form}} to {max(values):{form}})"
