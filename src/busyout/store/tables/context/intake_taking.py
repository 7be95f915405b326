"""Units of work in which what an import makes is put in its place, shown to everybody, or removed."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from busyout.domain.audit import AuditRecord
from busyout.domain.context.customer import member_of
from busyout.domain.context.errors import ImportRunning
from busyout.domain.context.importing import Imported
from busyout.domain.context.span import EVERYTHING, Span
from busyout.domain.mode import Mode
from busyout.ports.context_intake import Intake
from busyout.store.appending import append_audit, hold_audit
from busyout.store.content import encode
from busyout.store.database import Connection
from busyout.store.tables.context import intake_places as places
from busyout.store.tables.context import intake_statements as statements
from busyout.store.tables.context.definitions import seen_keys
from busyout.store.tables.modes import hold_mode


class Outrun(Exception):
    """Customers have changed since rows were put aside: the unit of work is given up."""


def within(intake: Intake, span: Span) -> dict[str, Any]:
    """What a statement about a span of an import asks for."""
    return {"of_intake": intake.id, "first": span.first, "last": span.last}


def hold(
    connection: Connection, intake: Intake, *, of_members: int = 0, more_created: int = 0, more_updated: int = 0
) -> Imported:
    """Go on only while this import is carried out; what it makes so far."""
    more = {"of_members": of_members, "more_created": more_created, "more_updated": more_updated}
    counts = connection.first(statements.HOLD, of_intake=intake.id, **more)
    if counts is None:
        raise ImportRunning("another import was begun meanwhile, and this one was given up")
    return Imported(*counts)


def place(connection: Connection, intake: Intake, span: Span) -> bool:
    """See `IntakePlaces.place`."""
    hold_mode(connection, Mode.PRODUCTION)
    hold_audit(connection)
    hold(connection, intake)
    return _placed(connection, intake, span)


def _placed(connection: Connection, intake: Intake, span: Span) -> bool:
    own = within(intake, span)
    count = connection.all(places.COUNT, **own)[0][0]
    if connection.change(places.PLACE, **own) == count:
        return True
    if connection.change(places.CLEAR_WAY, **own):
        connection.change(places.PLACE, **own)
    return connection.first(places.MISSING, **own) is None


def take_in(connection: Connection, intake: Intake, left: Sequence[Span], audit: AuditRecord) -> Imported:
    """The audit entry keeps all others waiting who change customers: what is looked at after it stays true."""
    hold_mode(connection, Mode.PRODUCTION)
    done = hold(connection, intake)
    if seen_keys(connection) != intake.schemas.keys:
        raise ImportRunning("identification keys were changed meanwhile; import the file anew")
    append_audit(connection, replace(audit, after=msgspec.to_builtins(done)))
    if intake.key is not None:
        _check_not_outrun(connection, intake, left)
    if done.updated:
        _change(connection, intake, done.updated)
    if not all(_placed(connection, intake, span) for span in left):
        raise Outrun
    if done.updated and connection.first(places.MISSING_CHANGED, of_intake=intake.id) is not None:
        raise Outrun
    connection.change(places.SHOW, of_family=intake.family)
    return done


def _check_not_outrun(connection: Connection, intake: Intake, left: Sequence[Span]) -> None:
    """Where new customers have unique values in their places, nobody else can have appeared who has them."""
    assert intake.key is not None
    if intake.key.unique and not left:
        return
    asked = {**within(intake, EVERYTHING), "of_key": intake.key.id}
    if connection.first(places.ANY_APPEARED, **asked) is not None:
        raise Outrun


def _change(connection: Connection, intake: Intake, count: int) -> None:
    """Change the customers that there were."""
    this = {"of_intake": intake.id}
    if connection.change(places.CHANGE, **this) != count:
        raise Outrun
    for extension in intake.extensions:
        connection.change(places.REMOVE_RECORDS, **this, of_extension=extension.id)
    for statement in (places.REMOVE_ENTRIES, places.ADD_RECORDS, places.ADD_CHANGED):
        connection.change(statement, **this)


def drop(connection: Connection, limit: int) -> int:
    """Customers whom nobody has seen first, then what was put aside, at last the import itself."""
    ended = connection.first(places.ENDED)
    if ended is None:
        return 0
    intake, family, unseen = ended[0], ended[1], ended[3] is not None
    members = int(ended[2])
    if unseen and members:
        first = max(0, members - limit)
        ids = encode([member_of(family, number) for number in range(first, members)])
        for statement in statements.REMOVE:
            connection.change(statement, customers=ids)
        connection.change(places.FEWER, of_intake=intake, of_members=first)
        return members - first
    if removed := _drop_aside(connection, intake, limit):
        return removed
    connection.change(places.SHOW, of_family=family)
    connection.change(places.FORGET, of_intake=intake)
    return 1


def _drop_aside(connection: Connection, intake: int, limit: int) -> int:
    part = connection.first(places.FIRST_PART, of_intake=intake)
    if part is not None:
        where = {"of_role": part[0], "of_part": part[1]}
        return connection.change(places.DROP_ENTRIES, of_intake=intake, most=limit, **where)
    for statement in (places.DROP_RECORDS, *places.DROP_ROWS):
        removed = connection.change(statement, of_intake=intake, most=limit)
        if removed:
            return removed
    return 0
