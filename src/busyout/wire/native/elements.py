"""Elements and what they carry."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from busyout.wire.native.configuration import Tables

AdministrativeState = Literal["unlocked", "shutting_down", "locked"]
"""What the operators decided (X.731, 8.1.1.3)."""

OperationalState = Literal["enabled", "disabled"]
"""Whether it works at all (X.731, 8.1.1.1)."""

UsageState = Literal["idle", "active", "busy"]
"""How much of it is in use (X.731, 8.1.1.2)."""


class Load(Struct, frozen=True):
    """Work in progress at one instant."""

    calls: int
    setups: int
    """Calls admitted and not answered yet."""
    transactions: int | None
    """Without a final answer; null where the engine does not tell."""
    registrations: int | None
    """Null where the engine keeps none."""
    capacity: int | None
    """Most calls; null where there is no fixed limit."""


class Versions(Struct, frozen=True):
    """Versions of an element's parts."""

    engine: str
    """Empty before its first answer."""
    running: str
    """Digest of the configuration in effect."""
    startup: str
    """Digest of the configuration after the next start."""


class Element(Struct, frozen=True):
    """A managed element, as it was at `seen_at`."""

    name: str
    kind: str
    driver: str
    administrative: AdministrativeState
    operational: OperationalState
    usage: UsageState
    load: Load | None
    """Null while it does not answer."""
    versions: Versions
    pid: int | None
    """Process id of the engine; null where it has none."""
    up_since: str | None
    """Start of the engine; null while it does not answer."""
    save_needed: bool
    """Whether the running configuration differs from the startup one."""
    reset_needed: bool
    """Whether a part of the running configuration takes effect only at the engine's next start."""
    retry_after: int
    """Seconds told to callers that are refused."""
    capabilities: tuple[str, ...]
    seen_at: str


Kind = Literal["sbc", "callserver", "reportingserver", "media", "vxml", "provisioning", "context"]
"""What an element can be."""


class NewElement(Struct, frozen=True, forbid_unknown_fields=True):
    """Body of `POST /v1/elements`."""

    name: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    kind: Kind
    driver: Annotated[str, Meta(min_length=1, max_length=64)]
    options: dict[str, str] = {}
    """The driver's own settings."""
    retry_after: Annotated[int, Meta(ge=1, le=300)] = 10
    tables: Tables = Tables()
    """Its first configuration, both running and startup."""


class Call(Struct, frozen=True):
    """One call in progress."""

    id: str
    state: str
    """`setup`, `established` or `ending`."""
    since: str
    caller: str
    callee: str
    trunk: str
    """Name of the trunk set it leaves by; empty where it has none."""


class EndedCalls(Struct, frozen=True):
    """What became of calls that were asked to end."""

    asked: int
    ended: int
    failed: int


class TrunkStatus(Struct, frozen=True):
    """One address that calls leave by."""

    id: str
    """`SET/INDEX`."""
    uri: str
    operational: str
    """`up`, `down` or `unknown`."""
    enabled: bool
    since: str
    round_trip: float | None
    """Seconds; null before the first answer."""


class TrunkChange(Struct, frozen=True, forbid_unknown_fields=True):
    """Body of `PATCH /v1/elements/{name}/trunks/{set}/{index}`."""

    enabled: bool
    """Whether new calls may use it, until the engine's next start."""


class Counters(Struct, frozen=True):
    """Counts that only grow until the engine's process is replaced: a new epoch starts at zero."""

    epoch: str
    taken_at: str
    values: dict[str, int]
