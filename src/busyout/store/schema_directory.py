"""The part of the schema that is about devices and what they are configured with; it belongs to the same metadata."""

from sqlalchemy import Boolean, Column, Double, ForeignKey, Index, PrimaryKeyConstraint, Table, Text, UniqueConstraint

from busyout.store.schema import Number, metadata

profiles = Table(
    "profiles",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False),
    Column("role", Text),
    Column("transient", Boolean, nullable=False),
    Column("document", Text, nullable=False),
    UniqueConstraint("id"),
    Index("ix_profiles_role", "role", "number"),
    sqlite_autoincrement=True,
)
"""`number` counts in the order in which they were added. `document` is JSON in a text: its members keep their order."""

profile_parents = Table(
    "profile_parents",
    metadata,
    Column("profile", Text, ForeignKey(profiles.c.id, ondelete="CASCADE"), nullable=False),
    Column("parent", Text, nullable=False),
    PrimaryKeyConstraint("profile", "parent"),
    Index("ix_profile_parents_parent", "parent", "profile"),
)
"""Who inherits from whom; there need not be a profile that is called like a parent."""

devices = Table(
    "devices",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("mac", Text),
    Column("ip", Text),
    Column("plugin", Text),
    Column("config", Text),
    Column("configured", Boolean, nullable=False),
    Column("outdated", Boolean, nullable=False),
    Column("content", Text, nullable=False),
    UniqueConstraint("id"),
    *(Index(f"ix_devices_{name}", name, "number") for name in ("tenant", "mac", "ip", "plugin", "config")),
    sqlite_autoincrement=True,
)
"""`number` counts in the order in which they were added. Where `ip` and `content` differ, `ip` is right."""

OUTDATED = devices.c.outdated.is_(True)

Index("ix_devices_outdated", devices.c.number, sqlite_where=OUTDATED, postgresql_where=OUTDATED)

renderings = Table(
    "renderings",
    metadata,
    Column("device", Text, ForeignKey(devices.c.id, ondelete="CASCADE"), primary_key=True),
    Column("content", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("rendered_at", Double, nullable=False),
)
