"""Business attributes: lists of the values that types, dispositions and the like can have."""

from typing import Final

from msgspec import Struct

from busyout.domain.context.names import folded

MAX_FREE: Final = 64
"""Most characters of a value where nothing is mapped."""


class BusinessValue(Struct, frozen=True):
    """One value of a business attribute."""

    name: str
    dbid: int
    """Its number in the database that the list was taken from."""
    display_name: str = ""
    description: str = ""


class BusinessAttribute(Struct, frozen=True):
    """A list of values, and where they are used."""

    name: str
    dbid: int
    display_name: str = ""
    description: str = ""
    map_name: str = ""
    """Name of the mapping, where it is known by one."""
    cv_attributes: tuple[str, ...] = ()
    """What is restricted to the values, such as `Service.type`."""
    values: tuple[BusinessValue, ...] = ()

    def value(self, asked: int | str) -> BusinessValue | None:
        """The value of that number, also written as text, or of that name in any case; None when there is none."""
        number = _number(asked)
        by_number = next((value for value in self.values if value.dbid == number), None)
        if by_number is not None or not isinstance(asked, str):
            return by_number
        return next((value for value in self.values if folded(value.name) == folded(asked)), None)


def _number(asked: int | str) -> int | None:
    if isinstance(asked, int):
        return asked
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= 18 else None
