"""What is gone for everybody while its rows are still being removed."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "gone_customers",
        sa.Column("customer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("customer", name="pk_gone_customers"),
    )
    op.create_table(
        "gone_services",
        sa.Column("service", NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("service", name="pk_gone_services"),
    )
