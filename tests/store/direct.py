"""A look into the database past the store."""

import sqlite3
from typing import Any

import psycopg


def ask(url: str, sql: str) -> list[tuple[Any, ...]]:
    """Run one statement and commit it; its rows, if it has any."""
    if url.startswith("sqlite:///"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        try:
            with connection:
                return connection.execute(sql).fetchall()
        finally:
            connection.close()
    with psycopg.connect(url, options="-c search_path=busyout", autocommit=True) as server:
        cursor = server.execute(sql.encode())
        return cursor.fetchall() if cursor.description else []


def count(url: str, table: str) -> int:
    """Number of rows."""
    return int(ask(url, f"SELECT count(*) FROM {table}")[0][0])
