"""Gate: processor time that it adds to a request, in and out, against an empty context manager in its place.

In this process, without HTTP, with 500 other requests in. A request that is refused is told as well.
"""

import time
from contextlib import AbstractContextManager, ExitStack
from statistics import median
from types import TracebackType
from typing import Final

from bench.outcome import Outcome, show
from busyout.domain.context.errors import ModeNotAllowed
from busyout.domain.mode import Mode, ModeRow, RequestClass
from busyout.server.clock import SystemClock
from busyout.services.gate import Gate

PROMISE = "the gate, in and out"
GOAL: Final = 20.0
"""Microseconds."""

REQUESTS: Final = 20_000
ROUNDS: Final = 9
OTHERS: Final = 500


class Nothing:
    """An empty context manager."""

    __slots__ = ()

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


async def measure() -> Outcome:
    """Pass the gate and its peer in turns."""
    gate = Gate(SystemClock())
    gate.apply(ModeRow(mode=Mode.PRODUCTION, generation=1))
    with ExitStack() as others:
        for _ in range(OTHERS):
            others.enter_context(gate.enter(RequestClass.DATA))
        rounds = [(_passed(gate), _peer(), _refused(gate)) for _ in range(ROUNDS)]
    passed, peer, refused = (1e6 * median(times) for times in zip(*rounds, strict=True))
    found = (
        f"{passed / peer:.1f} times an empty context manager ({passed:.2f} µs against {peer:.2f} µs), "
        f"refused {refused:.2f} µs"
    )
    return Outcome(PROMISE, f"under {GOAL:.0f} µs", passed < GOAL, found)


def _passed(gate: Gate) -> float:
    """Processor seconds of one request that is let in and leaves."""
    begun = time.process_time()
    for _ in range(REQUESTS):
        with gate.enter(RequestClass.DATA):
            pass
    return (time.process_time() - begun) / REQUESTS


def _peer() -> float:
    begun = time.process_time()
    for _ in range(REQUESTS):
        with _nothing():
            pass
    return (time.process_time() - begun) / REQUESTS


def _nothing() -> AbstractContextManager[None]:
    return Nothing()


def _refused(gate: Gate) -> float:
    begun = time.process_time()
    for _ in range(REQUESTS):
        try:
            gate.check(RequestClass.SCHEMA)
        except ModeNotAllowed:
            continue
    return (time.process_time() - begun) / REQUESTS


if __name__ == "__main__":
    show(PROMISE, measure)
