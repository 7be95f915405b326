"""What is purged and exported of services (8.5)."""

from enum import Enum

from msgspec import Struct


class Purge(Enum):
    """Which services go, by the names of the wire."""

    ALL = "purge.service.all"
    STARTED = "purge.service.started"
    STARTED_ANONYMOUS = "purge.service.started.anonymous"
    COMPLETED = "purge.service.completed"
    COMPLETED_ANONYMOUS = "purge.service.completed.anonymous"


class Events(Enum):
    """Which moment of a service has to be within the time asked for."""

    ANY = "any"
    STARTED = "started"
    COMPLETED = "completed"


class Activity(Enum):
    """Whether a service has to be going on."""

    ANY = "any"
    ACTIVE = "active"
    INACTIVE = "inactive"


class ExportRequest(Struct, frozen=True):
    """Which services are exported, with their states and tasks."""

    time_from: float
    """Seconds since the epoch."""
    time_to: float | None = None
    """Seconds since the epoch; None for now."""
    events: Events = Events.ANY
    activity: Activity = Activity.ANY
