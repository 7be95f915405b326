"""Every test of the store runs on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.keys import KEYS

from busyout.store import Store, open_store
from busyout.store.database import Database
from busyout.store.opening import open_database


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/busyout.db"


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """URL of an empty store."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def store(store_url: str, anyio_backend: str) -> AsyncIterator[Store]:
    opened = open_store(store_url, KEYS)
    yield opened
    await opened.close()


@pytest.fixture
async def second_store(store: Store, store_url: str) -> AsyncIterator[Store]:
    """Another server on the same database."""
    opened = open_store(store_url, KEYS)
    yield opened
    await opened.close()


@pytest.fixture
async def database(store_url: str, anyio_backend: str) -> AsyncIterator[Database]:
    opened = open_database(store_url)
    yield opened
    await opened.close()
