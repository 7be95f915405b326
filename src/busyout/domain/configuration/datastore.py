"""The datastores of RFC 8342 that hold an element's configuration."""

from enum import Enum

from msgspec import Struct

from busyout.domain.configuration.tables import Tables


class Datastore(Enum):
    """Which configuration is meant."""

    RUNNING = "running"
    """In effect now."""
    STARTUP = "startup"
    """In effect after the next start."""


class Revision(Struct, frozen=True):
    """One content of a datastore."""

    element: str
    datastore: Datastore
    tables: Tables
    digest: str
    saved_at: float
    """When it took effect in this datastore, in seconds since the epoch."""
