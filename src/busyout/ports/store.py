"""What the services keep. Each method is one unit of work: committed whole when it returns, or not at all.

Every method raises `StoreUnavailable` when the store does not answer.
"""

from typing import Protocol

from msgspec import Struct

from busyout.domain.alarm import Alarm
from busyout.domain.audit import AuditEntry, AuditRecord
from busyout.domain.configuration.datastore import Datastore, Revision
from busyout.domain.element import Element
from busyout.domain.event import Event
from busyout.domain.monitor import Monitor
from busyout.domain.operation import Operation, Requests
from busyout.domain.operator import Operator
from busyout.domain.page import OperationQuery
from busyout.domain.parameter import Value
from busyout.domain.states import AdministrativeState


class IdempotencyKey(Struct, frozen=True):
    """A caller's own name for a request, so that a repeat does not do it twice."""

    caller: str
    key: str
    fingerprint: str
    """Digest of the request; a repeat must have the same."""


class OperationJournal(Protocol):
    """The life of each operation."""

    async def claim(self, operation: Operation, *, key: IdempotencyKey | None, audit: AuditRecord) -> Operation:
        """Journal a new operation, and with it the sole right to its element's lane.

        Writes the operation, the key, the audit entry and an `operation.started` event together.
        Returns the operation journalled earlier when the key is known.

        Raises:
            ElementBusy: An unsettled operation holds the lane; `holder` is its id.
            KeyReused: The key is known with another fingerprint.
        """

    async def record(self, operation: Operation, events: tuple[Event, ...]) -> tuple[Event, ...]:
        """Write a running operation's new state and its events; leaves `requests` alone. Returns the stored events."""

    async def request(self, operation: str, requests: Requests, *, audit: AuditRecord) -> Operation:
        """Add to what operators asked: flags are set, `extended` is added. Returns the operation as it is then.

        Raises:
            NoSuchOperation: There is none of that id.
            OperationSettled: It has settled.
        """

    async def find(self, operation: str) -> Operation:
        """One operation.

        Raises:
            NoSuchOperation: There is none of that id.
        """


class OperationCatalogue(Protocol):
    """Operations, many at a time."""

    async def page(self, query: OperationQuery) -> tuple[Operation, ...]:
        """Operations that match, newest first."""

    async def unsettled(self) -> tuple[Operation, ...]:
        """Every operation that has not settled, oldest first."""

    async def purge(self, *, settled_before: float, limit: int) -> tuple[str, ...]:
        """Remove at most `limit` operations settled before that time, and their keys; return their ids."""


class ElementRegister(Protocol):
    """Which elements there are and what was decided about them."""

    async def add(self, element: Element, revisions: tuple[Revision, ...], *, audit: AuditRecord) -> bool:
        """Keep a new element and its first configuration; false, and nothing changed, when the name is known."""

    async def all(self) -> tuple[Element, ...]:
        """Every element, by name."""

    async def set_administrative(self, element: str, state: AdministrativeState, event: Event) -> Event:
        """Keep the wish; returns the stored event."""

    async def remove(self, element: str, *, audit: AuditRecord) -> None:
        """Forget an element and its configuration.

        Raises:
            ElementBusy: An unsettled operation holds it.
            NoSuchElement: There is none of that name.
        """


class ConfigurationArchive(Protocol):
    """The datastores of each element."""

    async def current(self, element: str, datastore: Datastore) -> Revision:
        """What the datastore holds.

        Raises:
            NoSuchElement: There is none of that name.
        """

    async def replace(self, revision: Revision, event: Event) -> Event:
        """Make a content the datastore's own; returns the stored event."""

    async def digests(self, element: str) -> tuple[str, str]:
        """Digests of running and startup."""


class EventLog(Protocol):
    """What happened, in order."""

    async def append(self, events: tuple[Event, ...]) -> tuple[Event, ...]:
        """Store events; returns them with their ids."""

    async def since(self, after: int, *, limit: int) -> tuple[Event, ...]:
        """Events with an id above `after`, in order."""

    async def last_id(self) -> int:
        """Id of the newest event; 0 when there is none."""

    async def trim(self, *, keep: int) -> None:
        """Remove the oldest events, so that at most `keep` are left."""


class AlarmList(Protocol):
    """Alarms, raised and cleared."""

    async def raise_(self, alarm: Alarm, event: Event) -> tuple[Alarm, Event | None]:
        """Raise an alarm; one that is active already (element, source, name) stays as it is, without an event."""

    async def clear(self, element: str, source: str, name: str, *, at: float) -> tuple[Event, ...]:
        """Clear the active alarm of that name; nothing when there is none. Returns the stored event, if any."""

    async def active(self, *, after: int, limit: int) -> tuple[Alarm, ...]:
        """Active alarms by id."""


class AuditTrail(Protocol):
    """Who did what."""

    async def append(self, record: AuditRecord) -> AuditEntry:
        """Put a record at the end of the chain."""

    async def since(self, after: int, *, limit: int) -> tuple[AuditEntry, ...]:
        """Entries with an id above `after`, in order."""

    async def head(self) -> tuple[int, str]:
        """Id and hash of the newest entry, as they were noted when it was written; 0 before the first."""

    def fingerprint(self, content: bytes) -> str:
        """A digest, in hex, that is equal for equal contents and on which nobody can try passwords."""


class OperatorList(Protocol):
    """Operators that are kept in the store; those of the settings are not."""

    async def all(self) -> tuple[Operator, ...]:
        """Every operator, by name."""

    async def put(self, operator: Operator, *, audit: AuditRecord) -> None:
        """Add or replace an operator."""


class ParameterList(Protocol):
    """Parameters of the provisioning that somebody has set."""

    async def all(self) -> dict[str, Value]:
        """The values that were set, by id."""

    async def put(self, id: str, value: Value, *, audit: AuditRecord, event: Event) -> Event:
        """Keep a value; returns the stored event."""

    async def keys(self) -> dict[str, str]:
        """The provisioning keys, by tenant."""

    async def put_key(self, tenant: str, key: str | None, *, audit: AuditRecord, event: Event) -> Event:
        """Keep the provisioning key of a tenant, or forget it where it is None; returns the stored event.

        Raises:
            InvalidValue: Another tenant has that key, on whatever server, or too many have one.
        """


class MonitorList(Protocol):
    """Monitors of operations; they go with the operations that they stand for."""

    async def open(self, collection: str, operation: str, *, tenant: str, kept: int) -> Monitor:
        """Give an operation the next number of a collection. Numbers count from 1 and are never given twice.

        At most `kept` monitors of settled operations stay, and as many of unsettled ones; the oldest go first.
        """

    async def find(self, collection: str, number: int) -> Monitor | None:
        """A monitor; None where there is none."""

    async def delete(self, collection: str, number: int, *, tenant: str) -> bool:
        """Remove a monitor; false when its number was never given, or is another tenant's. Idempotent."""

    async def expire(self, *, settled_before: float) -> None:
        """Remove those whose operations settled before that time."""
