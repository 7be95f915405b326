"""The schema that the migrations make, and who makes it."""

import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event
from tests.keys import KEYS
from tests.postgres import fresh_database
from tests.store.direct import ask

from busyout.domain.errors import StoreUnavailable
from busyout.store import migration, open_store
from busyout.store.schema import metadata

pytestmark = pytest.mark.anyio

SHAPE = {
    "sqlite": "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND sql IS NOT NULL",
    "postgresql": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'busyout'::regnamespace
        UNION ALL SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'busyout'
        UNION ALL SELECT table_name, column_name, data_type || is_nullable || coalesce(column_default, '')
        FROM information_schema.columns WHERE table_schema = 'busyout'
    """,
}


def engine(url: str) -> Engine:
    """The database as SQLAlchemy sees it."""
    if url.startswith("sqlite"):
        return create_engine(url)
    made = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))

    @event.listens_for(made, "connect")
    def choose_schema(connection, record) -> None:
        connection.execute("SET search_path TO busyout")
        connection.commit()

    return made


def shape(url: str) -> list[tuple[str, ...]]:
    """Tables, columns, constraints and indexes, apart from the order that they are written in, and from quotes."""
    rows = ask(url, SHAPE["sqlite" if url.startswith("sqlite") else "postgresql"])
    texts = [str(row).replace("\\t", "").replace('"', "") for row in rows]
    lines = [tuple(sorted(part.strip(" ,") for part in text.split("\\n"))) for text in texts]
    return sorted(line for line in lines if "alembic_version" not in str(line))


@pytest.fixture(params=["sqlite_url", "empty_postgres_url"], ids=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """URL of an empty database, without any schema."""
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def plain_url(store_url: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A second database, made straight from the metadata."""
    if store_url.startswith("sqlite"):
        url = f"sqlite:///{tmp_path}/plain.db"
    else:
        url = fresh_database(request.getfixturevalue("postgres_server"))
        ask(url, "CREATE SCHEMA busyout")
    made = engine(url)
    metadata.create_all(made)
    made.dispose()
    return url


async def test_the_migrations_make_exactly_the_schema_that_the_code_uses(store_url: str, plain_url: str) -> None:
    await open_store(store_url, KEYS).close()
    assert shape(store_url) == shape(plain_url)
    assert len(shape(store_url)) > 15


async def test_alembic_finds_nothing_to_migrate(store_url: str) -> None:
    await open_store(store_url, KEYS).close()
    made = engine(store_url)
    with made.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    made.dispose()


def test_the_migrations_are_one_line_that_ends_where_the_code_says() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migration.__file__).parent / "migrations"))
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [migration.HEAD]
    assert all(not revision.is_branch_point for revision in script.walk_revisions())


async def test_servers_that_open_an_empty_database_at_once_do_not_collide(store_url: str) -> None:
    stores = await asyncio.gather(*(asyncio.to_thread(open_store, store_url, KEYS) for _ in range(4)))
    for store in stores:
        assert await store.events.last_id() == 0
        await store.close()
    assert ask(store_url, "SELECT name FROM log_heads ORDER BY name") == [("audit",), ("events",)]
    assert ask(store_url, "SELECT version_num FROM alembic_version") == [(migration.HEAD,)]


async def test_a_store_written_by_a_newer_server_is_left_alone(store_url: str) -> None:
    await open_store(store_url, KEYS).close()
    ask(store_url, "UPDATE alembic_version SET version_num = '9999'")
    before = shape(store_url)
    with pytest.raises(StoreUnavailable):
        open_store(store_url, KEYS)
    assert shape(store_url) == before
