"""Those who guess passwords have to wait."""

from typing import Final

from busyout.domain.errors import TooManyAttempts

FAILURES_OF_NAME: Final = 3
"""Wrong passwords in a row before a user name is blocked for an address."""

FAILURES_OF_ADDRESS: Final = 30
"""Wrong passwords in a row, whatever the user name, before an address is blocked for all who have not come in there."""

BLOCK: Final = 60.0
"""Seconds that a block lasts."""

MAX_COUNTS: Final = 10_000
"""Most counts kept; the oldest is forgotten."""

Key = tuple[str, str]
"""User name and address; an empty name counts for the address."""


class Lockout:
    """Counts failures by user name and address, and by address alone."""

    def __init__(self) -> None:
        self._failures: dict[Key, tuple[int, float]] = {}

    def let_pass(self, name: str, address: str, *, now: float) -> None:
        """Let an attempt be looked at.

        Raises:
            TooManyAttempts: It is blocked; says for how long.
        """
        for key, allowed in (((name, address), FAILURES_OF_NAME), (("", address), FAILURES_OF_ADDRESS)):
            count, last = self._failures.get(key, (0, now))
            if count >= allowed and now - last < BLOCK:
                raise TooManyAttempts(retry_after=BLOCK - (now - last))

    def failed(self, name: str, address: str, *, now: float) -> None:
        """Count a wrong password; a failure long ago no longer counts."""
        for key in ((name, address), ("", address)):
            count, last = self._failures.pop(key, (0, now))
            if len(self._failures) >= MAX_COUNTS:
                del self._failures[next(iter(self._failures))]
            self._failures[key] = (1 if now - last >= BLOCK else count + 1, now)

    def succeeded(self, name: str, address: str) -> None:
        """Forget the failures of somebody who knows the password."""
        self._failures.pop((name, address), None)
