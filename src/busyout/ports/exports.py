"""Where exports are written."""

from collections.abc import AsyncIterator
from typing import Protocol


class ExportFolder(Protocol):
    """A directory of files that are whole or not there."""

    async def write(self, names: tuple[str, ...], pieces: AsyncIterator[tuple[str, bytes]]) -> None:
        """Write new files of these names from pieces, each for the file that it names.

        All of them are on disk when this returns.

        Raises:
            NotStored: There is no such directory, or one cannot be written, or is there already; then none stays.
        """
