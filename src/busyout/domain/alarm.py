"""Alarms with the fields of ITU-T X.733."""

from enum import Enum

from msgspec import Struct


class Severity(Enum):
    """Perceived severity (X.733, 8.1.2.3)."""

    CLEARED = "cleared"
    INDETERMINATE = "indeterminate"
    WARNING = "warning"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class Alarm(Struct, frozen=True):
    """Something that is wrong, from raised to cleared."""

    id: int
    """Given by the store; 0 before."""
    element: str
    source: str
    """Part of the element, such as `trunk/carrier/0`."""
    name: str
    """What kind of alarm: one active alarm per element, source and name."""
    severity: Severity
    probable_cause: str
    """X.733, 8.1.2.2, such as `communicationsSubsystemFailure`."""
    text: str
    raised_at: float
    cleared_at: float | None = None
    """None while it is active."""
