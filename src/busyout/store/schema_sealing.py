"""The part of the schema that is about sealed values; it belongs to the same metadata."""

from typing import Final

from sqlalchemy import Boolean, Column, Table, Text

from busyout.store.schema import metadata, parameters
from busyout.store.schema_directory import devices, profiles, renderings

sealing_keys = Table(
    "sealing_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("proof", Text, nullable=False),
    Column("complete", Boolean, nullable=False),
)
"""The keys without which something may not open; none is ever removed. `proof` is a text sealed with the key; where
`complete`, the columns in `SEALED` have been sealed with it."""

SEALED: Final[tuple[tuple[Column[str], Column[str]], ...]] = (
    (parameters.c.id, parameters.c.value),
    (profiles.c.id, profiles.c.document),
    (devices.c.id, devices.c.content),
    (renderings.c.device, renderings.c.content),
)
"""Every column that is sealed whole, after the unique one by which its rows are called."""


def place(column: Column[str], key: str) -> str:
    """Where a sealed value lives."""
    return f"{column.table.name}.{column.name}/{key}"
