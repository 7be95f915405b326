"""Operations carried by plain tasks, for tests of the services that need no crash: quick, and forgotten at the end."""

import asyncio

from busyout.durable.attempt import end, failure_of, pauses
from busyout.ports.operations import Advance


class InlineOperations:
    """The durable engine's protocol without the durability: it lives as long as the object."""

    def __init__(self) -> None:
        self._advance: Advance | None = None
        self._unsettled: dict[str, None] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def open(self, advance: Advance) -> None:
        """Begin to work, and go on with what was interrupted."""
        self._advance = advance
        for operation in self._unsettled:
            self._begin(operation, advance)

    async def start(self, operation: str, *, new: bool = False) -> None:
        """Carry an operation to its end. Idempotent, also where it is said to be `new`."""
        self._unsettled[operation] = None
        if self._advance is not None:
            self._begin(operation, self._advance)

    async def forget(self, operations: tuple[str, ...]) -> None:
        """Nothing is kept of settled operations."""

    async def close(self) -> None:
        """Stop working; what is not settled goes on at the next `open` of this object."""
        self._advance = None
        for task in tuple(self._tasks.values()):
            await end(task)

    def _begin(self, operation: str, advance: Advance) -> None:
        if operation not in self._tasks:
            task = asyncio.create_task(self._carry(operation, advance))
            self._tasks[operation] = task
            task.add_done_callback(lambda _: self._tasks.pop(operation, None))

    async def _carry(self, operation: str, advance: Advance) -> None:
        for pause in pauses():
            if await failure_of(_advance_to_end(operation, advance)) is None:
                self._unsettled.pop(operation, None)
                return
            await asyncio.sleep(pause)


async def _advance_to_end(operation: str, advance: Advance) -> None:
    while not await advance(operation):
        await asyncio.sleep(0)
