"""Customers: a profile of core attributes, with records of extensions beside them."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from msgspec import Struct

from busyout.domain.context.attribute import checked_values
from busyout.domain.context.names import shown
from busyout.domain.context.records import Record, check_size, checked_records
from busyout.domain.context.schema import Extension, Schemas, Subject, named
from busyout.domain.errors import InvalidValue

LETTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
"""Of ids, in the order in which databases sort them."""

PAIRS: Final = tuple(first + second for first in LETTERS for second in LETTERS)
"""Two letters at once, which halves the work."""

TIME_LETTERS: Final = 7
RANDOM_LETTERS: Final = 9
RANDOM: Final = len(LETTERS) ** RANDOM_LETTERS

FAMILY_LETTERS: Final = 11
"""With which ids begin of customers that are made together."""

FAMILIES: Final = len(LETTERS) ** (FAMILY_LETTERS - TIME_LETTERS)
MEMBERS: Final = len(LETTERS) ** (TIME_LETTERS + RANDOM_LETTERS - FAMILY_LETTERS)
"""Most customers of one family."""

Records = dict[int, tuple[Record, ...]]
"""By the ids of their extensions."""


class Profile(Struct, frozen=True):
    """What somebody says of a customer."""

    attributes: dict[str, Any]
    """In the form in which they are kept, by names as the schema spells them."""
    records: Records
    """Only of the extensions that are named."""


class Customer(Struct, frozen=True):
    """A customer as it is kept."""

    id: str
    attributes: dict[str, Any]
    records: Records


class Seen(Struct, frozen=True):
    """Customers that were read together."""

    customers: tuple[Customer, ...]
    others: tuple[str, ...] = ()
    """Ids of those of whom nothing else is told."""
    extensions: tuple[Extension, ...] = ()
    """Those that were asked for."""


def customer_id(now: float, random: int) -> str:
    """An id of 16 letters and digits; ids of one moment lie together. `random` is below `RANDOM`."""
    return _ordered_moment(int(now * 1000)) + _ordered(random, RANDOM_LETTERS)


@lru_cache(maxsize=1)
def _ordered_moment(milliseconds: int) -> str:
    """A moment in letters; many customers are made in the same one."""
    return _ordered(milliseconds, TIME_LETTERS)


def family_of(now: float, random: int) -> str:
    """How the ids of customers begin that are made together; others begin so by chance only. `random` is below
    `FAMILIES`."""
    return _ordered_moment(int(now * 1000)) + _ordered(random, FAMILY_LETTERS - TIME_LETTERS)


def member_of(family: str, number: int) -> str:
    """The id of one of a family; `number` is below `MEMBERS`."""
    return family + _ordered(number, TIME_LETTERS + RANDOM_LETTERS - FAMILY_LETTERS)


def _ordered(number: int, count: int) -> str:
    """A number in so many letters that sort as it does."""
    letters = ""
    for _ in range(count // 2):
        number, digits = divmod(number, len(PAIRS))
        letters = PAIRS[digits] + letters
    return LETTERS[number % len(LETTERS)] + letters if count % 2 else letters


def profile_of(schemas: Schemas, said: Mapping[str, Any]) -> Profile:
    """What is said of a customer, by the names of attributes and extensions.

    Raises:
        InvalidValue: It names what is neither an attribute nor an extension, one of them twice, or has a value that is
            not possible; the message names it.
    """
    profile = Profile({}, {})
    for name, value in said.items():
        if (attribute := schemas.core_attribute(name)) is not None:
            _check_new(profile.attributes, attribute.name)
            if value is not None:
                profile.attributes[attribute.name] = checked_values(attribute, value)
            continue
        extension = named(schemas.of_subject(Subject.PROFILE), name)
        if extension is None:
            raise InvalidValue(f'profiles have neither an attribute nor an extension called "{shown(name)}"')
        _check_new(profile.records, extension.id, extension.name)
        profile.records[extension.id] = () if value is None else checked_records(extension, value)
    return profile


def check_complete(schemas: Schemas, records: Records) -> None:
    """Let a customer pass who has every extension that is required, and not too much of them all.

    Raises:
        InvalidValue: One is missing, and the message names it; or they are too large together.
    """
    check_size(records.values())
    for extension in schemas.of_subject(Subject.PROFILE):
        if extension.required and not records.get(extension.id):
            raise InvalidValue(f'"{extension.name}" is mandatory')


def check_something(attributes: Mapping[str, Any], records: Records) -> None:
    """Let a customer pass of whom anything is known.

    Raises:
        InvalidValue: Nothing is.
    """
    if not attributes and not any(records.values()):
        raise InvalidValue("a profile has at least one attribute or record")


def _check_new(known: Mapping[Any, Any], key: object, name: str | None = None) -> None:
    if key in known:
        raise InvalidValue(f'"{shown(name or str(key))}" is there twice')
