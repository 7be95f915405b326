"""What every durable engine must do: the promises of `ports/operations.py`, as checks.

A test module supplies `make` and one test that is parametrised with `CHECKS`, or calls `check_durable_operations`.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

from busyout.ports.operations import DurableOperations

Make = Callable[[], DurableOperations]
"""An engine that is not open yet, with a history of its own."""

STEPS = 3
PATIENCE = 60.0
"""Seconds after which something that must happen has not happened."""


class Work:
    """Operations of `STEPS` steps each, and what an engine did with them."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self.interrupted: list[str] = []
        self.errors: dict[str, int] = {}
        """How many calls fail before one succeeds, by operation."""
        self.held: set[str] = set()
        """Operations whose last step does not end."""
        self.most_at_once: Counter[str] = Counter()
        self.loops: set[asyncio.AbstractEventLoop] = set()
        self._running: Counter[str] = Counter()

    async def advance(self, operation: str) -> bool:
        """One step, as the services do it: the truth about what is done is here, not in the engine."""
        self.loops.add(asyncio.get_running_loop())
        self.calls[operation] += 1
        self._running[operation] += 1
        self.most_at_once[operation] = max(self.most_at_once[operation], self._running[operation])
        try:
            return await self._step(operation)
        except asyncio.CancelledError:
            self.interrupted.append(operation)
            raise
        finally:
            self._running[operation] -= 1

    async def _step(self, operation: str) -> bool:
        await asyncio.sleep(0)
        if self.errors.get(operation, 0) > 0:
            self.errors[operation] -= 1
            raise RuntimeError("the store is away")
        if operation in self.held and self.done[operation] == STEPS - 1:
            await asyncio.Event().wait()
        if self.done[operation] < STEPS:
            self.done[operation] += 1
        return self.done[operation] >= STEPS

    async def wait_settled(self, *operations: str) -> None:
        """Return when every step of the operations is done."""
        await wait_until(lambda: all(self.done[operation] >= STEPS for operation in operations))

    async def wait_held(self, operation: str) -> None:
        """Return when an operation is in the midst of its last step."""
        await wait_until(lambda: self._running[operation] == 1 and self.done[operation] == STEPS - 1)


async def wait_until(condition: Callable[[], bool]) -> None:
    """Return when the condition holds; fail after `PATIENCE`."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.01)


async def carries_each_to_its_end_and_no_further(operations: DurableOperations) -> None:
    work = Work()
    await operations.open(work.advance)
    for operation in ("one", "two", "three"):
        await operations.start(operation)
    await work.wait_settled("one", "two", "three")
    await operations.close()
    assert work.calls == {"one": STEPS, "two": STEPS, "three": STEPS}


async def runs_several_operations_side_by_side(operations: DurableOperations) -> None:
    work = Work()
    work.held = {"slow"}
    await operations.open(work.advance)
    await operations.start("slow")
    await work.wait_held("slow")
    await operations.start("quick")
    await work.wait_settled("quick")
    await operations.close()


async def runs_an_operation_once_however_often_it_is_started(operations: DurableOperations) -> None:
    work = Work()
    work.held = {"one"}
    await operations.open(work.advance)
    await asyncio.gather(*(operations.start("one") for _ in range(500)))
    await work.wait_held("one")
    await asyncio.gather(*(operations.start("one") for _ in range(500)))
    await operations.start("two")
    await work.wait_settled("two")
    await operations.close()
    assert work.calls["one"] == STEPS
    assert work.most_at_once["one"] == 1


async def calls_again_after_an_error(operations: DurableOperations) -> None:
    work = Work()
    work.errors = {"one": 2}
    await operations.open(work.advance)
    await operations.start("one")
    await work.wait_settled("one")
    await operations.close()
    assert work.calls["one"] == STEPS + 2


async def interrupts_a_step_to_close_and_goes_on_after_the_next_open(operations: DurableOperations) -> None:
    work = Work()
    work.held = {"one"}
    await operations.open(work.advance)
    await operations.start("one")
    await work.wait_held("one")
    await operations.close()
    assert work.interrupted == ["one"]
    assert work.calls["one"] == STEPS
    work.held = set()
    await operations.open(work.advance)
    await work.wait_settled("one")
    await operations.close()
    assert work.calls["one"] == STEPS + 1
    assert work.loops == {asyncio.get_running_loop()}


async def carries_what_was_started_before_it_was_open(operations: DurableOperations) -> None:
    work = Work()
    await operations.start("early")
    await operations.open(work.advance)
    await work.wait_settled("early")
    await operations.close()


async def forgets_settled_operations_and_those_it_never_knew(operations: DurableOperations) -> None:
    work = Work()
    await operations.open(work.advance)
    await operations.start("one")
    await work.wait_settled("one")
    await operations.forget(("one", "never known"))
    await operations.forget(("one", "never known"))
    await operations.close()
    await operations.close()


CHECKS: tuple[Callable[[DurableOperations], Awaitable[None]], ...] = (
    carries_each_to_its_end_and_no_further,
    runs_several_operations_side_by_side,
    runs_an_operation_once_however_often_it_is_started,
    calls_again_after_an_error,
    interrupts_a_step_to_close_and_goes_on_after_the_next_open,
    carries_what_was_started_before_it_was_open,
    forgets_settled_operations_and_those_it_never_knew,
)


async def check_durable_operations(make: Make) -> None:
    """Run every check, each on an engine of its own."""
    for check in CHECKS:
        await check(make())
