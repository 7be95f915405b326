"""Without the columns of customers, extensions and keys that nobody reads."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

COLUMNS = (("customers", "changed_at"), ("extensions", "created_at"), ("identification_keys", "created_at"))


def upgrade() -> None:
    """Drop them where they stand: a copy of a table would lose that its ids are never given again."""
    for table, column in COLUMNS:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
