"""Slots without a durable engine: of one server, or of several on one board."""

from collections.abc import Callable


class OneServer:
    """Implements `ports.modes.Slots` for a server that shares its store with nobody."""

    shared = False
    slot = "slot-0"

    def when_lost(self, act: Callable[[], None]) -> None:
        """It never is."""

    async def live(self) -> frozenset[str]:
        """Itself."""
        return frozenset({self.slot})


class Board:
    """The slots of a store that several servers share."""

    def __init__(self) -> None:
        self._holders: dict[str, Seat] = {}

    def take(self, seat: "Seat") -> str:
        """The first slot that is free."""
        slot = next(name for number in range(64) if (name := f"slot-{number}") not in self._holders)
        self._holders[slot] = seat
        return slot

    def free(self, seat: "Seat") -> None:
        """Give free whatever a server holds."""
        self._holders = {slot: holder for slot, holder in self._holders.items() if holder is not seat}

    @property
    def held(self) -> frozenset[str]:
        """Slots that are held."""
        return frozenset(self._holders)


class Seat:
    """Implements `ports.modes.Slots` for one of several servers."""

    shared = True

    def __init__(self, board: Board) -> None:
        self.slot: str | None = None
        self.was_cut = False
        """Whether the slot is lost, and the server does not know."""
        self._board = board
        self._act: Callable[[], None] = lambda: None

    def when_lost(self, act: Callable[[], None]) -> None:
        """Do something when the loss is noticed."""
        self._act = act

    async def live(self) -> frozenset[str]:
        """Whatever is held on the board."""
        return self._board.held

    def take(self) -> None:
        """Begin to hold a slot."""
        self.slot = self._board.take(self)

    def cut(self) -> None:
        """Lose the slot without noticing."""
        self.was_cut = self.slot is not None
        self._board.free(self)

    def notice(self) -> None:
        """Notice the loss."""
        self.slot, self.was_cut = None, False
        self._act()

    def give_back(self) -> None:
        """Hold nothing any more, because the process has ended."""
        self._board.free(self)
        self.slot = None
