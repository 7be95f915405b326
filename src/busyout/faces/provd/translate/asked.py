"""What a request asks for: bodies, numbers and preferences, each in the shapes that provd takes."""

import json
import re
from typing import Any, Final, NoReturn

import msgspec

from busyout.domain.errors import InvalidValue, NoSuchMonitor
from busyout.domain.operation import Operation, OperationState
from busyout.faces.provd.errors import NotFinished, malformed
from busyout.http import has_more_values
from busyout.services.monitors import LONGEST_WAIT

WAIT: Final = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})\"?(?=$|[,;\s])", re.ASCII | re.IGNORECASE)
"""RFC 7240, 4.3."""

NUMBER: Final = re.compile(r"[1-9][0-9]{0,15}")
"""Of a monitor."""

WRONG: Final = "Wrong information in entity"

MOST_VALUES: Final = 100_000
"""Most values of a body, roughly: small ones take many times their size in memory."""


def body(content: bytes) -> Any:  # noqa: ANN401 - whatever JSON there is; who reads it judges it
    """The JSON value of a body.

    Raises:
        MalformedBody: It is none, and the message is the one that provd's clients know; or it has too many values.
    """
    if has_more_values(content, MOST_VALUES):
        raise malformed(f"a body has at most {MOST_VALUES} values here")
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise malformed(f"Invalid JSON document: {_said_of(content, error)}") from error


def _said_of(content: bytes, error: Exception) -> str:
    """What is wrong with a body, in the words of the incumbent's own decoder where it says that something is."""
    try:
        json.loads(content, parse_constant=_no_number)
    except UnicodeError:
        return "it is not UTF-8"
    except RecursionError:
        return "it is nested too deeply"
    except ValueError as known:
        return str(known)
    return str(error)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def id_of(asked: object) -> str:
    """The id that a body names.

    Raises:
        MalformedBody: It names none.
    """
    if not isinstance(asked, dict) or "id" not in asked:
        raise malformed('Missing "id" key')
    if not isinstance(asked["id"], str) or not asked["id"].isprintable():
        raise malformed('"id" is a printable text')
    return asked["id"]


def value_of(asked: object) -> object:
    """The value that a body gives a parameter.

    Raises:
        MalformedBody: It gives none.
    """
    match asked:
        case {"param": {"value": value}}:
            return value
        case _:
            raise malformed(WRONG)


def member_of(asked: object, name: str) -> dict[str, Any]:
    """The object under that name in a body.

    Raises:
        MalformedBody: There is none.
    """
    inner = asked.get(name) if isinstance(asked, dict) else None
    if not isinstance(inner, dict):
        raise malformed(f'Missing "{name}" key')
    return inner


def number_of(segment: str) -> int:
    """The number of a monitor.

    Raises:
        NoSuchMonitor: It is no number that we have given.
    """
    if not NUMBER.fullmatch(segment):
        raise NoSuchMonitor
    return int(segment)


def wait_of(prefer: str | None) -> int | None:
    """Seconds to wait for the end, as somebody would rather, but not for too long; None where they said nothing."""
    found = WAIT.search(prefer[:1024]) if prefer else None
    return None if found is None else min(int(found.group(1)), int(LONGEST_WAIT))


def finished(operation: Operation) -> None:
    """Let pass what has been done.

    Raises:
        InvalidValue: Somebody cancelled it.
        NotFinished: It has failed, or is still in progress.
    """
    if operation.state is OperationState.CANCELLED:
        raise InvalidValue(operation.reason)
    if operation.state is not OperationState.SUCCEEDED:
        raise NotFinished(operation.reason or f"still in progress (operation {operation.id})")
