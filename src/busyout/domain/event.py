"""Something that happened, kept in order so that a reader can catch up."""

from typing import Any

from msgspec import Struct


class Event(Struct, frozen=True):
    """One entry of the event log."""

    id: int
    """Position in the log; 0 before it is stored, and for progress, which is not."""
    at: float
    type: str
    """`operation.started`, `operation.step`, `operation.progress`, `operation.settled`, `element.state`,
    `element.configuration`, `alarm.raised`, `alarm.cleared`, `element.added`, `element.removed`."""
    element: str
    """Empty where it concerns the server."""
    operation: str
    """Id; empty where it concerns none."""
    data: dict[str, Any]
