"""What requests ask for, as values of ours."""

import re
from typing import Any, Final

import msgspec

from busyout.domain.context.moment import moment_of, seconds_of
from busyout.domain.errors import InvalidValue
from busyout.domain.mode import Mode
from busyout.http import MalformedBody, check_members, has_more_values

BOOLEANS: Final = {"true": True, "false": False}

NUMBER: Final = re.compile(r"[0-9]{1,18}")
"""Fits into 64 bits; no store gives a longer one."""

MOST_VALUES: Final = 150_000
"""Most values of a body, roughly: small ones take many times their size in memory. As many records of an extension as a
profile can have, with as many attributes as an extension can have, are fewer."""

MODES: Final = {mode.value: mode for mode in Mode}


def body(data: bytes) -> object:
    """The value of a body, whatever its Content-Type; None where there is none.

    Raises:
        MalformedBody: It is no JSON, or has too many values, or an object names a member twice.
    """
    if not data.strip():
        return None
    if has_more_values(data, MOST_VALUES):
        raise MalformedBody(f"a body has at most {MOST_VALUES} values here")
    try:
        value: object = msgspec.json.decode(data)
        check_members(data, value)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise MalformedBody("the body is no JSON, or is nested too deeply") from error
    return value


def document_of(value: object) -> dict[str, Any]:
    """The body as an object.

    Raises:
        MalformedBody: It is none, or is missing: what is put in the place of something has to be there.
    """
    if not isinstance(value, dict):
        raise MalformedBody("the body is no JSON object")
    return value


def remark_of(value: object) -> dict[str, Any]:
    """The body as an object where it may be missing, because the address says all that is needed.

    Raises:
        MalformedBody: It is none.
    """
    return {} if value is None else document_of(value)


def mode_of(value: object) -> Mode:
    """The mode that a body names, in whatever case (document, section "Operation"); other members are left aside.

    Raises:
        MalformedBody: It names none.
    """
    mode = document_of(value).get("mode")
    if not isinstance(mode, str) or (found := MODES.get(mode.lower())) is None:
        raise MalformedBody(f"mode is mandatory, and {' or '.join(MODES)}")
    return found


def number_of(text: str) -> int | None:
    """The number that a segment of an address is; None where it is none, and then it names nothing."""
    return int(text) if NUMBER.fullmatch(text) else None


def names_of(text: str) -> tuple[str, ...]:
    """The names of a list that is separated by commas, each once."""
    return tuple(dict.fromkeys(name for name in (part.strip() for part in text.split(",")) if name))


def flag_of(name: str, text: str) -> bool:
    """A `true` or `false` of a query.

    Raises:
        InvalidValue: It is neither.
    """
    if (found := BOOLEANS.get(text.lower())) is None:
        raise InvalidValue(f"{name} is true or false")
    return found


def time_of(name: str, value: object) -> float:
    """A moment of a query or a body, in seconds since the epoch; a date is its midnight in UTC.

    Raises:
        InvalidValue: It is none.
    """
    moment = moment_of(value) if isinstance(value, str) else None
    if moment is None:
        raise InvalidValue(f"{name} is a date and time such as 2010-02-24T15:56:46.369Z")
    return seconds_of(moment)


def choice_of(name: str, text: str, choices: dict[str, bool]) -> bool:
    """A parameter of two words, such as `yes` and `no`.

    Raises:
        InvalidValue: It is neither.
    """
    if (found := choices.get(text.lower())) is None:
        raise InvalidValue(f"{name} is {' or '.join(choices)}")
    return found
