"""The peer of the HTTP promise: a bare ASGI application on the very listener that the server uses.

`python -m bench.bare ADDRESS:PORT [NAME=VALUE …]` answers every request with the bytes on its standard input, and with
these headers where they are not those of most answers, until SIGTERM.
"""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import uvloop

from busyout.server.listen import bound, listener
from busyout.server.memory import collect_seldom

Send = Callable[[dict[str, Any]], Awaitable[None]]


OURS = (
    (b"content-type", b"application/json"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
)
"""Headers of most answers of the server."""


def answering(body: bytes, headers: Sequence[tuple[bytes, bytes]] = OURS) -> Callable[..., Awaitable[None]]:
    """An application that answers with the same bytes and the same headers as the server's own answer has."""
    begin = {
        "type": "http.response.start",
        "status": 200,
        "headers": [*headers, (b"content-length", str(len(body)).encode())],
    }
    whole = {"type": "http.response.body", "body": body}

    async def application(scope: dict[str, Any], receive: object, send: Send) -> None:
        del scope, receive
        await send(begin)
        await send(whole)

    return application


async def serve(address: str, body: bytes, headers: Sequence[tuple[bytes, bytes]]) -> None:
    """Serve until SIGTERM."""
    server = listener(answering(body, headers or OURS), None)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, server.end)
    await server.serve(sockets=[bound(address, "address")])


if __name__ == "__main__":
    collect_seldom()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        given = [header.encode().split(b"=", 1) for header in sys.argv[2:]]
        runner.run(serve(sys.argv[1], sys.stdin.buffer.read(), [(name, value) for name, value in given]))
