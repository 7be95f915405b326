"""Alarms, events and audit entries; pages of them; problems (RFC 9457)."""

from typing import Any, Generic, Literal, TypeVar

from msgspec import Struct

T = TypeVar("T")

Severity = Literal["cleared", "indeterminate", "warning", "minor", "major", "critical"]
"""Perceived severity (X.733, 8.1.2.3)."""


class Page(Struct, Generic[T], frozen=True):
    """Part of a list."""

    items: tuple[T, ...]
    next: str | None
    """To be given as `after` for the items that follow; null on the last page."""


class Alarm(Struct, frozen=True):
    """Something that is wrong."""

    id: int
    element: str
    source: str
    name: str
    severity: Severity
    probable_cause: str
    text: str
    raised_at: str
    cleared_at: str | None
    """Null while it is active."""


class Event(Struct, frozen=True):
    """Something that happened: the `data` of one server-sent event."""

    id: int
    """Position in the log; 0 for progress, which is not stored."""
    at: str
    type: str
    """`operation.started`, `operation.step`, `operation.progress`, `operation.settled`, `element.state`,
    `element.configuration`, `alarm.raised`, `alarm.cleared`, `element.added`, `element.removed`."""
    element: str
    operation: str
    data: dict[str, Any]


class AuditEntry(Struct, frozen=True):
    """Who did what, in its place in the chain of hashes."""

    id: int
    at: str
    actor: str
    face: str
    address: str
    action: str
    subject: str
    before: Any
    after: Any
    hash: str


class AuditVerdict(Struct, frozen=True):
    """Answer of `GET /v1/audit/verification`."""

    entries: int
    """How many were checked."""
    intact: bool
    first_broken: int | None
    """Id of the first entry whose hash does not follow; null when the chain holds."""


class Health(Struct, frozen=True):
    """Answer of `/healthz` and `/readyz`."""

    status: Literal["ok", "starting"]


class Problem(Struct, frozen=True, omit_defaults=True):
    """What went wrong (RFC 9457), as `application/problem+json`."""

    type: str
    """`urn:busyout:problem:NAME`; the names are listed in docs/status-codes.md."""
    title: str
    status: int
    detail: str = ""
    holder: str = ""
    """Id of the operation that is in the way, where one is."""
    findings: tuple[str, ...] = ()
    """One sentence for each thing that is wrong with a configuration."""
    incident: str = ""
    """Names the entry in the server's log, where the fault is ours."""
