"""Times on the wire: RFC 3339 in UTC with milliseconds and Z, such as `2026-11-22T14:48:05.250Z`."""

from datetime import UTC, datetime
from functools import lru_cache


def timestamp(seconds: float) -> str:
    """The wire's form of a time in seconds since the epoch; below a millisecond it is cut off, never rounded up."""
    whole, milliseconds = divmod(int(seconds * 1000 + 1e-3), 1000)
    return f"{_second(whole)}.{milliseconds:03d}Z"


@lru_cache(maxsize=64)
def _second(whole: int) -> str:
    return datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def seconds(text: str) -> float:
    """The time in seconds since the epoch that a timestamp names.

    Raises:
        ValueError: It is no RFC 3339 date and time with an offset.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset from UTC")
    return moment.timestamp()
