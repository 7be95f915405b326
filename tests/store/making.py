"""What the tests keep: operations, events and records with nothing in them that does not matter."""

from uuid import uuid4

from busyout.domain.alarm import Alarm, Severity
from busyout.domain.audit import AuditRecord
from busyout.domain.commands import Command, Drain
from busyout.domain.configuration.datastore import Datastore, Revision
from busyout.domain.configuration.tables import Interface, Tables, digest
from busyout.domain.element import Element
from busyout.domain.event import Event
from busyout.domain.operation import Operation, OperationState, Step
from busyout.ports.store import IdempotencyKey

RECORD = AuditRecord(at=1.5, actor="ann", face="native", address="127.0.0.1", action="drain", subject="sbc")


def operation(element: str = "sbc", *, id: str | None = None, lane: str = "service", command: Command | None = None):
    """A new operation."""
    return Operation(
        id=id or uuid4().hex,
        element=element,
        lane=lane,
        command=command or Drain(),
        state=OperationState.WAITING,
        steps=(Step("drain"), Step("restart")),
        actor="ann",
        face="native",
        created_at=1000.25,
    )


def event(type: str = "operation.step", *, element: str = "sbc", operation: str = "") -> Event:
    """An event that is not stored yet."""
    return Event(id=0, at=2.5, type=type, element=element, operation=operation, data={"step": 1})


def key(name: str = "k", *, fingerprint: str = "same") -> IdempotencyKey:
    """Ann's key."""
    return IdempotencyKey("ann", name, fingerprint)


def element(name: str = "sbc") -> Element:
    """An element with options."""
    return Element(name=name, kind="sbc", driver="simulated", options={"b": "2", "a": "1"}, retry_after=30)


def revision(name: str = "sbc", datastore: Datastore = Datastore.RUNNING, *, port: int = 5060) -> Revision:
    """A configuration that listens on a port."""
    tables = Tables(interface=(Interface(0, "lan", "127.0.0.1", port),))
    return Revision(name, datastore, tables, digest(tables), 3.5)


def revisions(name: str = "sbc") -> tuple[Revision, ...]:
    """The first configuration of an element."""
    return tuple(revision(name, datastore) for datastore in Datastore)


def alarm(name: str = "trunk down", *, element: str = "sbc", source: str = "trunk/carrier/0") -> Alarm:
    """An alarm that is not raised yet."""
    return Alarm(0, element, source, name, Severity.MAJOR, "communicationsSubsystemFailure", "no answer", 4.5)
