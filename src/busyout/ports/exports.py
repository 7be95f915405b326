"""Where exports are written."""

from collections.abc import AsyncIterator, Mapping
from typing import Protocol


class ExportFolder(Protocol):
    """A directory of files that are whole or not there."""

    async def write(self, files: Mapping[str, AsyncIterator[bytes]]) -> None:
        """Write files by their names, each from its pieces; all of them are on disk when this returns.

        Raises:
            NotStored: There is no such directory, or one cannot be written; then none stays.
        """
