"""Pages of long lists: by key, never by offset."""

from msgspec import Struct

MAX_PAGE = 1000
"""Most items on one page."""


class OperationQuery(Struct, frozen=True):
    """Which operations, newest first."""

    element: str | None = None
    """None for every element."""
    settled: bool | None = None
    """None for both."""
    before: str | None = None
    """Id of the last operation of the previous page; None for the first page."""
    limit: int = 50
