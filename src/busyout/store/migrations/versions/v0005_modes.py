"""The mode of the context services, and what each process has confirmed of it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "context_mode",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("switching_to", sa.Text(), nullable=True),
        sa.Column("operation", sa.Text(), nullable=True),
        sa.Column("deadline", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_context_mode"),
    )
    op.create_table(
        "context_confirmations",
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("in_flight", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("slot", name="pk_context_confirmations"),
    )
