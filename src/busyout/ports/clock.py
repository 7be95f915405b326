"""Time, so that tests can run it by hand."""

from typing import Protocol


class Clock(Protocol):
    """Wall clock and waiting."""

    def now(self) -> float:
        """Seconds since the epoch, UTC."""

    async def sleep(self, seconds: float) -> None:
        """Wait; a wait of zero or less lets others run once."""
