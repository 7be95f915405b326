"""What the promises of the UCS face share: a real server with context services and a key to find customers by."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Final

import aiohttp
from tests.live.server import CONTEXT, PASSWORD, Server

from busyout.domain.context.customer import customer_id
from busyout.domain.context.identify import digest_of

KEY: Final = {"name": "ByPhone", "attributes": ["PhoneNumber"], "unique": True}
AUTHORIZATION: Final = aiohttp.encode_basic_auth("admin", PASSWORD)

LOADING: Final = ("PRAGMA synchronous=OFF", "PRAGMA cache_size=-400000", "PRAGMA temp_store=MEMORY")
"""How a million rows get into a file quickly; it is not measured."""


@asynccontextmanager
async def house(home: Path) -> AsyncIterator[Server]:
    """A server in production, with a unique key on telephone numbers and no customers yet."""
    server = Server(home, CONTEXT)
    try:
        await server.start()
        async with aiohttp.ClientSession(server.url, headers={"Authorization": AUTHORIZATION}) as http:
            for path, body in (
                ("/server/mode", {"mode": "maintenance"}),
                ("/metadata/identification-keys", KEY),
                ("/server/mode", {"mode": "production"}),
            ):
                async with http.post(path, json=body) as answer:
                    assert answer.status < 300, await answer.text()
        yield server
    finally:
        await server.stop()


def phone(number: int) -> str:
    """The telephone number of a customer."""
    return f"+49301{number:08}"


def profile(number: int) -> dict[str, str]:
    """A customer as most are."""
    return {
        "FirstName": "Ann",
        "LastName": f"Example {number}",
        "PhoneNumber": phone(number),
        "EmailAddress": f"ann.{number}@example.org",
    }


def id_of(number: int) -> str:
    """The id of a customer that was put in."""
    return customer_id(1.6e9 + number / 1000, number)


async def put_in(server: Server, count: int) -> None:
    """Give a store many customers, past the server, which is down meanwhile."""
    await server.end()
    await asyncio.to_thread(_put_in, server.data / "busyout.db", count)
    await server.start()


def _put_in(file: Path, count: int) -> None:
    with closing(sqlite3.connect(file)) as connection:
        for pragma in LOADING:
            connection.execute(pragma)
        with connection:
            (key,) = connection.execute("SELECT id FROM identification_keys").fetchone()
            insert = "INSERT INTO customers (id, attributes) VALUES (?, ?)"
            connection.executemany(insert, ((id_of(n), json.dumps(profile(n))) for n in range(count)))
            connection.execute("CREATE TEMP TABLE loaded (digest TEXT, customer TEXT)")
            connection.executemany("INSERT INTO loaded VALUES (?, ?)", _entries(count))
            connection.execute(
                "INSERT INTO key_entries (key, digest, customer, whole) "
                "SELECT ?, digest, customer, digest FROM loaded ORDER BY digest",
                (key,),
            )
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _entries(count: int) -> Iterator[tuple[str, str]]:
    return ((digest_of([phone(number)]), id_of(number)) for number in range(count))
