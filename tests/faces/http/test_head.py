"""A head that does not end: bounded in bytes and in time, before anybody has said who they are."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from busyout.server.connection import LARGEST_HEAD
from busyout.server.listen import HEAD_PATIENCE, Bounds, bound, listener

pytestmark = pytest.mark.anyio

START = b"GET / HTTP/1.1\r\nHost: x\r\n"


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["path"] == "/reading":
        await receive()
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def served(head_patience: float = HEAD_PATIENCE) -> AsyncIterator[int]:
    listening = bound("127.0.0.1:0", "test")
    server = listener(app, None, Bounds(head_patience=head_patience))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    yield listening.getsockname()[1]
    server.end()
    await serving


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with served() as port:
        yield port


async def said(port: int, start: bytes, more: bytes = b"", times: int = 0) -> bytes:
    """The first bytes of the answer to `start` and `times` times `more`; empty when there is none."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(start)
        for _ in range(times):
            writer.write(more)
            await writer.drain()
        return await reader.read(12)
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("start", "more"),
    [
        (START, b"a:b\r\n" * 1000),
        (START + b"X: ", b"a" * 5000),
        (b"GET /", b"a" * 5000),
        (START + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"a:b\r\n" * 1000),
    ],
)
async def test_a_head_or_trailers_without_end_are_cut_off(port: int, start: bytes, more: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(start)
    with suppress(ConnectionError):
        for _ in range(20 * LARGEST_HEAD // len(more)):
            writer.write(more)
            await writer.drain()
            await asyncio.sleep(0)
    with suppress(ConnectionError):
        await asyncio.wait_for(reader.read(), 5)  # until the other side has hung up
    writer.close()


async def test_what_is_within_the_bounds_is_served(port: int) -> None:
    assert await said(port, START + b"X: " + b"a" * 30_000 + b"\r\n\r\n") == b"HTTP/1.1 204"
    body = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
    assert await said(port, body, b"x" * 100_000, 10) == b"HTTP/1.1 204"


async def test_who_says_nothing_is_let_go() -> None:
    async with served(head_patience=0.1) as port:
        assert await asyncio.wait_for(said(port, b"GET / HT"), 2) == b""
        assert await asyncio.wait_for(said(port, b""), 2) == b""


async def test_who_promises_a_body_and_sends_none_of_it_is_let_go() -> None:
    head = b"POST /reading HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"
    async with served(head_patience=0.1) as port:
        assert await asyncio.wait_for(said(port, head), 2) == b""
        assert await asyncio.wait_for(said(port, head + b"some of it"), 2) == b"HTTP/1.1 204"
