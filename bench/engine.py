"""Engine: calls per second of an engine that Busyout manages against the same engine alone.

SIPp places calls at a steady rate; every second the server is halted, or let go on, so that the engine is looked at in
one second and alone in the next. It is the same process in both, for two processes of one program already differ by a
few percent. Every call must be carried to its end.

The engine is one thread: it is at its limit when it uses a processor whole. What management takes of every second, it
takes from the calls, so the limit falls to one minus that share; the engine need not be driven to its limit for this,
where the number of calls says more of what else the machine does. Management takes its share by the second and not by
the call: looks ask for numbers that the engine keeps. Beside it stands the ratio of processor time at the rate itself,
which is that of an engine with much less to do. A server that goes on again makes up for the looks that it has missed,
so a managed second costs rather too much than too little.
"""

import asyncio
import os
import signal
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from tests.live.estate import Estate
from tests.live.sipp import SIPP

from bench.outcome import CannotMeasure, Outcome, show, spread
from bench.processes import cpu_seconds

PROMISE = "calls per second of the engine"
GOAL: Final = 0.97
PAIRS: Final = 22
SLICE: Final = 1.0
"""Seconds between two changes."""

RATE: Final = 300
"""Calls per second: so few that SIPp and the engine are never late."""

HOLD: Final = 0.3
"""Seconds for which a call is held."""

WARM_UP: Final = 2.0
"""Seconds until the rate is steady."""


async def measure() -> Outcome:
    """Call through it, managed and alone in turns."""
    if SIPP is None:
        raise CannotMeasure("needs SIPp (Debian: sip-tester), which is not installed")
    with TemporaryDirectory(prefix="busyout-bench-") as home:
        async with Estate.of(Path(home), store=f"sqlite:///{home}/busyout.db") as estate:
            await estate.answerer()
            engine = (await estate.api.element())["pid"]
            calls = round(RATE * (WARM_UP + (2 * PAIRS + 1) * SLICE))
            caller = await estate.caller(calls=calls, rate=RATE, hold=HOLD)
            await asyncio.sleep(WARM_UP)
            pairs = [await _pair(estate, engine, first=number % 2 == 0) for number in range(PAIRS)]
            tally = await caller.finished()
    assert (tally.completed, tally.failed) == (calls, 0), tally
    return _outcome(pairs)


def _outcome(pairs: list[tuple[float, float]]) -> Outcome:
    limits = [1 - (managed - alone) for managed, alone in pairs]
    managed, alone = (median(costs) for costs in zip(*pairs, strict=True))
    found = (
        f"{spread(limits, '.3f')} of the engine alone; at {RATE} calls per second "
        f"{1000 * managed:.0f} ms of processor time a second against {1000 * alone:.0f} ms, {alone / managed:.3f}"
    )
    return Outcome(PROMISE, f"at least {GOAL}", median(limits) >= GOAL, found)


async def _pair(estate: Estate, engine: int, *, first: bool) -> tuple[float, float]:
    """Processor time per second of the engine, managed and alone; `first` says whether managed comes first."""
    if first:
        managed = await _slice(engine)
        return managed, await _alone(estate, engine)
    alone = await _alone(estate, engine)
    return await _slice(engine), alone


async def _alone(estate: Estate, engine: int) -> float:
    """Processor time per second while the server is halted."""
    assert estate.server.process is not None
    os.kill(estate.server.process.pid, signal.SIGSTOP)
    try:
        return await _slice(engine)
    finally:
        os.kill(estate.server.process.pid, signal.SIGCONT)


async def _slice(engine: int) -> float:
    """Processor time per second of a process from now on."""
    begun, before = time.monotonic(), cpu_seconds(engine)
    await asyncio.sleep(SLICE)
    spent = cpu_seconds(engine) - before
    return spent / (time.monotonic() - begun)


if __name__ == "__main__":
    show(PROMISE, measure)
