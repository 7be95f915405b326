"""Devices with their rendered configurations, and the profiles that these are made of."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the four tables."""
    _profiles()
    _devices()
    op.create_table(
        "renderings",
        _text("device"),
        _text("content"),
        _text("digest"),
        sa.Column("rendered_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["device"], ["devices.id"], name="fk_renderings_device", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("device", name="pk_renderings"),
    )


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _profiles() -> None:
    op.create_table(
        "profiles",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        _text("id"),
        _text("role", nullable=True),
        sa.Column("transient", sa.Boolean(), nullable=False),
        _text("document"),
        sa.PrimaryKeyConstraint("number", name="pk_profiles"),
        sa.UniqueConstraint("id", name="uq_profiles_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_profiles_role", "profiles", ["role", "number"])
    op.create_table(
        "profile_parents",
        _text("profile"),
        _text("parent"),
        sa.ForeignKeyConstraint(["profile"], ["profiles.id"], name="fk_profile_parents_profile", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("profile", "parent", name="pk_profile_parents"),
    )
    op.create_index("ix_profile_parents_parent", "profile_parents", ["parent", "profile"])


def _devices() -> None:
    op.create_table(
        "devices",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        _text("id"),
        _text("tenant"),
        *(_text(name, nullable=True) for name in ("mac", "ip", "plugin", "config")),
        sa.Column("configured", sa.Boolean(), nullable=False),
        sa.Column("outdated", sa.Boolean(), nullable=False),
        _text("content"),
        sa.PrimaryKeyConstraint("number", name="pk_devices"),
        sa.UniqueConstraint("id", name="uq_devices_id"),
        sqlite_autoincrement=True,
    )
    for name in ("tenant", "mac", "ip", "plugin", "config"):
        op.create_index(f"ix_devices_{name}", "devices", [name, "number"])
    op.create_index(
        "ix_devices_outdated",
        "devices",
        ["number"],
        sqlite_where=sa.text("outdated IS 1"),
        postgresql_where=sa.text("outdated IS true"),
    )
