"""Those who guess passwords have to wait."""

from typing import Final

from busyout.domain.errors import TooManyAttempts

ALLOWED_FAILURES: Final = 3
"""Wrong passwords in a row before a name is blocked for an address."""

BLOCK: Final = 60.0
"""Seconds that a block lasts."""

MAX_PAIRS: Final = 10_000
"""Most (name, address) pairs remembered; the oldest is forgotten."""


class Lockout:
    """Counts failures by user name and address."""

    def __init__(self) -> None:
        self._failures: dict[tuple[str, str], tuple[int, float]] = {}

    def let_pass(self, name: str, address: str, *, now: float) -> None:
        """Let an attempt be looked at.

        Raises:
            TooManyAttempts: The pair is blocked; says for how long.
        """
        count, last = self._failures.get((name, address), (0, now))
        if count >= ALLOWED_FAILURES and now - last < BLOCK:
            raise TooManyAttempts(retry_after=BLOCK - (now - last))

    def failed(self, name: str, address: str, *, now: float) -> None:
        """Count a wrong password; a failure long ago no longer counts."""
        count, last = self._failures.pop((name, address), (0, now))
        if len(self._failures) >= MAX_PAIRS:
            del self._failures[next(iter(self._failures))]
        self._failures[name, address] = (1 if now - last >= BLOCK else count + 1, now)

    def succeeded(self, name: str, address: str) -> None:
        """Forget the failures of somebody who knows the password."""
        self._failures.pop((name, address), None)
