"""The first schema: operations, elements with their configuration, events, alarms, audit trail, operators."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CONTENT = sa.JSON().with_variant(JSONB(), "postgresql")

GENESIS = "0" * 64


def upgrade() -> None:
    """Make every table, and the empty logs."""
    _log_heads()
    _operations()
    _operation_indexes()
    _idempotency_keys()
    _elements()
    _revisions()
    _logs()
    _alarms()
    _operators()


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _time(name: str, *, nullable: bool = False) -> sa.Column[float]:
    return sa.Column(name, sa.Double(), nullable=nullable)


def _partial_index(name: str, table: str, columns: list[str], *, where: tuple[str, str], unique: bool = False) -> None:
    on_sqlite, on_postgresql = where
    op.create_index(
        name,
        table,
        columns,
        unique=unique,
        sqlite_where=sa.text(on_sqlite),
        postgresql_where=sa.text(on_postgresql),
    )


def _log_heads() -> None:
    heads = op.create_table(
        "log_heads",
        _text("name"),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        _text("last_hash"),
        sa.PrimaryKeyConstraint("name", name="pk_log_heads"),
    )
    op.bulk_insert(
        heads,
        [
            {"name": "events", "last_id": 0, "last_hash": ""},
            {"name": "audit", "last_id": 0, "last_hash": GENESIS},
        ],
    )


def _operations() -> None:
    op.create_table(
        "operations",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        _text("id"),
        _text("element"),
        _text("lane"),
        sa.Column("command", CONTENT, nullable=False),
        _text("actor"),
        _text("face"),
        _time("created_at"),
        _text("retry_of", nullable=True),
        _text("state"),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("steps", CONTENT, nullable=False),
        _time("started_at", nullable=True),
        _time("settled_at", nullable=True),
        _text("reason", nullable=True),
        sa.Column("cancel", sa.Boolean(), nullable=False),
        sa.Column("force", sa.Boolean(), nullable=False),
        _time("extended"),
        sa.PrimaryKeyConstraint("number", name="pk_operations"),
        sa.UniqueConstraint("id", name="uq_operations_id"),
        sqlite_autoincrement=True,
    )


def _operation_indexes() -> None:
    unsettled = ("settled IS 0", "settled IS false")
    _partial_index("claim", "operations", ["element", "lane"], where=unsettled, unique=True)
    _partial_index("ix_operations_unsettled", "operations", ["number"], where=unsettled)
    op.create_index("ix_operations_element", "operations", ["element", "number"])
    op.create_index("ix_operations_settled_at", "operations", ["settled_at"])


def _idempotency_keys() -> None:
    op.create_table(
        "idempotency_keys",
        _text("caller"),
        _text("key"),
        _text("fingerprint"),
        _text("operation"),
        sa.ForeignKeyConstraint(
            ["operation"],
            ["operations.id"],
            name="fk_idempotency_keys_operation",
            ondelete="CASCADE",
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.PrimaryKeyConstraint("caller", "key", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_operation", "idempotency_keys", ["operation"])


def _elements() -> None:
    op.create_table(
        "elements",
        _text("name"),
        _text("kind"),
        _text("driver"),
        sa.Column("options", CONTENT, nullable=False),
        sa.Column("retry_after", sa.BigInteger(), nullable=False),
        _text("administrative"),
        sa.PrimaryKeyConstraint("name", name="pk_elements"),
    )


def _revisions() -> None:
    op.create_table(
        "revisions",
        _text("element"),
        _text("datastore"),
        sa.Column("tables", CONTENT, nullable=False),
        _text("digest"),
        _time("saved_at"),
        sa.ForeignKeyConstraint(["element"], ["elements.name"], name="fk_revisions_element", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("element", "datastore", name="pk_revisions"),
    )


def _logs() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        _time("at"),
        _text("type"),
        _text("element"),
        _text("operation"),
        sa.Column("data", CONTENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        _text("record"),
        _text("hash"),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )


def _alarms() -> None:
    op.create_table(
        "alarms",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        _text("element"),
        _text("source"),
        _text("name"),
        _text("severity"),
        _text("probable_cause"),
        _text("text"),
        _time("raised_at"),
        _time("cleared_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_alarms"),
        sqlite_autoincrement=True,
    )
    active = ("cleared_at IS NULL", "cleared_at IS NULL")
    _partial_index("active_alarm", "alarms", ["element", "source", "name"], where=active, unique=True)
    _partial_index("ix_alarms_active", "alarms", ["id"], where=active)


def _operators() -> None:
    op.create_table(
        "operators",
        _text("name"),
        _text("password_hash"),
        sa.Column("level", sa.BigInteger(), nullable=False),
        sa.Column("privileges", CONTENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_operators"),
    )
