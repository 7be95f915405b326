"""A managed element: who it is, what was decided about it, how it is."""

from msgspec import Struct

from busyout.domain.engine import Capability
from busyout.domain.states import AdministrativeState, OperationalState, UsageState
from busyout.domain.traffic import Load

KINDS = ("sbc", "callserver", "reportingserver", "media", "vxml", "provisioning", "context")
"""What an element can be."""

INSIDE = frozenset({"provisioning", "context"})
"""Kinds that live in the server and carry no calls; there is at most one element of each."""


class Element(Struct, frozen=True, kw_only=True):
    """Something that is taken out of service, configured and watched."""

    name: str
    """Letters, digits, dots and dashes; unique in the server."""
    kind: str
    """One of `KINDS`."""
    driver: str
    """Name in the driver registry."""
    options: dict[str, str] = {}
    """The driver's own settings."""
    retry_after: int = 10
    """Seconds told to callers that are refused."""
    administrative: AdministrativeState = AdministrativeState.UNLOCKED
    """The wish, kept in the store and re-asserted whenever the engine starts."""


class ElementStatus(Struct, frozen=True, kw_only=True):
    """How an element is, at the last look."""

    element: Element
    operational: OperationalState
    usage: UsageState
    load: Load | None
    """None while the element does not answer."""
    version: str
    """Of the engine; empty before the first answer."""
    pid: int
    """Of the engine's process; 0 where there is none."""
    up_since: float | None
    """Start of the engine, in seconds since the epoch; None while it does not answer."""
    capabilities: tuple[Capability, ...]
    obeys: bool
    """Whether the engine admits calls, or not, as was decided."""
    effective_digest: str
    """Of the configuration that the engine works with; empty while it does not answer."""
    running_digest: str
    startup_digest: str
    seen_at: float
    """When this was read."""


def admits(element: Element) -> bool:
    """Whether the element is meant to let new calls in."""
    return element.administrative is AdministrativeState.UNLOCKED


def usage_of(load: Load | None) -> UsageState:
    """The usage state that a load amounts to."""
    if load is None or load.quiet:
        return UsageState.IDLE
    if load.capacity is not None and load.calls + load.setups >= load.capacity:
        return UsageState.BUSY
    return UsageState.ACTIVE


def valid_name(name: str) -> bool:
    """Whether an element may be called so."""
    return 0 < len(name) <= 64 and name[0].isalnum() and all(c.isascii() and (c.isalnum() or c in ".-_") for c in name)
