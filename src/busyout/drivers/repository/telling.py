"""Progress told often enough to be followed, and no more often."""

from busyout.ports.repository import Tell

EVERY_BYTES = 4096
EVERY_SECONDS = 0.05


class Telling:
    """Passes on how far a transfer is."""

    def __init__(self, tell: Tell, total: int | None) -> None:
        self._tell = tell
        self._total = total
        self._size = -1
        self._at = 0.0

    def now(self, size: int, at: float) -> None:
        """Tell in any case; `at` is in seconds of any clock that only goes forward."""
        if size != self._size:
            self._size, self._at = size, at
            self._tell(size, self._total)

    def maybe(self, size: int, at: float) -> None:
        """Tell if enough bytes and enough seconds have passed since the last time."""
        if size - self._size >= EVERY_BYTES and at - self._at >= EVERY_SECONDS:
            self.now(size, at)
