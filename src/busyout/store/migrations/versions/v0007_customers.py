"""Customers and what they are found under; services with their states and tasks; interactions."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the five tables."""
    _customers()
    _courses()
    _interactions()


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[float]:
    return sa.Column(name, sa.Double(), nullable=nullable)


def _customers() -> None:
    op.create_table(
        "customers",
        _text("id"),
        _text("attributes"),
        _moment("changed_at"),
        sa.PrimaryKeyConstraint("id", name="pk_customers"),
    )
    op.create_table(
        "key_entries",
        sa.Column("key", NUMBER, nullable=False),
        _text("digest"),
        _text("customer"),
        _text("whole", nullable=True),
        sa.ForeignKeyConstraint(["key"], ["identification_keys.id"], name="fk_key_entries_key"),
        sa.PrimaryKeyConstraint("key", "digest", "customer", name="pk_key_entries"),
    )
    op.create_index("ix_key_entries_customer", "key_entries", ["customer", "key"])
    op.create_index("uq_key_entries_whole", "key_entries", ["key", "whole"], unique=True)


def _courses() -> None:
    op.create_table(
        "courses",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        _text("subject"),
        sa.Column("service", NUMBER, nullable=True),
        sa.Column("state", NUMBER, nullable=True),
        _text("customer", nullable=True),
        _text("contact", nullable=True),
        _text("type"),
        sa.Column("est_duration", NUMBER, nullable=True),
        _moment("started_at"),
        _moment("completed_at", nullable=True),
        _text("started"),
        _text("completed", nullable=True),
        sa.ForeignKeyConstraint(["service"], ["courses.id"], name="fk_courses_service", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_courses"),
        sqlite_autoincrement=True,
    )
    for name in ("service", "customer", "contact"):
        op.create_index(f"ix_courses_{name}", "courses", [name, "id"])


def _interactions() -> None:
    op.create_table(
        "interactions",
        _text("id"),
        _text("external_id", nullable=True),
        _text("customer", nullable=True),
        sa.Column("service", NUMBER, nullable=True),
        _text("media_type"),
        _moment("established_at"),
        _text("udata"),
        sa.PrimaryKeyConstraint("id", name="pk_interactions"),
    )
    for name in ("customer", "service"):
        op.create_index(f"ix_interactions_{name}", "interactions", [name, "established_at"])
    op.create_table(
        "interaction_contents",
        _text("interaction"),
        _text("form"),
        _text("media_type"),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["interaction"], ["interactions.id"], name="fk_interaction_contents_interaction", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("interaction", "form", name="pk_interaction_contents"),
    )
