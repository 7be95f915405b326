"""How services go: with their states, tasks and records, and with the interactions that are no customer's."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Double,
    Select,
    Text,
    bindparam,
    delete,
    func,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.sql import Executable

from busyout.domain.context.schema import Subject
from busyout.domain.context.upkeep import Purge
from busyout.domain.mode import Mode
from busyout.ports.context_courses import Purged
from busyout.store.content import encode
from busyout.store.database import Connection, Database
from busyout.store.lists import with_numbers
from busyout.store.schema_context import course_records
from busyout.store.schema_courses import courses, interactions
from busyout.store.statement import Statement
from busyout.store.tables.modes import hold_mode

Ids = Select[Any]

_OWNER = course_records.c.owner


def _of(*subjects: Subject) -> ColumnElement[bool]:
    return or_(*(course_records.c.subject == bindparam(None, subject.value, Text) for subject in subjects))


def _locked(ids: Ids) -> Executable:
    """On PostgreSQL, whoever begins a state in one of them waits, and then finds that it is gone."""
    return select(courses.c.id).where(courses.c.id.in_(ids)).order_by(courses.c.id).with_for_update()


def _of_services(ids: Ids) -> Executable:
    return delete(course_records).where(_of(Subject.SERVICE), _OWNER.in_(ids))


def _of_parts(ids: Ids) -> Executable:
    parts = select(courses.c.id).where(courses.c.service.in_(ids))
    return delete(course_records).where(_of(Subject.STATE, Subject.TASK), _OWNER.in_(parts))


def _only_theirs(ids: Ids) -> Executable:
    return delete(interactions).where(interactions.c.service.in_(ids), interactions.c.customer.is_(None))


def _also_theirs(ids: Ids) -> Executable:
    return update(interactions).where(interactions.c.service.in_(ids)).values(service=null())


def _parts(ids: Ids) -> Executable:
    return delete(courses).where(courses.c.service.in_(ids))


def _themselves(ids: Ids) -> Executable:
    return delete(courses).where(courses.c.id.in_(ids))


_BUILDS: Sequence[Callable[[Ids], Executable]] = (
    *(_of_services, _of_parts, _only_theirs, _also_theirs),
    *(_parts, _themselves),
)
_LOCK = with_numbers("ids", _locked)
_REMOVALS = tuple(with_numbers("ids", build) for build in _BUILDS)
_OF_CUSTOMER = Statement(select(courses.c.id).where(courses.c.customer == bindparam("whose")))
_INTERACTIONS_OF_CUSTOMER = Statement(delete(interactions).where(interactions.c.customer == bindparam("whose")))

_BEFORE = bindparam("before", type_=Double)
_ACTIVE = courses.c.completed_at.is_(None)
_ANONYMOUS = courses.c.customer.is_(None)
_OLD: dict[Purge, ColumnElement[bool]] = {
    Purge.ALL: courses.c.started_at < _BEFORE,
    Purge.STARTED: (courses.c.started_at < _BEFORE) & _ACTIVE,
    Purge.STARTED_ANONYMOUS: (courses.c.started_at < _BEFORE) & _ACTIVE & _ANONYMOUS,
    Purge.COMPLETED: courses.c.completed_at < _BEFORE,
    Purge.COMPLETED_ANONYMOUS: (courses.c.completed_at < _BEFORE) & _ANONYMOUS,
}


def looked_at(wanted: ColumnElement[bool]) -> Statement:
    """The next services by id, each with whether it is wanted: what one statement costs does not depend on how many
    are."""
    return Statement(
        select(courses.c.id, wanted.label("wanted"))
        .where(courses.c.service.is_(None), courses.c.id > bindparam("after", type_=BigInteger))
        .order_by(courses.c.id)
        .limit(bindparam("most", type_=BigInteger))
    )


_LOOK = {which: looked_at(old) for which, old in _OLD.items()}
_COUNT = Statement(select(func.count()).select_from(courses).where(courses.c.service.is_(None)))


class PurgeTable:
    """Implements `ServicePurge`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count_services(self) -> int:
        """How many services there are."""
        return int(await self._database.read(lambda connection: connection.all(_COUNT)[0][0]))

    async def purge(self, before: float, which: Purge, *, after: int, limit: int) -> Purged:
        """Forget those of the next services that are old; see `ServicePurge.purge`."""

        def unit(connection: Connection) -> Purged:
            hold_mode(connection, Mode.PRODUCTION)
            rows = connection.all(_LOOK[which], before=before, after=after, most=limit)
            old = [number for number, wanted in rows if wanted]
            remove_services(connection, old)
            return Purged(len(rows), len(old), rows[-1][0] if rows else after)

        return await self._database.run(unit)


def remove_of_customer(connection: Connection, customer: str) -> None:
    """Forget the services of a customer and all that belongs to them, and the interactions with the customer."""
    remove_services(connection, [service for (service,) in connection.all(_OF_CUSTOMER, whose=customer)])
    connection.change(_INTERACTIONS_OF_CUSTOMER, whose=customer)


def remove_services(connection: Connection, services: Sequence[int]) -> None:
    """Forget services; an interaction that a customer had stays the customer's."""
    if not services:
        return
    ids = encode(services)
    connection.all(_LOCK, ids=ids)
    for statement in _REMOVALS:
        connection.change(statement, ids=ids)
