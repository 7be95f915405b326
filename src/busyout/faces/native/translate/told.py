"""What the native API tells, from what the services know. No I/O."""

from email.utils import formatdate
from typing import Any

import msgspec

from busyout.domain.alarm import Alarm
from busyout.domain.audit import AuditEntry
from busyout.domain.configuration.datastore import Revision
from busyout.domain.configuration.tables import TABLE_NAMES, Tables, digest
from busyout.domain.element import ElementStatus
from busyout.domain.engine import TrunkStatus
from busyout.domain.event import Event
from busyout.domain.operation import Operation, OperationState, Step
from busyout.domain.traffic import Call, Counters, Ended
from busyout.faces.native.errors import NotApplied
from busyout.wire import native
from busyout.wire.times import timestamp


def element(seen: ElementStatus) -> native.Element:
    """An element."""
    return native.Element(
        name=seen.element.name,
        kind=seen.element.kind,
        driver=seen.element.driver,
        administrative=seen.element.administrative.value,
        operational=seen.operational.value,
        usage=seen.usage.value,
        load=None if seen.load is None else _same(seen.load, native.Load),
        versions=native.Versions(seen.version, seen.running_digest, seen.startup_digest),
        pid=seen.pid or None,
        up_since=_when(seen.up_since),
        save_needed=seen.running_digest != seen.startup_digest,
        reset_needed=seen.effective_digest not in ("", seen.running_digest),
        retry_after=seen.element.retry_after,
        capabilities=tuple(capability.value for capability in seen.capabilities),
        seen_at=timestamp(seen.seen_at),
    )


def operation(found: Operation) -> native.Operation:
    """An operation."""
    return native.Operation(
        id=found.id,
        element=found.element,
        lane=found.lane,
        command=_same(found.command, native.Command),
        state=found.state.value,
        settled=found.settled,
        steps=tuple(_step(step) for step in found.steps),
        requests=_same(found.requests, native.Requests),
        actor=found.actor,
        face=found.face,
        created_at=timestamp(found.created_at),
        started_at=_when(found.started_at),
        settled_at=_when(found.settled_at),
        reason=found.reason,
        retry_of=found.retry_of,
    )


def _step(step: Step) -> native.Step:
    return native.Step(
        label=step.label,
        state=step.state.value,
        started_at=_when(step.started_at),
        ended_at=_when(step.ended_at),
        reason=step.reason,
        progress=None if step.progress is None else _same(step.progress, native.Progress),
        transfers=tuple(_same(transfer, native.Transfer) for transfer in step.transfers),
    )


def applied(operation: Operation) -> bool:
    """Whether a configuration is in effect; false while the operation is still at it.

    Raises:
        NotApplied: The operation has failed.
    """
    if operation.settled and operation.state is not OperationState.SUCCEEDED:
        raise NotApplied(f"{operation.reason or operation.state.value} (operation {operation.id})")
    return operation.settled


def call(found: Call) -> native.Call:
    """A call."""
    return native.Call(found.id, found.state, timestamp(found.since), found.caller, found.callee, found.trunk)


def ended(what: Ended) -> native.EndedCalls:
    """What became of calls."""
    return native.EndedCalls(what.asked, what.ended, what.failed)


def trunk(found: TrunkStatus) -> native.TrunkStatus:
    """A trunk."""
    return native.TrunkStatus(
        id=found.id,
        uri=found.uri,
        operational=found.operational,
        enabled=found.enabled,
        since=timestamp(found.since),
        round_trip=found.round_trip,
    )


def counters(found: Counters) -> native.Counters:
    """Counters."""
    return native.Counters(timestamp(found.epoch), timestamp(found.taken_at), found.values)


def tables(revision: Revision) -> native.Tables:
    """The tables of a datastore."""
    return _same(revision.tables, native.Tables)  # type: ignore[no-any-return]


def difference(running: Revision, startup: Revision) -> native.Difference:
    """What saving would change."""
    found = tuple(_compared(name, running.tables, startup.tables) for name in TABLE_NAMES)
    changed = tuple(table for table in found if table.added or table.removed or table.changed)
    return native.Difference(running.element, running.digest, startup.digest, changed)


def _compared(name: str, running: Tables, startup: Tables) -> native.TableDifference:
    after = {row.index: msgspec.to_builtins(row) for row in getattr(running, name)}
    before = {row.index: msgspec.to_builtins(row) for row in getattr(startup, name)}
    return native.TableDifference(
        table=name,
        added=tuple(row for index, row in after.items() if index not in before),
        removed=tuple(row for index, row in before.items() if index not in after),
        changed=tuple((before[i], row) for i, row in after.items() if i in before and before[i] != row),
    )


def alarm(found: Alarm) -> native.Alarm:
    """An alarm."""
    return native.Alarm(
        id=found.id,
        element=found.element,
        source=found.source,
        name=found.name,
        severity=found.severity.value,
        probable_cause=found.probable_cause,
        text=found.text,
        raised_at=timestamp(found.raised_at),
        cleared_at=_when(found.cleared_at),
    )


def event(found: Event) -> native.Event:
    """An event."""
    return native.Event(found.id, timestamp(found.at), found.type, found.element, found.operation, found.data)


def audit_entry(found: AuditEntry) -> native.AuditEntry:
    """An entry of the audit trail."""
    record = found.record
    return native.AuditEntry(
        id=found.id,
        at=timestamp(record.at),
        actor=record.actor,
        face=record.face,
        address=record.address,
        action=record.action,
        subject=record.subject,
        before=record.before,
        after=record.after,
        hash=found.hash,
    )


def verdict(held: int, broken: AuditEntry | None) -> native.AuditVerdict:
    """Whether the audit trail is whole."""
    return native.AuditVerdict(held, broken is None, None if broken is None else broken.id)


def http_date(revision: Revision) -> str:
    """When a datastore got its content, as HTTP writes it."""
    return formatdate(revision.saved_at, usegmt=True)


def entity_tag(tables: Tables) -> str:
    """The entity tag of a configuration."""
    return f'"{digest(tables)}"'


def _same(value: object, kind: Any) -> Any:  # noqa: ANN401 - one shape on both sides
    return msgspec.convert(msgspec.to_builtins(value), kind)


def _when(seconds: float | None) -> str | None:
    return None if seconds is None else timestamp(seconds)
