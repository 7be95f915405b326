"""Rows of extensions and identification keys, for all units of work that are about these."""

from typing import Final

import msgspec
from msgspec.structs import replace
from sqlalchemy import BigInteger, bindparam, select, update

from busyout.domain.context.errors import NoSuchExtension
from busyout.domain.context.names import folded
from busyout.domain.context.schema import Extension, IdentificationKey, Subject
from busyout.store.database import Connection, Row
from busyout.store.schema_context import extensions, identification_keys, schema_generation
from busyout.store.statement import Statement, insert_unless

ONLY: Final = "context"
"""Name of the only generation."""

_GENERATION = Statement(select(schema_generation.c.generation).where(schema_generation.c.name == bindparam("of_name")))
_FIRST = insert_unless(schema_generation, "name", returning=schema_generation.c.generation)
_NEXT = Statement(
    update(schema_generation)
    .where(schema_generation.c.name == bindparam("of_name"))
    .values(generation=schema_generation.c.generation + 1)
)
_EXTENSIONS = Statement(
    select(extensions.c.id, extensions.c.definition).where(extensions.c.going.is_(False)).order_by(extensions.c.id)
)
_KEYS = Statement(
    select(identification_keys.c.id, identification_keys.c.definition)
    .where(identification_keys.c.ready.is_(True))
    .order_by(identification_keys.c.id)
)
_EXTENSION = Statement(
    select(extensions.c.id, extensions.c.definition, extensions.c.going).where(
        extensions.c.subject == bindparam("of_subject"), extensions.c.folded == bindparam("of_name")
    )
)
_KEYS_ON = Statement(
    select(identification_keys.c.id)
    .where(identification_keys.c.extension == bindparam("of_extension", type_=BigInteger))
    .limit(1)
)

_READ_EXTENSION: Final = msgspec.json.Decoder(Extension)
_READ_KEY: Final = msgspec.json.Decoder(IdentificationKey)


def generation_of(connection: Connection) -> int:
    """Grows with every change; 0 before the first."""
    row = connection.first(_GENERATION, of_name=ONLY)
    return 0 if row is None else int(row[0])


def advance_generation(connection: Connection) -> None:
    """Tell every server that something has changed."""
    if connection.first(_FIRST, name=ONLY, generation=1) is None:
        connection.change(_NEXT, of_name=ONLY)


def seen_extensions(connection: Connection) -> tuple[Extension, ...]:
    """Every extension that is not going, by id."""
    return tuple(extension_of(row) for row in connection.all(_EXTENSIONS))


def seen_keys(connection: Connection) -> tuple[IdentificationKey, ...]:
    """Every key that is ready, by id."""
    return tuple(key_of(row) for row in connection.all(_KEYS))


def find_extension(connection: Connection, subject: Subject, name: str) -> tuple[Extension, bool]:
    """The extension of a name, in whatever case, and whether it is going.

    Raises:
        NoSuchExtension: There is none.
    """
    row = connection.first(_EXTENSION, of_subject=subject.value, of_name=folded(name))
    if row is None:
        raise NoSuchExtension(f'there is no {subject.value} extension called "{name}"')
    return extension_of(row[:2]), bool(row[2])


def has_key(connection: Connection, extension: int) -> bool:
    """Whether a key is on an extension; one that is being made or removed counts."""
    return connection.first(_KEYS_ON, of_extension=extension) is not None


def extension_of(row: Row) -> Extension:
    """The extension of an id and a definition."""
    return replace(_READ_EXTENSION.decode(row[1]), id=row[0])


def key_of(row: Row) -> IdentificationKey:
    """The key of an id and a definition."""
    return replace(_READ_KEY.decode(row[1]), id=row[0])
