"""Customers that are in their tables and are not seen yet; what waits to be taken in is kept in parts."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables of imports anew: what stands in them is of imports that nobody carries out any more."""
    for table in ("import_entries", "import_records", "import_rows", "imports"):
        op.drop_table(table)
    op.create_table(
        "imports",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        _text("running", nullable=True),
        _text("slot"),
        _text("family"),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("members", "created", "updated")),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
        sa.UniqueConstraint("running", name="uq_imports_running"),
        sqlite_autoincrement=True,
    )
    op.create_table("unseen_families", _text("family"), sa.PrimaryKeyConstraint("family", name="pk_unseen_families"))
    _rows()
    _records()
    _entries()


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, NUMBER, nullable=False)


def _truth(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _rows() -> None:
    op.create_table(
        "import_rows",
        _number("intake"),
        _truth("fresh"),
        sa.Column("row", sa.BigInteger(), nullable=False),
        _text("customer"),
        sa.Column("revision", sa.BigInteger(), nullable=True),
        _text("attributes", nullable=True),
        _text("given"),
        sa.PrimaryKeyConstraint("intake", "fresh", "row", name="pk_import_rows"),
    )
    op.create_index("uq_import_rows_customer", "import_rows", ["intake", "customer"], unique=True)


def _records() -> None:
    op.create_table(
        "import_records",
        _number("intake"),
        _text("customer"),
        _number("extension"),
        _text("record"),
        sa.PrimaryKeyConstraint("intake", "customer", "extension", name="pk_import_records"),
    )


def _entries() -> None:
    op.create_table(
        "import_entries",
        _number("intake"),
        sa.Column("role", sa.BigInteger(), nullable=False),
        _text("part"),
        sa.Column("row", sa.BigInteger(), nullable=False),
        _number("key"),
        _text("digest"),
        _text("customer"),
        _truth("whole"),
        sa.PrimaryKeyConstraint("intake", "role", "part", "row", "key", "digest", name="pk_import_entries"),
        sqlite_with_rowid=False,
    )
