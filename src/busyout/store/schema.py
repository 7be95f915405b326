"""The one schema: the same tables, constraints and indexes on SQLite and on PostgreSQL."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

Number = BigInteger().with_variant(Integer, "sqlite")
"""Integers of 64 bits; SQLite counts by itself only in columns that are called INTEGER."""

Content = JSON().with_variant(JSONB, "postgresql")
"""Values encoded by msgspec; handed over and read back as text."""

NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
}

metadata = MetaData(naming_convention=NAMES)

log_heads = Table(
    "log_heads",
    metadata,
    Column("name", Text, primary_key=True),
    Column("last_id", BigInteger, nullable=False),
    Column("last_hash", Text, nullable=False),
)
"""The end of each log. Whoever appends updates its row first and so keeps others away until the commit:
ids have no gaps and become visible in order. `last_hash` is empty where the log is no chain."""

operations = Table(
    "operations",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False),
    Column("element", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("command", Content, nullable=False),
    Column("actor", Text, nullable=False),
    Column("face", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("retry_of", Text),
    Column("state", Text, nullable=False),
    Column("settled", Boolean, nullable=False),
    Column("steps", Content, nullable=False),
    Column("started_at", Double),
    Column("settled_at", Double),
    Column("reason", Text),
    Column("cancel", Boolean, nullable=False),
    Column("force", Boolean, nullable=False),
    Column("extended", Double, nullable=False),
    UniqueConstraint("id"),
    sqlite_autoincrement=True,
)
"""`number` counts in the order of the claims. The columns up to `retry_of` never change, those up to `reason` are
the runner's, the last three are the operators'."""

UNSETTLED = operations.c.settled.is_(False)

Index(
    "claim",
    operations.c.element,
    operations.c.lane,
    unique=True,
    sqlite_where=UNSETTLED,
    postgresql_where=UNSETTLED,
)
Index("ix_operations_unsettled", operations.c.number, sqlite_where=UNSETTLED, postgresql_where=UNSETTLED)
Index("ix_operations_element", operations.c.element, operations.c.number)
Index("ix_operations_settled_at", operations.c.settled_at)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("caller", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column(
        "operation",
        Text,
        ForeignKey(operations.c.id, ondelete="CASCADE", deferrable=True, initially="DEFERRED"),
        nullable=False,
    ),
    PrimaryKeyConstraint("caller", "key"),
    Index("ix_idempotency_keys_operation", "operation"),
)
"""A key is written before its operation, so that of two equal requests the second waits for the first."""

elements = Table(
    "elements",
    metadata,
    Column("name", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("driver", Text, nullable=False),
    Column("options", Content, nullable=False),
    Column("retry_after", BigInteger, nullable=False),
    Column("administrative", Text, nullable=False),
)

revisions = Table(
    "revisions",
    metadata,
    Column("element", Text, ForeignKey(elements.c.name, ondelete="CASCADE"), nullable=False),
    Column("datastore", Text, nullable=False),
    Column("tables", Content, nullable=False),
    Column("digest", Text, nullable=False),
    Column("saved_at", Double, nullable=False),
    PrimaryKeyConstraint("element", "datastore"),
)

events = Table(
    "events",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False),
    Column("type", Text, nullable=False),
    Column("element", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("data", Content, nullable=False),
)

alarms = Table(
    "alarms",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("element", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("probable_cause", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("raised_at", Double, nullable=False),
    Column("cleared_at", Double),
    sqlite_autoincrement=True,
)

ACTIVE = alarms.c.cleared_at.is_(None)

Index(
    "active_alarm",
    alarms.c.element,
    alarms.c.source,
    alarms.c.name,
    unique=True,
    sqlite_where=ACTIVE,
    postgresql_where=ACTIVE,
)
Index("ix_alarms_active", alarms.c.id, sqlite_where=ACTIVE, postgresql_where=ACTIVE)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("record", Text, nullable=False),
    Column("hash", Text, nullable=False),
)
"""`record` is the very text that was hashed."""

operators = Table(
    "operators",
    metadata,
    Column("name", Text, primary_key=True),
    Column("password_hash", Text, nullable=False),
    Column("level", BigInteger, nullable=False),
    Column("privileges", Content, nullable=False),
)

parameters = Table(
    "parameters",
    metadata,
    Column("id", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""Only those that somebody has set; a tenant's own are called `ID/TENANT`.

`value` is JSON in a text: in a column called JSON, SQLite makes a number of 1.
"""

monitor_counters = Table(
    "monitor_counters",
    metadata,
    Column("collection", Text, primary_key=True),
    Column("last_number", BigInteger, nullable=False),
)
"""The last number that each collection has given; never removed, so that no number is given twice."""

monitors = Table(
    "monitors",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("collection", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("operation", Text, ForeignKey(operations.c.id, ondelete="CASCADE"), nullable=False),
    Column("tenant", Text),
    UniqueConstraint("collection", "number"),
    Index("ix_monitors_operation", "operation"),
    sqlite_autoincrement=True,
)
"""`id` counts in the order of their opening, over all collections; `tenant` is null where nobody noted whose it is."""
