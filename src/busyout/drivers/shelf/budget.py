"""What all filters of one recipe may write together: many archives, each within its bounds, would fill a disk too."""

from dataclasses import replace
from typing import Final

from busyout.domain.archive import FIRMWARE_BOUNDS, Amount, Bounds
from busyout.domain.errors import FilterFailed

STEPS: Final = 10
"""How often a recipe may handle as many files as one archive may have."""


class Budget:
    """What is left to write in one run."""

    def __init__(self, bounds: Bounds = FIRMWARE_BOUNDS) -> None:
        """`bounds` are those of one archive; together they may become as large as one, in `STEPS` times the files."""
        self._archive = bounds
        self._bytes = bounds.total
        self._files = bounds.members * STEPS

    @property
    def bounds(self) -> Bounds:
        """Those of the next archive."""
        return replace(self._archive, total=self._bytes, members=min(self._archive.members, self._files))

    @property
    def told(self) -> str:
        """What a message about an archive that is too large has at its end."""
        written = self._archive.total - self._bytes
        return f"; what was unpacked before it has {written} bytes" if written else ""

    def spend(self, amount: Amount) -> None:
        """Take off what was, or is about to be, written.

        Raises:
            FilterFailed: It is more than there is left.
        """
        self._bytes -= amount.size
        self._files -= amount.members
        if self._bytes < 0:
            raise FilterFailed(f"the filters of a recipe may write {self._archive.total} bytes together, and no more")
        if self._files < 0:
            most = self._archive.members * STEPS
            raise FilterFailed(f"the filters of a recipe may handle {most} files together, and no more")
