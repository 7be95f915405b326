"""The part of the schema that is about customers and how they are found; it belongs to the same metadata."""

from sqlalchemy import Column, ForeignKey, Index, PrimaryKeyConstraint, Table, Text, text

from busyout.store.schema import Number, metadata
from busyout.store.schema_context import identification_keys

customers = Table(
    "customers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("attributes", Text, nullable=False),
    Column("revision", Number, nullable=False, server_default=text("0")),
)
"""`attributes` is JSON: the core attributes of a profile. Its records are in `customer_records`. `revision` grows with
every change of the profile or its records."""

key_entries = Table(
    "key_entries",
    metadata,
    Column("key", Number, ForeignKey(identification_keys.c.id), nullable=False),
    Column("digest", Text, nullable=False),
    Column("customer", Text, nullable=False),
    Column("whole", Text),
    PrimaryKeyConstraint("key", "digest", "customer"),
    Index("ix_key_entries_customer", "customer", "key"),
    Index("uq_key_entries_whole", "key", "whole", unique=True),
)
"""One row for each leading part of the values that a customer has of a key. `whole` repeats the digest of all of them
where the key is unique, and is NULL otherwise, so that two customers cannot have the same."""
