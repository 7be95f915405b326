"""What clients do with a connection while requests on it are answered, and after: who only holds it is let go."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from busyout.server.connection import PIPELINED, TOLD
from busyout.server.listen import Bounds, bound, listener

pytestmark = pytest.mark.anyio

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
WAITING = b"GET /waiting HTTP/1.1\r\nHost: x\r\n\r\n"
STREAM = b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n"
BODY = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"

ANSWER = b"HTTP/1.1 204"


@dataclass(slots=True)
class App:
    """Answers at once and without reading a body; `/waiting` when it is let, `/stream` without end."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    let: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    """That the client of the stream has gone away."""

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.asked.set()
        if scope["path"] == "/stream":
            await self.stream(receive, send)
            return
        if scope["path"] == "/waiting":
            await self.let.wait()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def stream(self, receive: Any, send: Any) -> None:
        """Send as much as is taken, until nobody is there."""
        await send({"type": "http.response.start", "status": 200, "headers": []})
        sending = asyncio.create_task(without_end(send))
        while (await receive())["type"] != "http.disconnect":
            pass
        sending.cancel()
        self.gone.set()


async def without_end(send: Any) -> None:
    """Send the same again and again."""
    while True:
        await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True})
        await asyncio.sleep(0)


@asynccontextmanager
async def served(app: App, bounds: Bounds | None = None) -> AsyncIterator[int]:
    listening = bound("127.0.0.1:0", "test")
    server = listener(app, None, bounds)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        async with asyncio.timeout(20):
            yield listening.getsockname()[1]
    finally:
        server.end()
        await serving


@pytest.mark.parametrize(
    ("first", "more"),
    [(GET, b"\r\n"), (GET, b"GE"), (BODY, b"a"), (BODY, b"abcde")],
    ids=["an empty line", "a part of a head", "a part of a body", "a body that nobody wants"],
)
async def test_who_has_been_answered_and_sends_little_is_let_go(first: bytes, more: bytes) -> None:
    async with served(App(), Bounds(head_patience=0.1)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(first)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(ANSWER)
        writer.write(more)
        assert await reader.read() == b""
        writer.close()


@pytest.mark.parametrize("more", [b"GE", BODY], ids=["a part of a head", "a head without its body"])
async def test_an_answer_is_not_cut_because_of_what_comes_after_its_request(more: bytes) -> None:
    app = App()
    async with served(app, Bounds(head_patience=0.1)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(WAITING + more)
        await app.asked.wait()
        silent, other = await asyncio.open_connection("127.0.0.1", port)
        assert await silent.read() == b"", "a look that lets those go who have waited as long"
        app.let.set()
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(ANSWER)
        writer.close()
        other.close()


async def test_a_request_that_another_follows_is_told_when_its_client_goes_away() -> None:
    app = App()
    async with served(app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(STREAM + GET)
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.abort()
        await app.gone.wait()


async def test_who_reads_nothing_of_the_answer_is_cut_off() -> None:
    app = App()
    async with served(app, Bounds(reading_patience=0.1)) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1000)
        writer.write(STREAM)
        await app.gone.wait()
        writer.close()


async def test_more_connections_than_there_may_be_are_told_so_or_cut() -> None:
    app = App()
    async with served(app, Bounds(connections=2)) as port:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2 + TOLD)]
        cut, other = await asyncio.open_connection("127.0.0.1", port)
        assert await cut.read() == b""
        reader, writer = held[-1]
        writer.write(GET)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 503")
        for _, opened in (*held, (cut, other)):
            opened.close()


async def test_requests_that_wait_behind_another_are_answered_in_turn_and_bounded() -> None:
    app = App()
    async with served(app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(WAITING + GET * PIPELINED)
        await app.asked.wait()
        app.let.set()
        for _ in range(1 + PIPELINED):
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(ANSWER)
        app.let.clear()
        writer.write(WAITING + GET * (PIPELINED + 1))
        assert (await reader.read()).startswith(b"HTTP/1.1 400")
        writer.close()
