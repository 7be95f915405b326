"""Records of an extension: checked against its attributes, told apart by its unique ones."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from busyout.domain.context.attribute import Value, checked
from busyout.domain.context.errors import NoSuchRecord
from busyout.domain.context.names import folded, shown
from busyout.domain.context.schema import Extension, Kind
from busyout.domain.errors import InvalidValue

MAX_RECORDS: Final = 1000
"""Most records of one extension that one owner has."""

MAX_SIZE: Final = 8 * 1024 * 1024
"""Most characters of all records of one owner, names included: twice a body. Defaults make much of a small body."""

RECORD_SIZE: Final = 64
"""Characters that a record counts for itself."""

NUMBER_SIZE: Final = 4
"""Characters that a value counts that is no text."""

Record = dict[str, Value]
"""Values by the names of attributes as the extension spells them; attributes without a value are left out."""


def checked_records(extension: Extension, value: object) -> tuple[Record, ...]:
    """The records of an owner in the form in which they are kept, defaults filled in.

    An object where the extension has one record, a list of objects where it has several.

    Raises:
        InvalidValue: It has another shape, or is too long; a record has an unknown attribute, or one twice, or lacks a
            mandatory one; two records have equal unique attributes. The message names the extension and the attribute.
    """
    if extension.kind is not Kind.MULTI_VALUED:
        return (checked_record(extension, value),)
    if not isinstance(value, (list, tuple)):
        raise InvalidValue(f'"{extension.name}" is a list of objects')
    if len(value) > MAX_RECORDS:
        raise InvalidValue(f'"{extension.name}" has at most {MAX_RECORDS} records')
    records = tuple(checked_record(extension, one) for one in value)
    check_unique(extension, records)
    check_size((records,))
    return records


def checked_record(extension: Extension, value: object) -> Record:
    """One record in the form in which it is kept; an attribute that is null is as one that is left out.

    Raises:
        InvalidValue: As of `checked_records`.
    """
    if not isinstance(value, Mapping):
        raise InvalidValue(f'a record of "{extension.name}" is an object')
    given = _by_name(extension, value)
    record: Record = {}
    for attribute in extension.attributes:
        if attribute.name in given:
            record[attribute.name] = checked(attribute, given[attribute.name])
        elif attribute.default is not None:
            record[attribute.name] = attribute.default
        elif attribute.mandatory:
            raise InvalidValue(f'"{attribute.name}" of "{extension.name}" is mandatory')
    return record


def changed_record(extension: Extension, record: Record, value: Mapping[Any, Any]) -> Record:
    """A record with the attributes that a document gives; one that is null goes.

    Raises:
        InvalidValue: As of `checked_records`.
    """
    mentioned = {folded(name) for name in value if isinstance(name, str)}
    kept = {name: one for name, one in record.items() if folded(name) not in mentioned}
    return checked_record(extension, {**kept, **value})


def check_unique(extension: Extension, records: Sequence[Record]) -> None:
    """Let records of one owner pass of which no two have equal unique attributes; where one lacks a value, none is.

    Raises:
        InvalidValue: Two have; the message names the attributes.
    """
    for names in extension.unique:
        seen: set[tuple[object, ...]] = set()
        for record in records:
            values = _distinct(record, names)
            if values in seen:
                raise InvalidValue(f'two records of "{extension.name}" have the same {_listed(names)}')
            if values is not None:
                seen.add(values)


def check_size(several: Iterable[Sequence[Record]]) -> None:
    """Let the records that an owner has of some extensions pass where together they are not too large.

    Raises:
        InvalidValue: They are.
    """
    if size_of(several) > MAX_SIZE:
        raise InvalidValue(f"records of extensions have at most {MAX_SIZE} characters together, defaults included")


def size_of(several: Iterable[Sequence[Mapping[str, object]]]) -> int:
    """Characters of the records of some extensions, roughly."""
    return sum(_size(record) for records in several for record in records)


def _size(record: Mapping[str, object]) -> int:
    values = (len(value) if isinstance(value, str) else _several(value) for value in record.values())
    return RECORD_SIZE + sum(map(len, record)) + sum(values)


def _several(value: object) -> int:
    """Of an attribute with several values, or of one that is no text."""
    return sum(map(len, map(str, value))) if isinstance(value, list) else NUMBER_SIZE


def place_of(extension: Extension, records: Sequence[Record], wanted: Mapping[Any, Any]) -> int:
    """Which of an owner's records has the unique attributes that a document gives.

    The first item of `unique` all of whose attributes are given decides.

    Raises:
        InvalidValue: The extension has no unique attributes, or the document gives no item of them whole, or one of
            them is not acceptable.
        NoSuchRecord: There is none.
    """
    given = _by_name(extension, wanted)
    names = next((names for names in extension.unique if all(name in given for name in names)), None)
    if names is None:
        told = " or ".join(_listed(names) for names in extension.unique) or "unique attributes, which it does not have"
        raise InvalidValue(f'a record of "{extension.name}" is told by {told}')
    asked: Record = {name: _value(extension, name, given[name]) for name in names}
    values = _distinct(asked, names)
    found = next((place for place, record in enumerate(records) if _distinct(record, names) == values), None)
    if found is None:
        raise NoSuchRecord(f'there is no record of "{extension.name}" with that {_listed(names)}')
    return found


def _value(extension: Extension, name: str, value: object) -> Value:
    attribute = extension.attribute(name)
    if attribute is None:
        raise LookupError(f"{extension.name} has no {name}")
    return checked(attribute, value)


def _by_name(extension: Extension, value: Mapping[Any, Any]) -> dict[str, object]:
    """What is given, by names as the extension spells them."""
    known = {folded(attribute.name): attribute.name for attribute in extension.attributes}
    given: dict[str, object] = {}
    for asked, one in value.items():
        name = known.get(folded(asked)) if isinstance(asked, str) else None
        if name is None:
            raise InvalidValue(f'"{extension.name}" has no attribute "{shown(str(asked))}"')
        if name in given:
            raise InvalidValue(f'"{name}" of "{extension.name}" is given twice')
        if one is not None:
            given[name] = one
    return given


def _distinct(record: Record, names: tuple[str, ...]) -> tuple[object, ...] | None:
    """Values that tell records apart; None where one is missing. True is not 1."""
    return (
        tuple((type(record[name]), record[name]) for name in names) if all(name in record for name in names) else None
    )


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(f'"{name}"' for name in names)
