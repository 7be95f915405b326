"""Memory for bodies that come in several pieces: bounded for all requests together."""

from typing import Final

from busyout.http.faults import NoRoom

MOST: Final = 64 * 1024 * 1024
"""Most bytes of bodies that are kept at a time while they are not whole."""


class Room:
    """What is left of it."""

    def __init__(self, most: int = MOST) -> None:
        self._left = most

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
