"""The mode of the context services, and what each process has confirmed of it."""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace
from sqlalchemy import BigInteger, Double, Text, bindparam, func, select, update

from busyout.domain.context.errors import ModeNotAllowed, ModeSwitching
from busyout.domain.mode import Confirmation, Mode, ModeRow, still_to_come
from busyout.store.database import Connection, Database
from busyout.store.schema import operations
from busyout.store.schema_modes import context_confirmations, context_mode
from busyout.store.statement import Statement, insert_or_replace, insert_unless

ONLY: Final = 1
"""Id of the only row."""

LOCK: Final = 0x6275_7379_6D6F_6465
"""Key of the PostgreSQL advisory lock that units of work in a mode share, and a change of the mode has to itself.

A lock on the row would write to it with each unit, and the beginning of a switch would wait for the end of a unit. A
change does not wait for the lock: a server that stands still may hold it for hours, and whoever waited in the database
would see neither a deadline nor a wish to cancel.
SQLite needs none: one thread writes.
"""

_WORK = Statement(select(1), postgresql=select(func.pg_advisory_xact_lock_shared(LOCK)))
_CHANGE = Statement(select(1), postgresql=select(func.pg_try_advisory_xact_lock(LOCK)))

_MADE = insert_unless(context_mode, "id", returning=context_mode.c.id)
_READ = Statement(
    select(
        context_mode.c.mode,
        context_mode.c.generation,
        context_mode.c.switching_to,
        context_mode.c.operation,
        context_mode.c.deadline,
    )
)
_WRITE = Statement(
    update(context_mode)
    .where(context_mode.c.generation == bindparam("was", type_=BigInteger))
    .values(
        mode=bindparam("of_mode", type_=Text),
        generation=bindparam("becomes", type_=BigInteger),
        switching_to=bindparam("to_mode", type_=Text),
        operation=bindparam("by", type_=Text),
        deadline=bindparam("until", type_=Double),
    )
)
_CONFIRM = insert_or_replace(context_confirmations, "slot")
_CONFIRMED = Statement(
    select(context_confirmations.c.slot, context_confirmations.c.generation, context_confirmations.c.in_flight)
)

_SETTLED = Statement(select(operations.c.settled).where(operations.c.id == bindparam("of_id")))

Change = Callable[[ModeRow], ModeRow]


def hold_mode(connection: Connection, mode: Mode) -> None:
    """Let a unit of work of a request that was let in in `mode` go on, and keep the mode until the unit has ended.

    For units that write. Call it first: a server that has lost its slot without noticing is stopped here. A switch
    away from `mode` that has begun waits for such requests, and does not disturb them.

    Raises:
        ModeNotAllowed: Another mode is in force.
        ModeSwitching: No mode was decided yet.
    """
    connection.first(_WORK)
    row = _found(connection)
    if row is None:
        raise ModeSwitching
    if row.mode is not mode:
        raise ModeNotAllowed(row.mode)


class ModeTable:
    """Implements `ModeRegister`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, first: Mode) -> ModeRow:
        """The row; made with the mode `first` when there is none."""
        return await self._database.run(lambda connection: _open(connection, first))

    async def read(self) -> ModeRow:
        """The row."""
        return await self._database.look_up(_read)

    async def begin(self, mode: Mode, *, operation: str, deadline: float | None) -> ModeRow:
        """Begin to switch, in a new generation."""

        def begun(row: ModeRow) -> ModeRow:
            if row.switching_to is None and (row.mode is mode or row.operation == operation):
                return row
            return replace(row, switching_to=mode, operation=operation, deadline=deadline)

        return await self._database.run(
            lambda connection: _read(connection) if _is_over(connection, operation) else _changed(connection, begun)
        )

    async def keep(self, *, operation: str) -> ModeRow:
        """Give up the switch of an operation."""

        def kept(row: ModeRow) -> ModeRow:
            if row.switching_to is None or row.operation != operation:
                return row
            return replace(row, switching_to=None, deadline=None)

        return await self._database.run(lambda connection: _changed(connection, kept))

    async def commit(self, closed: ModeRow, *, others: frozenset[str]) -> ModeRow | None:
        """Change the mode, if all that is needed for it still holds."""
        return await self._database.run(lambda connection: _commit(connection, closed, others))

    async def confirm(self, confirmation: Confirmation) -> None:
        """Keep what a process says of itself."""
        await self._database.run(lambda connection: _confirm(connection, confirmation))

    async def confirmations(self) -> dict[str, Confirmation]:
        """What each process has said last."""
        return await self._database.look_up(_confirmations)


def _open(connection: Connection, first: Mode) -> ModeRow:
    nothing = {"switching_to": None, "operation": None, "deadline": None}
    connection.first(_MADE, id=ONLY, mode=first.value, generation=1, **nothing)
    return _read(connection)


def _is_over(connection: Connection, operation: str) -> bool:
    """Whether an operation has settled: who still begins it then was asleep, and nobody would ever end the switch."""
    row = connection.first(_SETTLED, of_id=operation)
    return row is not None and bool(row[0])


def _found(connection: Connection) -> ModeRow | None:
    row = connection.first(_READ)
    if row is None:
        return None
    mode, generation, switching_to, operation, deadline = row
    return ModeRow(
        mode=Mode(mode),
        generation=generation,
        switching_to=None if switching_to is None else Mode(switching_to),
        operation=operation,
        deadline=deadline,
    )


def _read(connection: Connection) -> ModeRow:
    row = _found(connection)
    if row is None:
        raise LookupError("no mode was ever decided in this store")
    return row


def _changed(connection: Connection, change: Change) -> ModeRow:
    """Write what `change` makes of the row, in a new generation unless it only moves the deadline."""
    before = _read(connection)
    after = change(before)
    if after == before:
        return before
    only_later = replace(after, deadline=before.deadline) == before
    new = after if only_later else replace(after, generation=before.generation + 1)
    return _write(connection, before, new) or _read(connection)


def _write(connection: Connection, before: ModeRow, after: ModeRow) -> ModeRow | None:
    """Put a row in the place of the one that was read; None when somebody else was faster."""
    written = connection.change(
        _WRITE,
        was=before.generation,
        of_mode=after.mode.value,
        becomes=after.generation,
        to_mode=None if after.switching_to is None else after.switching_to.value,
        by=after.operation,
        until=after.deadline,
    )
    return after if written else None


def _commit(connection: Connection, closed: ModeRow, others: frozenset[str]) -> ModeRow | None:
    alone = connection.first(_CHANGE)
    if alone is None or not alone[0]:
        return None
    row = _read(connection)
    if row.switching_to is None or (row.generation, row.operation) != (closed.generation, closed.operation):
        return None
    if still_to_come(others, _confirmations(connection), generation=row.generation) != (0, 0):
        return None
    changed = ModeRow(mode=row.switching_to, generation=row.generation + 1, operation=row.operation)
    return _write(connection, row, changed)


def _confirm(connection: Connection, said: Confirmation) -> None:
    connection.change(_CONFIRM, slot=said.slot, generation=said.generation, in_flight=said.in_flight)


def _confirmations(connection: Connection) -> dict[str, Confirmation]:
    rows = connection.all(_CONFIRMED)
    return {slot: Confirmation(slot, generation, in_flight) for slot, generation, in_flight in rows}
