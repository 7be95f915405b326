"""What bodies may take that come in several pieces: memory, for all requests together, and time, for each."""

from typing import Final

from busyout.http.faults import NoRoom

MOST: Final = 64 * 1024 * 1024
"""Most bytes of bodies that are kept at a time while they are not whole."""


PATIENCE: Final = 60.0
"""Longest wait for what is left of a body once some of it is there, in seconds."""


class Room:
    """The memory that is left, and the time."""

    def __init__(self, most: int = MOST, *, patience: float = PATIENCE) -> None:
        self._left = most
        self.patience = patience

    def take(self, size: int) -> None:
        """Take so many bytes.

        Raises:
            NoRoom: There are not as many left.
        """
        if size > self._left:
            raise NoRoom
        self._left -= size

    def give_back(self, size: int) -> None:
        """Give back what was taken."""
        self._left += size
