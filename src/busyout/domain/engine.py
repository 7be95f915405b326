"""What a driver tells of the engine behind an element."""

from enum import Enum
from typing import Any

from msgspec import Struct

from busyout.domain.configuration.tables import Tables


class Capability(Enum):
    """What an engine can do beyond carrying and counting calls."""

    RETRY_AFTER = "retry_after"
    END_CALLS = "end_calls"
    LIVE_RELOAD = "live_reload"
    TRUNK_ADMINISTRATION = "trunk_administration"
    TRUNK_EVENTS = "trunk_events"
    MEDIA_COUNTERS = "media_counters"
    SURVIVES_RESTART = "survives_restart"
    TAKEOVER = "takeover"
    PROVISIONING = "provisioning"
    """It keeps plug-ins for devices, instead of carrying calls."""
    CONTEXT = "context"
    """It keeps customers and their services, in one of two modes, instead of carrying calls."""


class EngineSetup(Struct, frozen=True):
    """What an engine is started with."""

    tables: Tables
    admitting: bool
    """Whether new calls are let in from the first moment."""
    retry_after: int
    """Seconds told to callers that are refused."""


class EngineInfo(Struct, frozen=True):
    """Who answers."""

    name: str
    version: str
    pid: int
    """Process id; 0 where the engine is not a process of this machine."""
    epoch: float
    """Start of the engine, in seconds since the epoch."""
    admitting: bool
    digest: str
    """Digest of the configuration in effect."""


class Applied(Struct, frozen=True):
    """What became of a configuration that was handed to an engine."""

    live: tuple[str, ...]
    """Tables that are in effect (or, in a dry run, would be)."""
    needs_restart: tuple[str, ...]
    """Tables that take effect at the next start."""


class TrunkStatus(Struct, frozen=True):
    """One address that calls leave by."""

    id: str
    """`SET/INDEX`, unique in the element."""
    uri: str
    operational: str
    """`up`, `down` or `unknown` (not probed yet, or keep-alive is off)."""
    enabled: bool
    since: float
    """When it took this state, in seconds since the epoch."""
    round_trip: float | None
    """Last answer to a keep-alive, in seconds; None before the first."""


class Stopped(Struct, frozen=True):
    """A process that has ended."""

    pid: int
    killed: bool
    """Whether it had to be killed because it did not end when asked."""


class EngineEvent(Struct, frozen=True):
    """A hint that something changed; the truth is polled."""

    kind: str
    """`trunk-up`, `trunk-down`, `call-start`, `call-end`, `admission`, `gone` or `resync` (events were lost)."""
    at: float
    subject: str
    """Trunk id, call id or empty."""
    detail: dict[str, Any]
