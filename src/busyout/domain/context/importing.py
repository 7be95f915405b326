"""Tables of customers: what the columns of a file are, and what a row of it says."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from busyout.domain.context.attribute import Attribute, Value, from_text
from busyout.domain.context.customer import Customer, Records, check_complete
from busyout.domain.context.identify import digest_of
from busyout.domain.context.names import folded, shown
from busyout.domain.context.records import Record, checked_record
from busyout.domain.context.schema import PROFILE, Extension, IdentificationKey, Kind, Schemas, Subject, named
from busyout.domain.errors import InvalidValue

MAX_COLUMNS: Final = 500
"""Most columns of a file."""


class ImportRequest(Struct, frozen=True):
    """A file to be taken in."""

    profiles: str
    """Name of the file in the directory for imports."""
    key: str | None
    """Identification key by which rows are profiles that there are; None where all of them are new."""
    delimiter: str
    encoding: str
    start_from: int
    """Rows to be left out at the beginning."""


class Imported(Struct, frozen=True):
    """What an import has done."""

    created: int
    updated: int


class Row(Struct, frozen=True):
    """A row as it is in the file."""

    number: int
    """From 1; 0 for the heading."""
    fields: tuple[str, ...]


class Column(Struct, frozen=True):
    """What a column holds."""

    heading: str
    attribute: Attribute
    extension: Extension | None
    """None for core attributes."""


class Columns(Struct, frozen=True):
    """What a file holds."""

    all: tuple[Column, ...]
    extensions: tuple[Extension, ...]
    """Those that it has columns of."""
    key: tuple[int, ...]
    """Places of the attributes of the key that rows are told by; empty where all are new customers."""


class Given(Struct, frozen=True):
    """What a row says of a customer."""

    attributes: dict[str, Value | None]
    """By name; None where the customer is to have no value."""
    records: dict[int, Record | None]
    """By the ids of the extensions that the file has columns of; None where there is to be none."""


def columns_of(schemas: Schemas, heading: Sequence[str], key: IdentificationKey | None) -> Columns:
    """What the heading of a file says: names of attributes, those of an extension as `extension.attribute`.

    Raises:
        InvalidValue: It names something else, something twice, or not every attribute of the key.
    """
    if not 1 <= len(heading) <= MAX_COLUMNS:
        raise InvalidValue(f"the file begins with a heading of 1 to {MAX_COLUMNS} names")
    columns: list[Column] = []
    for name in heading:
        column = _column(schemas, name)
        if any(folded(known.heading) == folded(column.heading) for known in columns):
            raise InvalidValue(f'the heading has two columns "{column.heading}"')
        columns.append(column)
    extensions = {column.extension.id: column.extension for column in columns if column.extension is not None}
    return Columns(tuple(columns), tuple(extensions.values()), () if key is None else _places(columns, key))


def _column(schemas: Schemas, name: str) -> Column:
    owner, dot, own = name.strip().partition(".")
    if not dot:
        attribute = schemas.core_attribute(owner)
        if attribute is None:
            raise InvalidValue(f'the heading has a column "{shown(name)}", and profiles no such attribute')
        return Column(attribute.name, attribute, None)
    extension = named(schemas.of_subject(Subject.PROFILE), owner)
    attribute = None if extension is None else extension.attribute(own)
    if extension is None or attribute is None:
        raise InvalidValue(f'the heading has a column "{shown(name)}", and there is no such extension or attribute')
    if extension.kind is not Kind.SINGLE_VALUED:
        raise InvalidValue(f'the heading has a column "{shown(name)}", and a row cannot have several records')
    return Column(f"{extension.name}.{attribute.name}", attribute, extension)


def _places(columns: Sequence[Column], key: IdentificationKey) -> tuple[int, ...]:
    places: list[int] = []
    for name in key.attributes:
        wanted = name if key.source == PROFILE else f"{key.source}.{name}"
        place = next((place for place, column in enumerate(columns) if column.heading == wanted), None)
        if place is None:
            raise InvalidValue(f'the heading lacks "{wanted}", which the identification key "{key.name}" has')
        places.append(place)
    return tuple(places)


def given_by(columns: Columns, row: Row) -> Given:
    """What a row says. A cell that is empty says that there is no value.

    Raises:
        InvalidValue: It has more or fewer cells than the heading, or one that its column cannot have; the message
            names the row and the column.
    """
    if len(row.fields) != len(columns.all):
        told = f"{len(row.fields)} cells, and the heading {len(columns.all)}"
        raise InvalidValue(f"row {row.number} has {told}")
    attributes: dict[str, Value | None] = {}
    cells: dict[int, dict[str, Value]] = {extension.id: {} for extension in columns.extensions}
    for column, text in zip(columns.all, row.fields, strict=True):
        value = _value(column, text, row.number) if text else None
        if column.extension is None:
            attributes[column.attribute.name] = value
        elif value is not None:
            cells[column.extension.id][column.attribute.name] = value
    records = {extension.id: _record(extension, cells[extension.id], row.number) for extension in columns.extensions}
    return Given(attributes, records)


def _value(column: Column, text: str, row: int) -> Value:
    try:
        return from_text(column.attribute, text)
    except InvalidValue as error:
        raise InvalidValue(f'row {row}, column "{column.heading}": {error.message}') from error


def _record(extension: Extension, cells: dict[str, Value], row: int) -> Record | None:
    if not cells:
        return None
    try:
        return checked_record(extension, cells)
    except InvalidValue as error:
        raise InvalidValue(f'row {row}, extension "{extension.name}": {error.message}') from error


def digest_by(columns: Columns, given: Given, row: int) -> str | None:
    """The digest that the customer of a row is found under; None where every row is a new customer.

    Raises:
        InvalidValue: The row lacks a value of the key; the message names it and the column.
    """
    if not columns.key:
        return None
    values: list[Value] = []
    for place in columns.key:
        column = columns.all[place]
        record = given.attributes if column.extension is None else given.records[column.extension.id]
        value = None if record is None else record.get(column.attribute.name)
        if value is None:
            raise InvalidValue(f'row {row}, column "{column.heading}": the identification key needs a value')
        values.append(value)
    return digest_of(values)


def merged(schemas: Schemas, id: str, found: Customer | None, given: Given, row: int) -> Customer:
    """The customer that a row makes of the one that was found, or of nobody; what it does not mention stays.

    Raises:
        InvalidValue: Nothing would be known of a new customer, or it would lack an extension that is required.
    """
    attributes = {} if found is None else dict(found.attributes)
    records: Records = {} if found is None else dict(found.records)
    for name, value in given.attributes.items():
        if value is None:
            attributes.pop(name, None)
        elif not _is_among(value, attributes.get(name)):
            attributes[name] = value
    for extension, record in given.records.items():
        records[extension] = () if record is None else (record,)
    if found is None and not attributes and not any(records.values()):
        raise InvalidValue(f"row {row} says nothing")
    try:
        check_complete(schemas, records)
    except InvalidValue as error:
        raise InvalidValue(f"row {row}: {error.message}") from error
    return Customer(id, attributes, records)


def _is_among(value: Value, known: object) -> bool:
    """Whether a customer has several values, and this is one of them: then a row takes none of them away."""
    return isinstance(known, list) and value in known
