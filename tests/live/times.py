"""Points in time as the native API writes them."""

from datetime import datetime


def seconds_between(earlier: str, later: str) -> float:
    """Seconds from one to the other."""
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()
