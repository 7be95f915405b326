"""Purges and exports as they are asked for (8.5, pages "Purge Services" and "Export Services File")."""

from enum import Enum
from typing import Any, TypeVar

from msgspec import Struct

from busyout.domain.context.moment import text_of
from busyout.domain.context.upkeep import Activity, Events, ExportRequest, Purge
from busyout.domain.errors import InvalidValue
from busyout.faces.ucs.translate.asked import time_of
from busyout.faces.ucs.translate.exports import NOTATIONS, Csv, Json

E = TypeVar("E", bound=Enum)


class Asked(Struct, frozen=True):
    """Query of a stream; the body of an export to files has the same members, and `format`."""

    time_from: str = ""
    time_to: str = ""
    filter_events: str = "any"
    filter_state: str = "any"


def purge_of(document: dict[str, Any]) -> tuple[str, Purge]:
    """Until when, and what.

    Raises:
        InvalidValue: One of the two is missing or no such thing.
    """
    limit = text_of(time_of("limit", document.get("limit")))
    return limit, _one_of("operation", document.get("operation"), Purge)


def export_of(document: dict[str, Any]) -> ExportRequest:
    """The export that a body asks for.

    Raises:
        InvalidValue: It has no beginning, or a member is no such thing.
    """
    until = document.get("time_to")
    return ExportRequest(
        time_from=time_of("time_from", document.get("time_from")),
        time_to=None if until is None or until == "" else time_of("time_to", until),
        events=_one_of("filter_events", document.get("filter_events", "any"), Events),
        activity=_one_of("filter_state", document.get("filter_state", "any"), Activity),
    )


def notation_of(document: dict[str, Any]) -> Json | Csv:
    """What the files of an export are written in.

    Raises:
        InvalidValue: It is no such thing.
    """
    value = document.get("format", Json.suffix)
    found = NOTATIONS.get(value.lower()) if isinstance(value, str) else None
    if found is None:
        raise InvalidValue(f"format is one of {', '.join(NOTATIONS)}")
    return found


def _one_of(name: str, value: object, kind: type[E]) -> E:
    found = {one.value: one for one in kind}.get(value.lower()) if isinstance(value, str) else None
    if found is None:
        raise InvalidValue(f"{name} is one of {', '.join(str(one.value) for one in kind)}")
    return found
