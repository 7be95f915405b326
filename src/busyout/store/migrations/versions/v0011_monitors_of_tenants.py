"""Whose each monitor is; those of before are seen by those only who see every tenant."""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; on SQLite to a copy of the table, whose ids go on counting from the newest that is there."""
    copied: Literal["always", "never"] = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("monitors", recreate=copied, table_kwargs={"sqlite_autoincrement": True}) as monitors:
        monitors.add_column(sa.Column("tenant", sa.Text(), nullable=True))
