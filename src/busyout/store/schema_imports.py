"""The part of the schema where rows of a file wait until all of them are taken in; it belongs to the same metadata."""

from sqlalchemy import BigInteger, Boolean, Column, Index, PrimaryKeyConstraint, Table, Text, UniqueConstraint

from busyout.store.schema import Number, metadata

imports = Table(
    "imports",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("running", Text),
    Column("slot", Text, nullable=False),
    Column("family", Text, nullable=False),
    Column("members", BigInteger, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    UniqueConstraint("running"),
    sqlite_autoincrement=True,
)
"""`running` is the same word for whichever is carried out, so that there is one, and NULL for what is left of others.
`slot` is that of the server that carries it out. New customers have ids of its `family`, with numbers below `members`.
The last two count the customers that it makes and those that it changes."""

unseen_families = Table("unseen_families", metadata, Column("family", Text, primary_key=True))
"""Customers of these families are in their tables, and nobody sees them: their import was not taken in yet, or is being
removed."""

import_rows = Table(
    "import_rows",
    metadata,
    Column("intake", Number, nullable=False),
    Column("fresh", Boolean, nullable=False),
    Column("row", BigInteger, nullable=False),
    Column("customer", Text, nullable=False),
    Column("revision", BigInteger),
    Column("attributes", Text),
    Column("given", Text, nullable=False),
    PrimaryKeyConstraint("intake", "fresh", "row"),
    Index("uq_import_rows_customer", "intake", "customer", unique=True),
)
"""Rows of a file that is taken in by a key. `revision` is that of the customer whom the row changes, and `attributes`
are those it will have; both are NULL for a new one, which is `fresh`. `given` is what the row says, sealed."""

import_records = Table(
    "import_records",
    metadata,
    Column("intake", Number, nullable=False),
    Column("customer", Text, nullable=False),
    Column("extension", Number, nullable=False),
    Column("record", Text, nullable=False),
    PrimaryKeyConstraint("intake", "customer", "extension"),
)
"""Records that customers who are changed will have of the extensions that the file has columns of."""

import_entries = Table(
    "import_entries",
    metadata,
    Column("intake", Number, nullable=False),
    Column("role", BigInteger, nullable=False),
    Column("part", Text, nullable=False),
    Column("row", BigInteger, nullable=False),
    Column("key", Number, nullable=False),
    Column("digest", Text, nullable=False),
    Column("customer", Text, nullable=False),
    Column("whole", Boolean, nullable=False),
    PrimaryKeyConstraint("intake", "role", "part", "row", "key", "digest"),
    sqlite_with_rowid=False,
)
"""What new customers will be found under (`role` 0), and what will be otherwise of those who are changed: what they
will be found under (1), and will not be any more (2). `whole` where nobody else may be. With the key 0, what the row
finds its customer by. `part` is how the digest begins: rows go to the end of each part as they are read, and are taken
from there part by part, so that neither is done all over a large index."""
