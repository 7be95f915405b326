"""The modes of the context services: what each lets in, and how one process goes from one to the other."""

from collections.abc import Mapping
from enum import Enum

from msgspec import Struct


class Mode(Enum):
    """What the context services are for at present."""

    PRODUCTION = "production"
    """Customers and their services are worked with."""
    MAINTENANCE = "maintenance"
    """The schemas are worked on."""


class RequestClass(Enum):
    """What a request touches."""

    ANY = "any"
    """Neither schemas nor data, or schemas without changing them: let in in every mode."""
    SCHEMA = "schema"
    """It changes a schema."""
    DATA = "data"
    """It reads or changes what is kept of customers and services."""


ALLOWED: Mapping[Mode, frozenset[RequestClass]] = {
    Mode.PRODUCTION: frozenset({RequestClass.ANY, RequestClass.DATA}),
    Mode.MAINTENANCE: frozenset({RequestClass.ANY, RequestClass.SCHEMA}),
}

GATED = (RequestClass.SCHEMA, RequestClass.DATA)
"""Classes that must never be in progress together, in whatever process; a switch waits until neither is."""


class GateState(Enum):
    """Whom the gate of one process lets in."""

    SHUT = "shut"
    """Nobody: this process does not hold its slot, or has not read the mode since it took it."""
    PRODUCTION = "in_production"
    MAINTENANCE = "in_maintenance"
    TO_MAINTENANCE = "to_maintenance"
    """Nobody; those who are in are waited for."""
    TO_PRODUCTION = "to_production"
    """Nobody; those who are in are waited for."""


class GateEvent(Enum):
    """What a process learns of the mode, from the one row that all of them share."""

    PRODUCTION_HOLDS = "production_holds"
    MAINTENANCE_HOLDS = "maintenance_holds"
    SWITCH_TO_MAINTENANCE = "switch_to_maintenance"
    SWITCH_TO_PRODUCTION = "switch_to_production"
    SLOT_LOST = "slot_lost"


GATE_TRANSITIONS: Mapping[tuple[GateState, GateEvent], GateState] = {
    (GateState.SHUT, GateEvent.PRODUCTION_HOLDS): GateState.PRODUCTION,
    (GateState.SHUT, GateEvent.MAINTENANCE_HOLDS): GateState.MAINTENANCE,
    (GateState.SHUT, GateEvent.SWITCH_TO_MAINTENANCE): GateState.TO_MAINTENANCE,
    (GateState.SHUT, GateEvent.SWITCH_TO_PRODUCTION): GateState.TO_PRODUCTION,
    (GateState.PRODUCTION, GateEvent.SWITCH_TO_MAINTENANCE): GateState.TO_MAINTENANCE,
    (GateState.TO_MAINTENANCE, GateEvent.MAINTENANCE_HOLDS): GateState.MAINTENANCE,
    (GateState.TO_MAINTENANCE, GateEvent.PRODUCTION_HOLDS): GateState.PRODUCTION,
    (GateState.TO_MAINTENANCE, GateEvent.SWITCH_TO_PRODUCTION): GateState.TO_PRODUCTION,
    (GateState.MAINTENANCE, GateEvent.SWITCH_TO_PRODUCTION): GateState.TO_PRODUCTION,
    (GateState.TO_PRODUCTION, GateEvent.PRODUCTION_HOLDS): GateState.PRODUCTION,
    (GateState.TO_PRODUCTION, GateEvent.MAINTENANCE_HOLDS): GateState.MAINTENANCE,
    (GateState.TO_PRODUCTION, GateEvent.SWITCH_TO_MAINTENANCE): GateState.TO_MAINTENANCE,
    (GateState.PRODUCTION, GateEvent.SLOT_LOST): GateState.SHUT,
    (GateState.MAINTENANCE, GateEvent.SLOT_LOST): GateState.SHUT,
    (GateState.TO_MAINTENANCE, GateEvent.SLOT_LOST): GateState.SHUT,
    (GateState.TO_PRODUCTION, GateEvent.SLOT_LOST): GateState.SHUT,
}
"""An open gate never opens in the other mode without closing first: what would need that was not agreed with us."""

OPEN: Mapping[GateState, Mode] = {
    GateState.PRODUCTION: Mode.PRODUCTION,
    GateState.MAINTENANCE: Mode.MAINTENANCE,
}
"""The mode that an open gate is in; a gate that is not here is closed."""

HOLDS = {Mode.PRODUCTION: GateEvent.PRODUCTION_HOLDS, Mode.MAINTENANCE: GateEvent.MAINTENANCE_HOLDS}
SWITCHES = {Mode.PRODUCTION: GateEvent.SWITCH_TO_PRODUCTION, Mode.MAINTENANCE: GateEvent.SWITCH_TO_MAINTENANCE}


class ModeRow(Struct, frozen=True, kw_only=True):
    """What all processes on one store agree on."""

    mode: Mode
    generation: int
    """Counts every change; what a process has confirmed holds for one generation."""
    switching_to: Mode | None = None
    """The mode to come; None while nobody switches."""
    operation: str | None = None
    """Id of the operation that switches, or switched last; None before the first."""
    deadline: float | None = None
    """When the switch is given up, in seconds since the epoch; None for never, or while nobody switches."""

    @property
    def event(self) -> GateEvent:
        """What the row tells a gate."""
        return HOLDS[self.mode] if self.switching_to is None else SWITCHES[self.switching_to]


class Confirmation(Struct, frozen=True):
    """What a process has said of itself: its gate is closed since a generation."""

    slot: str
    """Which process."""
    generation: int
    in_flight: int
    """Requests that were let in before and are still in progress; they only become fewer."""


def still_to_come(live: frozenset[str], said: Mapping[str, Confirmation], *, generation: int) -> tuple[int, int]:
    """Requests that are in progress, and processes that have not closed their gate, as far as `live` ones have said."""
    closed = [said[slot] for slot in live if slot in said and said[slot].generation == generation]
    return sum(confirmation.in_flight for confirmation in closed), len(live) - len(closed)


def waiting_for(requests: int, processes: int, *, deadline_in: float | None) -> str:
    """What a switch is waiting for, in one sentence; `processes` are those that have not closed their gate yet."""
    parts = [
        f"{requests} request{'s' * (requests != 1)} to end" if requests else "",
        f"{processes} server{'s' * (processes != 1)} to refuse requests" if processes else "",
    ]
    text = " and ".join(part for part in parts if part)
    if not text:
        return "nothing: every request has ended"
    return text if deadline_in is None else f"{text}, for {max(0.0, deadline_in):.0f} s more"
