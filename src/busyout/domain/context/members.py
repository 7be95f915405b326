"""Members of documents that are a text or a whole number."""

from collections.abc import Mapping
from typing import Any

from busyout.domain.errors import InvalidValue


def text_in(document: Mapping[str, Any], name: str, longest: int) -> str | None:
    """A member that is a text without control characters; None where it is missing.

    Raises:
        InvalidValue: It is none, empty, or too long.
    """
    value = document.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 1 <= len(value) <= longest or not value.isprintable():
        raise InvalidValue(f"{name} is a text of 1 to {longest} characters, none of them a control character")
    return value


def number_in(document: Mapping[str, Any], name: str, largest: int) -> int | None:
    """A member that is a whole number from 0 on; None where it is missing.

    Raises:
        InvalidValue: It is no such number.
    """
    value = document.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= largest:
        raise InvalidValue(f"{name} is a whole number from 0 to {largest}")
    return value
