"""The part of the schema that is about the context of customers; it belongs to the same metadata."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from busyout.store.schema import Number, metadata

schema_generation = Table(
    "schema_generation",
    metadata,
    Column("name", Text, primary_key=True),
    Column("generation", Number, nullable=False),
)
"""One row, `context`; it grows with every change of an extension or a key."""

extensions = Table(
    "extensions",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("subject", Text, nullable=False),
    Column("folded", Text, nullable=False),
    Column("definition", Text, nullable=False),
    Column("going", Boolean, nullable=False),
    UniqueConstraint("subject", "folded"),
    sqlite_autoincrement=True,
)
"""`folded` is the name in lower case, `definition` the extension as JSON. One that is `going` is seen by nobody."""

identification_keys = Table(
    "identification_keys",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("folded", Text, nullable=False),
    Column("extension", Number, ForeignKey(extensions.c.id)),
    Column("definition", Text, nullable=False),
    Column("ready", Boolean, nullable=False),
    UniqueConstraint("folded"),
    Index("ix_identification_keys_extension", "extension"),
    sqlite_autoincrement=True,
)
"""`extension` is NULL where the key is on core attributes. One that is not `ready` is seen by nobody: its entries are
being made, or removed."""

customer_records = Table(
    "customer_records",
    metadata,
    Column("customer", Text, nullable=False),
    Column("extension", Number, ForeignKey(extensions.c.id), nullable=False),
    Column("position", Integer, nullable=False),
    Column("record", Text, nullable=False),
    PrimaryKeyConstraint("customer", "extension", "position"),
    Index("ix_customer_records_extension", "extension", "customer", "position"),
)
"""Records of extensions of profiles; `position` counts from 0 for each customer and extension. `record` is JSON."""

course_records = Table(
    "course_records",
    metadata,
    Column("subject", Text, nullable=False),
    Column("owner", Number, nullable=False),
    Column("extension", Number, ForeignKey(extensions.c.id), nullable=False),
    Column("position", Integer, nullable=False),
    Column("record", Text, nullable=False),
    PrimaryKeyConstraint("subject", "owner", "extension", "position"),
    Index("ix_course_records_extension", "extension", "owner", "position"),
)
"""Records of extensions of services, states and tasks; `owner` is the id of one of these, as `subject` says."""
