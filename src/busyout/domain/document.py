"""Documents: JSON objects that somebody else gives their meaning, kept as they came within bounds."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from busyout.domain.errors import InvalidValue

Document = dict[str, Any]

MAX_DOCUMENT: Final = 1024 * 1024
"""Largest document, in bytes of compact JSON."""

MAX_NESTING: Final = 32
"""Most levels of objects and lists."""

ID: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:@+-]{0,127}")
"""What a document may be called: a key in the store, and one segment of an address."""

INTEGERS: Final = range(-(2**63), 2**64)
"""Whole numbers that every reader of JSON here understands."""


def checked_id(value: object) -> str:
    """A document's id, if it can be one.

    Raises:
        InvalidValue: It is no plain name.
    """
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise InvalidValue("an id is up to 128 letters, digits and _.:@+- and begins with a letter, a digit or _")
    return value


def checked_document(value: object, *, largest: int = MAX_DOCUMENT) -> Document:
    """A document, if it can be kept.

    Raises:
        InvalidValue: It is no object, too large, too deep, or has a value that cannot be kept.
    """
    if not isinstance(value, dict):
        raise InvalidValue("that is no JSON object")
    check_value(value)
    if len(msgspec.json.encode(value)) > largest:
        raise InvalidValue(f"a document has at most {largest} bytes")
    return value


def check_value(value: object, *, levels: int = MAX_NESTING) -> None:
    """Let a JSON value pass.

    Raises:
        InvalidValue: It is nested too deeply, or has text or a number that cannot be kept.
    """
    match value:
        case dict() | list() if levels == 0:
            raise InvalidValue(f"a document has at most {MAX_NESTING} levels")
        case dict():
            for name, inner in value.items():
                check_value(name, levels=0)
                check_value(inner, levels=levels - 1)
        case list():
            for inner in value:
                check_value(inner, levels=levels - 1)
        case str():
            _check_text(value)
        case None | bool():
            return
        case int() if value in INTEGERS:
            return
        case float() if value - value == 0:
            return
        case _:
            raise InvalidValue("a number or a value cannot be kept")


def _check_text(text: str) -> None:
    if "\0" in text:
        raise InvalidValue("a text has a NUL, which cannot be kept")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidValue("a text is no Unicode") from error


def merged(layers: Iterable[Mapping[str, Any]]) -> Document:
    """One document of several, later ones over earlier ones; objects are merged, anything else is replaced."""
    whole: Document = {}
    for layer in layers:
        _lay(whole, layer)
    return whole


def _lay(below: Document, above: Mapping[str, Any]) -> None:
    for name, value in above.items():
        if isinstance(value, dict):
            known = below.get(name)
            below[name] = merged((known, value)) if isinstance(known, dict) else merged((value,))
        else:
            below[name] = value
