"""Answers of this process by day (page "Query Server Status"); forgotten when it ends, as there."""

from collections.abc import Callable
from typing import Final

DAY: Final = 86400.0
"""Seconds; days begin at midnight UTC."""


class Tally:
    """Counts answers."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._day = now() // DAY
        self.started = now()
        self.last_request = self.started
        """When the last answer was made; the start before the first."""
        self._requests = self._client_errors = self._server_errors = 0

    def count(self, status: int) -> None:
        """Take an answer in."""
        self._turn()
        self.last_request = self._now()
        self._requests += 1
        self._client_errors += 400 <= status < 500
        self._server_errors += status >= 500

    def today(self) -> tuple[int, int, int]:
        """Answers, and those among them with 4xx and with 5xx."""
        self._turn()
        return self._requests, self._client_errors, self._server_errors

    def _turn(self) -> None:
        day = self._now() // DAY
        if day != self._day:
            self._day = day
            self._requests = self._client_errors = self._server_errors = 0
