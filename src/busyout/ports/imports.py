"""Where files to import lie."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from busyout.domain.context.importing import Row


class ImportFolder(Protocol):
    """A directory of tables."""

    def opened(
        self, name: str, *, delimiter: str, encoding: str
    ) -> AbstractAsyncContextManager[AsyncIterator[tuple[Row, ...]]]:
        """Rows of a file in pieces, the heading first, and alone in the first piece; lines that are empty are left out.

        Raises:
            InvalidValue: The directory has no file of that name that can be read; delimiter or encoding are none that
                is known; or, while it is read, a row is too long, not in that encoding, or not well quoted. The
                message then names the row.
        """
