"""Extensions and identification keys, and the records of extensions."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the five tables."""
    op.create_table(
        "schema_generation",
        _text("name"),
        sa.Column("generation", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_schema_generation"),
    )
    _definitions()
    _records("customer_records", sa.Column("customer", sa.Text(), nullable=False), "customer")
    _course_records()


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _definitions() -> None:
    op.create_table(
        "extensions",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        *(_text(name) for name in ("subject", "folded", "definition")),
        sa.Column("going", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_extensions"),
        sa.UniqueConstraint("subject", "folded", name="uq_extensions_subject"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "identification_keys",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        _text("folded"),
        sa.Column("extension", NUMBER, nullable=True),
        _text("definition"),
        sa.Column("ready", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["extension"], ["extensions.id"], name="fk_identification_keys_extension"),
        sa.PrimaryKeyConstraint("id", name="pk_identification_keys"),
        sa.UniqueConstraint("folded", name="uq_identification_keys_folded"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_identification_keys_extension", "identification_keys", ["extension"])


def _records(table: str, *first: sa.Column[str] | sa.Column[int] | str) -> None:
    owner = [part for part in first if isinstance(part, str)]
    op.create_table(
        table,
        *(part for part in first if not isinstance(part, str)),
        sa.Column("extension", NUMBER, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        _text("record"),
        sa.ForeignKeyConstraint(["extension"], ["extensions.id"], name=f"fk_{table}_extension"),
        sa.PrimaryKeyConstraint(*owner, "extension", "position", name=f"pk_{table}"),
    )
    op.create_index(f"ix_{table}_extension", table, ["extension", owner[-1], "position"])


def _course_records() -> None:
    owner = sa.Column("owner", NUMBER, nullable=False)
    _records("course_records", _text("subject"), owner, "subject", "owner")
