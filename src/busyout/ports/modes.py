"""What the mode of the context services is agreed by: one row in the store, and who is alive to agree."""

from collections.abc import Callable
from typing import Protocol

from busyout.domain.mode import Confirmation, Mode, ModeRow


class ModeRegister(Protocol):
    """The row that all processes share. Each method is one unit of work; `StoreUnavailable` as in `ports.store`."""

    async def open(self, first: Mode) -> ModeRow:
        """The row; made with the mode `first` when there is none."""

    async def read(self) -> ModeRow:
        """The row.

        Raises:
            LookupError: It was never made.
        """

    async def begin(self, mode: Mode, *, operation: str, deadline: float | None) -> ModeRow:
        """Begin to switch, in a new generation; from its commit on every process that reads the row closes its gate.

        Repeated by its operation, it only moves the deadline; after that has given up or settled, it does nothing.
        A switch that another operation left behind is replaced. Nothing is changed when the mode holds already.
        """

    async def keep(self, *, operation: str) -> ModeRow:
        """Give up the switch of an operation, in a new generation; nothing when it does not switch. Idempotent."""

    async def commit(self, closed: ModeRow, *, others: frozenset[str]) -> ModeRow | None:
        """Change the mode, in a new generation; None, and nothing changed, where that is not possible (any more).

        It is possible while the row switches as `closed` does, in the same generation, and each of the `others` has
        confirmed for that generation that its gate is closed and nothing in flight; the caller answers for itself.
        While units are in progress that `hold_mode` has let into the old mode, it is not possible, or waits for them.
        """

    async def confirm(self, confirmation: Confirmation) -> None:
        """Keep what a process says of itself; replaces what it said before."""

    async def confirmations(self) -> dict[str, Confirmation]:
        """What each process has said last, by its slot."""


class Slots(Protocol):
    """The servers that share a store."""

    @property
    def shared(self) -> bool:
        """Whether more servers than this one can work on the store."""

    @property
    def slot(self) -> str | None:
        """The slot that this server works in; None while it holds none."""

    def when_lost(self, act: Callable[[], None]) -> None:
        """Do something whenever the slot turns out to be lost, before another one is taken; replaces what was given."""

    async def live(self) -> frozenset[str]:
        """Slots that are held by live servers, this one included.

        Raises:
            StoreUnavailable: That cannot be known at present.
        """
