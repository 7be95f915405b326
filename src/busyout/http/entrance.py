"""What a request passes on its way in: checked before its body is read, counted while it is worked on."""

from contextlib import AbstractContextManager
from typing import Protocol


class Entrance(Protocol):
    """A way in that may be closed."""

    def check(self) -> None:
        """Raise a refusal where the request may not come in; counts nothing."""

    def enter(self) -> AbstractContextManager[None]:
        """Check once more and count, in one act; uncounted on the way out."""
