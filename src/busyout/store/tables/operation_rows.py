"""How an operation is laid out in columns: what never changes, what the runner writes, what operators ask."""

from typing import Any

from msgspec import ValidationError
from msgspec.json import Decoder
from sqlalchemy import select

from busyout.domain.commands import Command
from busyout.domain.errors import InvalidValue
from busyout.domain.operation import Operation, OperationState, Requests, Step
from busyout.store.content import encode
from busyout.store.database import Row
from busyout.store.schema import operations

READ = select(
    *(column for column in operations.columns if column not in (operations.c.number, operations.c.settled)),
)
"""Every column that an operation is made of, in the order of `operation_of`."""

_COMMAND: Decoder[Command] = Decoder(Command)
_STEPS = Decoder(tuple[Step, ...])


def columns_of(operation: Operation) -> dict[str, Any]:
    """Every column of a new operation."""
    return {
        "id": operation.id,
        "element": operation.element,
        "lane": operation.lane,
        "command": _command(operation.command),
        "actor": operation.actor,
        "face": operation.face,
        "created_at": operation.created_at,
        "retry_of": operation.retry_of,
        **running_columns_of(operation),
        "cancel": operation.requests.cancel,
        "force": operation.requests.force,
        "extended": operation.requests.extended,
    }


def _command(command: Command) -> str:
    """A command as text that can be read back: nobody could settle an operation that cannot be read."""
    body = encode(command)
    try:
        _COMMAND.decode(body)
    except ValidationError as error:
        raise InvalidValue("the command holds a value that cannot be kept, such as an infinite number") from error
    return body


def running_columns_of(operation: Operation) -> dict[str, Any]:
    """The columns that belong to the runner."""
    return {
        "state": operation.state.value,
        "settled": operation.settled,
        "steps": encode(operation.steps),
        "started_at": operation.started_at,
        "settled_at": operation.settled_at,
        "reason": operation.reason,
    }


def operation_of(row: Row) -> Operation:
    """The operation that a row of `READ` holds."""
    id, element, lane, command, actor, face, created_at, retry_of, *rest = row
    state, steps, started_at, settled_at, reason, cancel, force, extended = rest
    return Operation(
        id=id,
        element=element,
        lane=lane,
        command=_COMMAND.decode(command),
        state=OperationState(state),
        steps=_STEPS.decode(steps),
        requests=Requests(bool(cancel), bool(force), extended),
        actor=actor,
        face=face,
        created_at=created_at,
        started_at=started_at,
        settled_at=settled_at,
        reason=reason,
        retry_of=retry_of,
    )
