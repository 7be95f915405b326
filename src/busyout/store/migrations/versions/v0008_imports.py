"""Revisions of customers, and where rows of a file wait until all of them are taken in."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the column, and make the four tables."""
    with op.batch_alter_table("customers", recreate="auto") as customers:
        customers.add_column(sa.Column("revision", NUMBER, server_default=sa.text("0"), nullable=False))
    op.create_table(
        "imports",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        _text("running", nullable=True),
        _text("slot"),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
        sa.UniqueConstraint("running", name="uq_imports_running"),
        sqlite_autoincrement=True,
    )
    _rows()
    _records()
    _entries()


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, NUMBER, nullable=False)


def _rows() -> None:
    op.create_table(
        "import_rows",
        _number("intake"),
        sa.Column("row", sa.BigInteger(), nullable=False),
        _text("customer"),
        sa.Column("revision", sa.BigInteger(), nullable=True),
        _text("digest", nullable=True),
        _text("attributes"),
        _text("given", nullable=True),
        sa.PrimaryKeyConstraint("intake", "row", name="pk_import_rows"),
    )
    op.create_index("uq_import_rows_customer", "import_rows", ["intake", "customer"], unique=True)
    op.create_index("uq_import_rows_digest", "import_rows", ["intake", "digest"], unique=True)


def _records() -> None:
    op.create_table(
        "import_records",
        _number("intake"),
        _text("customer"),
        _number("extension"),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        _text("record"),
        sa.PrimaryKeyConstraint("intake", "customer", "extension", name="pk_import_records"),
    )


def _entries() -> None:
    op.create_table(
        "import_entries",
        _number("intake"),
        _number("key"),
        _text("digest"),
        _text("customer"),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        _text("whole", nullable=True),
        sa.PrimaryKeyConstraint("intake", "key", "digest", "customer", name="pk_import_entries"),
    )
    op.create_index("uq_import_entries_whole", "import_entries", ["intake", "key", "whole"], unique=True)
    op.create_index("ix_import_entries_customer", "import_entries", ["intake", "customer"])
