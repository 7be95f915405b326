"""The durable engine that carries an operation over crashes."""

from collections.abc import Awaitable, Callable
from typing import Protocol

Advance = Callable[[str], Awaitable[bool]]
"""Does the next step of the operation of that id, or several; true when the operation has settled.

May be called again for a step that was interrupted: it reads back what the step did.
"""


class DurableOperations(Protocol):
    """Runs every started operation to its settled end, here or, after a crash, wherever it is taken over."""

    async def open(self, advance: Advance) -> None:
        """Begin to work, and go on with what was interrupted. `advance` is called on the loop of the caller."""

    async def start(self, operation: str, *, new: bool = False) -> None:
        """Carry an operation to its end. Idempotent; one that the engine gave up is taken up anew.

        `new` is for whoever has just made it, and spares the question whether it is known.
        """

    async def forget(self, operations: tuple[str, ...]) -> None:
        """Remove the history of settled operations. Idempotent."""

    async def close(self) -> None:
        """Stop working here; what is not settled goes on at the next `open`."""
