"""Interactions and their contents."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Select, Text, bindparam, case, func, select, true

from busyout.domain.audit import AuditRecord
from busyout.domain.context.course import MAX_ID
from busyout.domain.context.errors import NameTaken, NoSuchInteraction
from busyout.domain.context.interaction import Content, Interaction
from busyout.domain.context.names import shown
from busyout.domain.context.schema import Subject
from busyout.domain.mode import Mode
from busyout.ports.context_courses import Place
from busyout.store.appending import append_audit
from busyout.store.content import encode
from busyout.store.database import Connection, Database, Row
from busyout.store.schema_courses import interaction_contents, interactions
from busyout.store.statement import Statement, insert_into, insert_unless
from busyout.store.tables.context.course_rows import found, require_course
from busyout.store.tables.context.customers import require_customer
from busyout.store.tables.context.gone import is_there, service_of_id_is_there
from busyout.store.tables.modes import hold_mode

_ADD = insert_unless(interactions, "id", returning=interactions.c.id)
_ADD_CONTENT = insert_into(interaction_contents)

_FORM = interaction_contents.c.form
_LIMIT = bindparam("most", type_=BigInteger)


_SERVICE_IS_THERE = service_of_id_is_there(interactions.c.service)
_IS_THERE = case(
    (interactions.c.customer.is_not(None), is_there(interactions.c.customer)),
    (interactions.c.service.is_not(None), _SERVICE_IS_THERE),
    else_=true(),
)
_COLUMNS = tuple(
    case((_SERVICE_IS_THERE, column)).label("service") if column is interactions.c.service else column
    for column in interactions.columns
)


def _told(*conditions: ColumnElement[bool], newest: bool) -> Statement:
    """Interactions with the forms that are kept of each, separated by commas."""

    def build(joined: ColumnElement[str]) -> Select[Any]:
        of_this = interaction_contents.c.interaction == interactions.c.id
        forms = select(joined).where(of_this).correlate(interactions).scalar_subquery()
        found = select(*_COLUMNS, forms.label("forms")).where(_IS_THERE, *conditions)
        if not newest:
            return found
        return found.order_by(interactions.c.established_at.desc(), interactions.c.id.desc()).limit(_LIMIT)

    return Statement(build(func.group_concat(_FORM, ",")), postgresql=build(func.string_agg(_FORM, ",")))


_FIND = _told(interactions.c.id == bindparam("of_id", type_=Text), newest=False)
_OF_CUSTOMER = _told(interactions.c.customer == bindparam("whose", type_=Text), newest=True)
_OF_SERVICE = _told(interactions.c.service == bindparam("whose", type_=BigInteger), _SERVICE_IS_THERE, newest=True)
_CONTENT = Statement(
    select(interaction_contents.c.data, interaction_contents.c.media_type)
    .join(interactions, interactions.c.id == interaction_contents.c.interaction)
    .where(interactions.c.id == bindparam("of_id"), bindparam("of_form") == _FORM, _IS_THERE)
)


class InteractionTable:
    """Implements `InteractionLog`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, interaction: Interaction, contents: Mapping[str, Content], *, audit: AuditRecord) -> None:
        """Keep an interaction; see `InteractionLog.add`."""

        def unit(connection: Connection) -> None:
            hold_mode(connection, Mode.PRODUCTION)
            append_audit(connection, audit)
            _add(connection, interaction, contents)

        await self._database.run(unit)

    async def find(self, interaction: str) -> Interaction:
        """One interaction; see `InteractionLog.find`."""
        row = await self._database.look_up(lambda connection: connection.first(_FIND, of_id=interaction))
        if row is None:
            raise NoSuchInteraction(f"there is no interaction {shown(interaction)}")
        return _interaction(row)

    async def of_customer(self, customer: str, *, limit: int) -> tuple[Interaction, ...]:
        """The newest interactions with a customer; see `InteractionLog.of_customer`."""
        found = await self._several(_OF_CUSTOMER, customer, limit)
        if not found:
            await self._database.look_up(lambda connection: require_customer(connection, customer))
        return found

    async def of_service(self, service: int, *, limit: int) -> tuple[Interaction, ...]:
        """The newest interactions of a service; see `InteractionLog.of_service`."""
        place = Place(Subject.SERVICE, service)
        found = await self._several(_OF_SERVICE, service, limit) if service <= MAX_ID else ()
        if not found:
            await self._database.look_up(lambda connection: require_course(connection, place))
        return found

    async def content(self, interaction: str, form: str) -> Content:
        """What was said, in one form; see `InteractionLog.content`."""
        row = await self._database.read(lambda c: c.first(_CONTENT, of_id=interaction, of_form=form))
        if row is None:
            raise NoSuchInteraction(f"there is no {form} of an interaction {shown(interaction)}")
        return Content(bytes(row[0]), row[1])

    async def _several(self, statement: Statement, whose: object, limit: int) -> tuple[Interaction, ...]:
        rows = await self._database.read(lambda connection: connection.all(statement, whose=whose, most=limit))
        return tuple(_interaction(row) for row in reversed(rows))


def _add(connection: Connection, interaction: Interaction, contents: Mapping[str, Content]) -> None:
    if interaction.customer is not None:
        require_customer(connection, interaction.customer)
    if interaction.service is not None:
        found(connection, Place(Subject.SERVICE, interaction.service))
    row = connection.first(
        _ADD,
        id=interaction.id,
        external_id=interaction.external_id,
        customer=interaction.customer,
        service=interaction.service,
        media_type=interaction.media_type,
        established_at=interaction.established_at,
        udata=encode(interaction.udata),
    )
    if row is None:
        raise NameTaken(f"there is an interaction {interaction.id} already")
    for form, content in contents.items():
        connection.change(
            _ADD_CONTENT, interaction=interaction.id, form=form, media_type=content.media_type, data=content.data
        )


def _interaction(row: Row) -> Interaction:
    id, external_id, customer, service, media_type, established_at, udata, forms = row
    return Interaction(
        id=id,
        external_id=external_id,
        customer=customer,
        service=service,
        media_type=media_type,
        established_at=established_at,
        udata=msgspec.json.decode(udata),
        forms=tuple(sorted(forms.split(","))) if forms else (),
    )
