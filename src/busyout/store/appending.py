"""The ends of the two logs, for the units of work that write to them: audit entries first, events last."""

import msgspec
from msgspec import Struct
from sqlalchemy import BigInteger, bindparam, update

from busyout.domain.audit import AuditEntry, AuditRecord, chain
from busyout.domain.event import Event
from busyout.store.content import encode
from busyout.store.database import Connection, Row
from busyout.store.schema import audit, events, log_heads
from busyout.store.statement import Statement, insert_into

EVENTS = "events"
AUDIT = "audit"

_ADVANCE = Statement(
    update(log_heads)
    .where(log_heads.c.name == bindparam("log"))
    .values(last_id=log_heads.c.last_id + bindparam("more", type_=BigInteger))
    .returning(log_heads.c.last_id, log_heads.c.last_hash)
)
_SEAL = Statement(update(log_heads).where(log_heads.c.name == bindparam("log")).values(last_hash=bindparam("new_hash")))
_ADD_EVENT = insert_into(events)
_ADD_ENTRY = insert_into(audit)

_RECORD = msgspec.json.Decoder(AuditRecord)


class _Head(Struct, frozen=True):
    """The end of a log."""

    last_id: int
    last_hash: str


def append_events(connection: Connection, happened: tuple[Event, ...]) -> tuple[Event, ...]:
    """Store events and return them with their ids. Until the commit nobody else can store any."""
    if not happened:
        return ()
    last = _advance(connection, EVENTS, len(happened)).last_id
    first = last - len(happened) + 1
    stored = tuple(msgspec.structs.replace(event, id=first + place) for place, event in enumerate(happened))
    for event in stored:
        connection.change(
            _ADD_EVENT,
            id=event.id,
            at=event.at,
            type=event.type,
            element=event.element,
            operation=event.operation,
            data=encode(event.data),
        )
    return stored


def append_audit(connection: Connection, record: AuditRecord) -> AuditEntry:
    """Put a record at the end of the chain. Until the commit nobody else can."""
    kept = _RECORD.decode(msgspec.json.encode(record))
    head = _advance(connection, AUDIT, 1)
    entry = AuditEntry(head.last_id, kept, chain(head.last_hash, kept))
    body = msgspec.json.encode(kept, order="sorted").decode()
    connection.change(_ADD_ENTRY, id=entry.id, record=body, hash=entry.hash)
    connection.change(_SEAL, log=AUDIT, new_hash=entry.hash)
    return entry


def hold_audit(connection: Connection) -> None:
    """Let nobody else write to the chain until the unit of work has ended: units that change customers do it, so that
    no two of them wait for each other."""
    _advance(connection, AUDIT, 0)


def read_record(body: str) -> AuditRecord:
    """The record of an entry; one that stands for it when somebody has made the text unreadable."""
    try:
        return _RECORD.decode(body)
    except msgspec.DecodeError:
        return AuditRecord(at=0.0, actor="", face="", address="", action="unreadable", subject="", after=body)


def _advance(connection: Connection, name: str, more: int) -> _Head:
    row: Row | None = connection.first(_ADVANCE, log=name, more=more)
    if row is None:
        raise LookupError(f"the head of the log {name} is missing")
    return _Head(*row)
