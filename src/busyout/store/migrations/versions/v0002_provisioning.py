"""Parameters of the provisioning, and monitors of operations with the counters of their numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the three tables."""
    op.create_table(
        "parameters",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_parameters"),
    )
    op.create_table(
        "monitor_counters",
        sa.Column("collection", sa.Text(), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("collection", name="pk_monitor_counters"),
    )
    op.create_table(
        "monitors",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("collection", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["operation"], ["operations.id"], name="fk_monitors_operation", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_monitors"),
        sa.UniqueConstraint("collection", "number", name="uq_monitors_collection"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_monitors_operation", "monitors", ["operation"])
