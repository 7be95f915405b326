"""What a selector can want of the values that a key leads to: to be equal, or what MongoDB's operators say."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from operator import ge, gt, le, lt
from typing import Any, Final

from busyout.domain.errors import InvalidValue

MAX_ITEMS: Final = 1000
"""Most values in `$in` and `$nin`."""

Criterion = Callable[[tuple[Any, ...]], bool]
"""Judges all the values that a key leads to."""


def criteria(wanted: object) -> Iterator[Criterion]:
    """What a selector wants of the values of one key: to be equal to a value, or what operators say.

    Raises:
        InvalidValue: There is no such operator, or it takes no such operand.
    """
    if isinstance(wanted, dict) and any(name.startswith("$") for name in wanted):
        for operator, operand in wanted.items():
            if operator not in OPERATORS:
                raise InvalidValue(f"there is no operator {operator[:64]!r}")
            yield OPERATORS[operator](operand)
    else:
        yield _equal(wanted)


def _not(judge: Criterion) -> Criterion:
    return lambda values: not judge(values)


def _equal(wanted: object) -> Criterion:
    identity = _identity(wanted)
    return lambda values: any(_identity(value) == identity for value in values)


def _among(operand: object) -> Criterion:
    if not isinstance(operand, list) or len(operand) > MAX_ITEMS:
        raise InvalidValue(f"$in and $nin take a list of at most {MAX_ITEMS} values")
    identities = frozenset(map(_identity, operand))
    return lambda values: any(_identity(value) in identities for value in values)


def _containing(operand: object) -> Criterion:
    wanted = _identity(operand)

    def contains(value: object) -> bool:
        if isinstance(value, list):
            return wanted in map(_identity, value)
        return isinstance(value, str | dict) and isinstance(operand, str) and operand in value

    return lambda values: any(map(contains, values))


def _existing(operand: object) -> Criterion:
    if not isinstance(operand, bool | int):
        raise InvalidValue("$exists takes true or false")
    return lambda values: bool(values) == bool(operand)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[object], Criterion]:
    def judge(operand: object) -> Criterion:
        kind = _orderable(operand)
        if kind is None:
            raise InvalidValue("only numbers and texts can be compared")
        return lambda values: any(_orderable(value) == kind and compare(value, operand) for value in values)

    return judge


def _orderable(value: object) -> str | None:
    if isinstance(value, str):
        return "text"
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else None


def _identity(value: object) -> Hashable:
    """Equal for equal JSON values only: `1` is `1.0`, but `true` is not `1`."""
    match value:
        case bool():
            return ("truth", value)
        case dict():
            return ("object", frozenset((name, _identity(inner)) for name, inner in value.items()))
        case list():
            return ("list", tuple(map(_identity, value)))
        case _:
            assert isinstance(value, Hashable)
            return value


OPERATORS: Final[Mapping[str, Callable[[object], Criterion]]] = {
    "$in": _among,
    "$nin": lambda operand: _not(_among(operand)),
    "$ne": lambda operand: _not(_equal(operand)),
    "$contains": _containing,
    "$exists": _existing,
    "$gt": _ordered(gt),
    "$gte": _ordered(ge),
    "$ge": _ordered(ge),
    "$lt": _ordered(lt),
    "$lte": _ordered(le),
    "$le": _ordered(le),
}
"""What a value can be asked beside being equal."""
