"""The peer of the identification: one read of a row by its primary key, on the very listener that the server uses.

`python -m bench.reader ADDRESS:PORT FILE` answers `GET /ID` with the attributes of a customer in that store, until
SIGTERM. It asks for no credentials.
"""

import asyncio
import signal
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing
from typing import Any

import uvloop

from bench.bare import OURS
from busyout.server.listen import bound, listener

Send = Callable[[dict[str, Any]], Awaitable[None]]


def reading(connection: sqlite3.Connection) -> Callable[[Any, object, Send], Awaitable[None]]:
    """The ASGI application."""

    async def application(scope: dict[str, Any], receive: object, send: Send) -> None:
        del receive
        row = connection.execute("SELECT attributes FROM customers WHERE id = ?", (scope["path"][1:],)).fetchone()
        body = b"[]" if row is None else row[0].encode()
        headers = [*OURS, (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return application


async def serve(address: str, file: str) -> None:
    """Serve until SIGTERM."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size=-8192")
        server = listener(reading(connection), None)
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, server.end)
        await server.serve(sockets=[bound(address, "address")])


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(*sys.argv[1:]))
