"""Queries on documents: a selector in the manner of MongoDB, which fields, in which order, which part of the whole."""

from collections.abc import Collection, Iterator
from typing import Any, Final

from msgspec import Struct

from busyout.domain.criterion import Criterion, criteria
from busyout.domain.document import Document, check_value
from busyout.domain.errors import InvalidValue

MAX_CONDITIONS: Final = 32
"""Most conditions of one selector."""

MAX_PATH: Final = 8
"""Most names in a dotted key."""

SORTED_TEXT: Final = 256
"""Characters by which texts are sorted."""


class Selector:
    """Conditions that a document meets, all of them, or not."""

    def __init__(self, conditions: tuple[tuple[tuple[str, ...], Criterion], ...], equalities: dict[str, str]) -> None:
        self.conditions = conditions
        """Each with the path of the values that it judges."""
        self._equalities = equalities

    def matches(self, document: Document) -> bool:
        """Whether a document meets every condition."""
        return all(judge(tuple(values_at(path, document))) for path, judge in self.conditions)

    def equalities(self, names: Collection[str]) -> dict[str, str]:
        """The texts, none of them empty, that members of those names must be equal to."""
        return {name: text for name, text in self._equalities.items() if text and name in names}


EVERYTHING: Final = Selector((), {})


class Query(Struct, frozen=True, kw_only=True):
    """Which documents, what of them, in which order."""

    selector: Selector = EVERYTHING
    fields: tuple[tuple[str, ...], ...] = ()
    """Paths of the members that are shown beside `id`; all where none is named."""
    skip: int = 0
    limit: int | None = None
    """None for all that are left."""
    sort: tuple[str, ...] | None = None
    """Path of the member to sort by; None for the order in which the documents were added."""
    ascending: bool = True


def read_query(
    selector: object = None,
    *,
    fields: Collection[str] = (),
    window: tuple[int, int | None] = (0, None),
    sort: str | None = None,
    ascending: bool = True,
) -> Query:
    """A query as somebody asks it; `window` is how many to skip, and how many then at most (0 and None for all).

    Raises:
        InvalidValue: The selector is none, a name is too long a path, or a number is negative.
    """
    skip, limit = window
    if skip < 0 or (limit or 0) < 0:
        raise InvalidValue("skip and limit are not negative")
    if len(fields) > MAX_CONDITIONS:
        raise InvalidValue(f"at most {MAX_CONDITIONS} fields can be named")
    return Query(
        selector=EVERYTHING if selector is None else read_selector(selector),
        fields=tuple(_path(name) for name in fields if name),
        skip=skip,
        limit=limit or None,
        sort=_path(sort) if sort else None,
        ascending=ascending,
    )


def read_selector(value: object) -> Selector:
    """A selector: an object of keys, each with a value to be equal to or with an object of operators.

    A key may be dotted; a list on its way stands for its items. A key that leads nowhere meets `$ne`, `$nin` and
    `$exists: false` only. Values of different types are never equal and never in order.

    Raises:
        InvalidValue: It is no object, has an unknown operator, or exceeds a bound.
    """
    if not isinstance(value, dict):
        raise InvalidValue("a selector is a JSON object")
    check_value(value)
    pairs = [(_path(name), name, wanted) for name, wanted in value.items()]
    conditions = tuple((path, judge) for path, _, wanted in pairs for judge in criteria(wanted))
    if len(conditions) > MAX_CONDITIONS:
        raise InvalidValue(f"a selector has at most {MAX_CONDITIONS} conditions")
    return Selector(conditions, {name: wanted for _, name, wanted in pairs if isinstance(wanted, str)})


def shown(document: Document, fields: tuple[tuple[str, ...], ...]) -> Document:
    """The members of those paths and `id`, nested as they are; the whole document where no path is given."""
    if not fields:
        return document
    result: Document = {"id": document["id"]}
    for path in fields:
        inner, found = document, True
        for name in path:
            found = found and isinstance(inner, dict) and name in inner
            inner = inner[name] if found else inner
        if found:
            _put(result, path, inner)
    return result


def sort_key(document: Document, path: tuple[str, ...]) -> tuple[int, Any]:
    """What a document is sorted by: nothing, then truth values, numbers, texts, and the rest as it comes."""
    value = next(values_at(path, document), None)
    match value:
        case None:
            return (0, 0)
        case bool():
            return (1, value)
        case int() | float():
            return (2, value)
        case str():
            return (3, value[:SORTED_TEXT])
        case _:
            return (4, 0)


def values_at(path: tuple[str, ...], value: object) -> Iterator[Any]:
    """The values that a path leads to; several where it goes through a list."""
    if not path:
        yield value
    elif isinstance(value, dict):
        if path[0] in value:
            yield from values_at(path[1:], value[path[0]])
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, dict):
                yield from values_at(path, item)


def _path(name: str) -> tuple[str, ...]:
    path = tuple(name.split("."))
    if len(path) > MAX_PATH or len(name) > 1024:
        raise InvalidValue(f"a key has at most {MAX_PATH} names")
    check_value(name)
    return path


def _put(result: Document, path: tuple[str, ...], value: object) -> None:
    for name in path[:-1]:
        known = result.get(name)
        result[name] = result = dict(known) if isinstance(known, dict) else {}
    result[path[-1]] = value
