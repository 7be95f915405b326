"""Attributes: what a value may be, and the one form in which it is kept and compared."""

from collections.abc import Callable, Mapping
from enum import Enum
from math import isfinite
from typing import Final

from msgspec import Struct

from busyout.domain.context.moment import date_of, moment_of
from busyout.domain.context.names import shown
from busyout.domain.errors import InvalidValue

MAX_LENGTH: Final = 1024 * 1024
"""Most characters that an attribute may allow its values."""

DEFAULT_LENGTH: Final = 4096
"""Most characters of a value where the attribute says nothing."""

MAX_VALUES: Final = 100
"""Most values of one attribute of a profile."""

INTEGERS: Final = range(-(2**31), 2**31)
LONGS: Final = range(-(2**63), 2**63)

MAX_CURRENCY: Final = 99_999_999_999.9999
"""With four places these are fifteen digits, which every reader of JSON keeps."""


Value = bool | int | float | str
"""One value of an attribute, in the form in which it is kept."""


class AttributeType(Enum):
    """What the values of an attribute are."""

    BOOLEAN = "boolean"
    STRING = "string"
    INTEGER = "integer"
    """Whole numbers of 32 bits."""
    LONG = "long"
    """Whole numbers of 64 bits."""
    DOUBLE = "double"
    DATE = "date"
    DATETIME = "datetime"
    CURRENCY = "currency"
    """Numbers with at most four places."""


class Attribute(Struct, frozen=True, omit_defaults=True):
    """A named place for values."""

    name: str
    type: AttributeType
    default: Value | None = None
    """Value of records that give none, in the form in which it is kept; None for no value."""
    length: int | None = None
    """Most characters of a string; None for the usual bound."""
    mandatory: bool = False
    encrypt: bool = False
    """Whether its values are sealed where they are kept."""
    unique: bool = False
    """Whether no two records of one owner have the same."""


def checked(attribute: Attribute, value: object) -> Value:
    """A value in the form in which it is kept.

    Raises:
        InvalidValue: The attribute cannot have it; the message names the attribute and never repeats the value.
    """
    found = FORMS[attribute.type](attribute, value)
    if found is None:
        raise InvalidValue(f'"{shown(attribute.name)}" is {WORDS[attribute.type]}')
    return found


def checked_values(attribute: Attribute, value: object) -> Value | list[Value]:
    """One value, or a list of several of which the first is the primary one, in the form in which they are kept.

    Raises:
        InvalidValue: As of `checked`, or the list is empty or too long.
    """
    if not isinstance(value, (list, tuple)):
        return checked(attribute, value)
    if not 1 <= len(value) <= MAX_VALUES:
        raise InvalidValue(f'"{shown(attribute.name)}" has from 1 to {MAX_VALUES} values')
    return [checked(attribute, one) for one in value]


def from_text(attribute: Attribute, text: str) -> Value:
    """The value that a text stands for, as in an address or a file, in the form in which it is kept.

    Raises:
        InvalidValue: It stands for none that the attribute can have.
    """
    read = TEXTS.get(attribute.type)
    return checked(attribute, text if read is None else read(text))


def _boolean(_attribute: Attribute, value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _string(attribute: Attribute, value: object) -> str | None:
    if not isinstance(value, str):
        return None
    longest = DEFAULT_LENGTH if attribute.length is None else attribute.length
    if len(value) > longest:
        raise InvalidValue(f'"{shown(attribute.name)}" has at most {longest} characters')
    if "\0" in value:
        raise InvalidValue(f'"{shown(attribute.name)}" has a NUL, which cannot be kept')
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InvalidValue(f'"{shown(attribute.name)}" is no Unicode text') from error
    return value


def _integer(_attribute: Attribute, value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value in INTEGERS else None


def _long(_attribute: Attribute, value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value in LONGS else None


def _double(_attribute: Attribute, value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if isinstance(value, int):
        return float(value) if value in LONGS else None
    return value + 0.0 if isfinite(value) else None  # minus zero becomes zero


def _currency(attribute: Attribute, value: object) -> float | None:
    number = _double(attribute, value)
    return number if number is not None and abs(number) <= MAX_CURRENCY and round(number, 4) == number else None


def _date(_attribute: Attribute, value: object) -> str | None:
    return date_of(value) if isinstance(value, str) else None


def _moment(_attribute: Attribute, value: object) -> str | None:
    return moment_of(value) if isinstance(value, str) else None


def _truth(text: str) -> object:
    return {"true": True, "false": False}.get(text.lower()) if len(text) <= 5 else None


def _whole(text: str) -> object:
    digits = text.removeprefix("-")
    return int(text) if len(digits) <= 19 and digits.isascii() and digits.isdigit() else None


def _number(text: str) -> object:
    try:
        return float(text) if len(text) <= 40 and text.isascii() and "_" not in text else None
    except ValueError:
        return None


FORMS: Final[Mapping[AttributeType, Callable[[Attribute, object], Value | None]]] = {
    AttributeType.BOOLEAN: _boolean,
    AttributeType.STRING: _string,
    AttributeType.INTEGER: _integer,
    AttributeType.LONG: _long,
    AttributeType.DOUBLE: _double,
    AttributeType.DATE: _date,
    AttributeType.DATETIME: _moment,
    AttributeType.CURRENCY: _currency,
}
"""How a value is brought into the form in which it is kept; None when it cannot be."""

TEXTS: Final[Mapping[AttributeType, Callable[[str], object]]] = {
    AttributeType.BOOLEAN: _truth,
    AttributeType.INTEGER: _whole,
    AttributeType.LONG: _whole,
    AttributeType.DOUBLE: _number,
    AttributeType.CURRENCY: _number,
}
"""How a text is read where it is not the value itself; None when it stands for none."""

WORDS: Final[Mapping[AttributeType, str]] = {
    AttributeType.BOOLEAN: "true or false",
    AttributeType.STRING: "a text",
    AttributeType.INTEGER: "a whole number of 32 bits",
    AttributeType.LONG: "a whole number of 64 bits",
    AttributeType.DOUBLE: "a number",
    AttributeType.DATE: "a date, yyyy-MM-dd, of the years 1 to 9999",
    AttributeType.DATETIME: "a moment, yyyy-MM-ddTHH:mm:ss.SSSZ, of the years 1 to 9999",
    AttributeType.CURRENCY: f"a number with at most four places, up to {MAX_CURRENCY:.4f}",
}
