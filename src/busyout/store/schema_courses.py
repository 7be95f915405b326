"""The part of the schema that is about services, states and tasks, and about interactions; of the same metadata."""

from sqlalchemy import Column, Double, ForeignKey, Index, LargeBinary, PrimaryKeyConstraint, Table, Text

from busyout.store.schema import Number, metadata

courses = Table(
    "courses",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("subject", Text, nullable=False),
    Column("service", Number, ForeignKey("courses.id", ondelete="CASCADE")),
    Column("state", Number),
    Column("customer", Text),
    Column("contact", Text),
    Column("type", Text, nullable=False),
    Column("est_duration", Number),
    Column("started_at", Double, nullable=False),
    Column("completed_at", Double),
    Column("started", Text, nullable=False),
    Column("completed", Text),
    Index("ix_courses_service", "service", "id"),
    Index("ix_courses_customer", "customer", "id"),
    Index("ix_courses_contact", "contact", "id"),
    sqlite_autoincrement=True,
)
"""Services have no `service`, and are walked through in its index by their ids; their states and tasks have one.
`type`, `started` and `completed` are JSON."""

interactions = Table(
    "interactions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("external_id", Text),
    Column("customer", Text),
    Column("service", Number),
    Column("media_type", Text, nullable=False),
    Column("established_at", Double, nullable=False),
    Column("udata", Text, nullable=False),
    Index("ix_interactions_customer", "customer", "established_at"),
    Index("ix_interactions_service", "service", "established_at"),
)

interaction_contents = Table(
    "interaction_contents",
    metadata,
    Column("interaction", Text, ForeignKey(interactions.c.id, ondelete="CASCADE"), nullable=False),
    Column("form", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("interaction", "form"),
)
"""What was said, in each form in which it is kept."""
