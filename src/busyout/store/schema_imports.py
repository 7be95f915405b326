"""The part of the schema where rows of a file wait until all of them are taken in; it belongs to the same metadata."""

from sqlalchemy import BigInteger, Boolean, Column, Index, PrimaryKeyConstraint, Table, Text, UniqueConstraint

from busyout.store.schema import Number, metadata

imports = Table(
    "imports",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("running", Text),
    Column("slot", Text, nullable=False),
    UniqueConstraint("running"),
    sqlite_autoincrement=True,
)
"""`running` is the same word for whichever is carried out, so that there is one, and NULL for what is left of others.
`slot` is that of the server that carries it out."""

import_rows = Table(
    "import_rows",
    metadata,
    Column("intake", Number, nullable=False),
    Column("row", BigInteger, nullable=False),
    Column("customer", Text, nullable=False),
    Column("revision", BigInteger),
    Column("digest", Text),
    Column("attributes", Text, nullable=False),
    Column("given", Text),
    PrimaryKeyConstraint("intake", "row"),
    Index("uq_import_rows_customer", "intake", "customer", unique=True),
    Index("uq_import_rows_digest", "intake", "digest", unique=True),
)
"""`revision` is that of the customer whom the row changes; NULL for a new one. `attributes` are those the customer will
have. `digest` is what the row finds its customer by, and `given` what it says, sealed: both NULL without a key."""

import_records = Table(
    "import_records",
    metadata,
    Column("intake", Number, nullable=False),
    Column("customer", Text, nullable=False),
    Column("extension", Number, nullable=False),
    Column("fresh", Boolean, nullable=False),
    Column("record", Text, nullable=False),
    PrimaryKeyConstraint("intake", "customer", "extension"),
)
"""Records that customers will have of the extensions that the file has columns of. `fresh` is of new customers."""

import_entries = Table(
    "import_entries",
    metadata,
    Column("intake", Number, nullable=False),
    Column("key", Number, nullable=False),
    Column("digest", Text, nullable=False),
    Column("customer", Text, nullable=False),
    Column("fresh", Boolean, nullable=False),
    Column("whole", Text),
    PrimaryKeyConstraint("intake", "key", "digest", "customer"),
    Index("uq_import_entries_whole", "intake", "key", "whole", unique=True),
    Index("ix_import_entries_customer", "intake", "customer"),
)
"""Whatever customers will be found under, as in `key_entries`."""
