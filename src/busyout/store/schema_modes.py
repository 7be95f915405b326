"""The part of the schema that is about the mode of the context services; it belongs to the same metadata."""

from sqlalchemy import BigInteger, Column, Double, Integer, Table, Text

from busyout.store.schema import metadata

context_mode = Table(
    "context_mode",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("mode", Text, nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("switching_to", Text),
    Column("operation", Text),
    Column("deadline", Double),
)
"""One row, of id 1; none before the first start."""

context_confirmations = Table(
    "context_confirmations",
    metadata,
    Column("slot", Text, primary_key=True),
    Column("generation", BigInteger, nullable=False),
    Column("in_flight", BigInteger, nullable=False),
)
"""What each process has said last; those of processes that are gone stay, and count for nothing."""
