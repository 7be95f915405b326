"""The layer under every face, with a face made for the test, on the real HTTP server."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from msgspec import Struct
from tests.client import Answer
from tests.faces.raw import dialogue, exchange

from busyout.domain.errors import BusyoutError, ElementStarting, Failure, Refusal, StoreUnavailable
from busyout.http import (
    Application,
    Everybody,
    Face,
    Level,
    MalformedBody,
    NoRoom,
    Reply,
    Request,
    Route,
    ServerFault,
    encoded,
)
from busyout.http.body import decoded
from busyout.http.room import Room
from busyout.http.route import BODY_LIMIT
from busyout.server.listen import bound, listener

pytestmark = pytest.mark.anyio


class Note(Struct):
    """A body."""

    text: str = ""


class Handlers:
    """What the test's face does, and what it was given."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.starting = False

    def gate(self) -> None:
        if self.starting:
            raise ElementStarting

    async def note(self, request: Request[Note, None]) -> Reply:
        self.received.append(request.body.text.encode())
        return Reply(201, encoded(request.body))

    async def broken(self, _request: Request[None, None]) -> Reply:
        raise ZeroDivisionError("the secret of the house")

    async def failing(self, _request: Request[None, None]) -> Reply:
        raise StoreUnavailable("the store does not answer")

    async def named(self, request: Request[None, None]) -> Reply:
        return Reply(body=encoded(dict(request.path)))


def route(method: str, path: str, handler: Any, **more: Any) -> Route:
    return Route(
        method=method, path=path, handler=handler, level=Level.MONITOR, summary="", answers={200: None}, **more
    )


def face(handlers: Handlers) -> Face:
    def worded(status: int, error: BusyoutError) -> bytes:
        return encoded({"status": status, "text": str(error)})

    return Face(
        name="test",
        prefixes=("/test",),
        routes=(
            route("POST", "/test/note", handlers.note, body=Note),
            route("GET", "/test/broken", handlers.broken),
            route("GET", "/test/failing", handlers.failing),
            route("GET", "/test/named/{name}", handlers.named),
            route("GET", "/test/path/{rest:path}", handlers.named),
        ),
        operators=Everybody(),
        statuses={Refusal: 400, ServerFault: 500, Failure: 503, ElementStarting: 503, NoRoom: 503},
        worded=worded,
        gate=handlers.gate,
    )


@asynccontextmanager
async def served(handlers: Handlers, room: Room | None = None) -> AsyncIterator[str]:
    """The address of a server with the face."""
    socket = bound("127.0.0.1:0", "test")
    server = listener(Application([face(handlers)], room), None)
    serving = asyncio.create_task(server.serve(sockets=[socket]))
    try:
        yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    finally:
        server.end()
        await serving
        socket.close()


async def ask(base: str, line: bytes, body: bytes = b"") -> Answer:
    return await exchange(base, line, b"", body)


async def test_an_error_of_ours_is_a_500_that_only_the_log_explains(caplog: pytest.LogCaptureFixture) -> None:
    async with served(Handlers()) as base:
        with caplog.at_level(logging.ERROR):
            answer = await ask(base, b"GET /test/broken")
    [record] = [record for record in caplog.records if record.message == "request_broke"]
    assert answer.status == 500
    assert record.incident in answer.json()["text"]
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError


async def test_a_failure_is_told_with_its_status_and_when_to_try_again() -> None:
    async with served(Handlers()) as base:
        answer = await ask(base, b"GET /test/failing")
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")


async def test_a_face_that_cannot_serve_yet_says_when_to_try_again() -> None:
    handlers = Handlers()
    async with served(handlers) as base:
        handlers.starting = True
        refused = await ask(base, b"POST /test/note", b"{}")
        handlers.starting = False
        answered = await ask(base, b"POST /test/note", b"{}")
    assert (refused.status, refused.headers["retry-after"], answered.status) == (503, "2", 201)


async def test_a_whole_body_arrives_whatever_its_transfer() -> None:
    handlers = Handlers()
    chunked = b"POST /test/note HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with served(handlers) as base:
        assert (await ask(base, b"POST /test/note", b'{"text": "a"}')).json() == {"text": "a"}
        answered = await dialogue(base, chunked + b'5\r\n{"tex\r\n7\r\nt":"b"}\r\n0\r\n\r\n')
    assert answered.startswith(b"HTTP/1.1 201")
    assert handlers.received == [b"a", b"b"]


@pytest.mark.parametrize(
    "start",
    [
        b'Content-Length: 20\r\n\r\n{"text": "half"}',
        b'Transfer-Encoding: chunked\r\n\r\n10\r\n{"text": "half"}\r\n',
        b'Transfer-Encoding: chunked\r\n\r\nff\r\n{"text": "half"}',
    ],
)
async def test_a_body_that_breaks_off_never_reaches_a_handler(start: bytes) -> None:
    handlers = Handlers()
    async with served(handlers) as base:
        await dialogue(base, b"POST /test/note HTTP/1.1\r\nHost: x\r\n" + start, hang_up=True)
        assert (await ask(base, b"POST /test/note", b'{"text": "whole"}')).status == 201
    assert handlers.received == [b"whole"]


async def test_a_body_that_is_too_large_is_refused_by_its_announcement_alone() -> None:
    head = f"POST /test/note HTTP/1.1\r\nHost: x\r\nContent-Length: {BODY_LIMIT + 1}\r\n\r\n".encode()
    async with served(Handlers()) as base:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(base.rpartition(":")[2]))
        writer.write(head)
        async with asyncio.timeout(5):
            assert (await reader.readline()).startswith(b"HTTP/1.1 400")
        writer.close()


async def test_bodies_that_are_not_whole_have_so_much_room_together_and_no_more() -> None:
    handlers, begun = Handlers(), []
    head = b"POST /test/note HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
    async with served(handlers, Room(250_000)) as base, asyncio.timeout(20):
        for _ in range(3):
            reader, writer = await asyncio.open_connection("127.0.0.1", int(base.rpartition(":")[2]))
            writer.write(head + b" " * 99_000)
            begun.append((reader, writer))
        lines = [asyncio.create_task(reader.readuntil(b"\r\n\r\n")) for reader, _ in begun]
        refused, waiting = await asyncio.wait(lines, return_when=asyncio.FIRST_COMPLETED)
        (answer,) = [line.result() for line in refused]
        assert answer.startswith(b"HTTP/1.1 503") and b"\r\nretry-after: 5\r\n" in answer
        for line, (_, writer) in zip(lines, begun, strict=True):
            if line in waiting:
                writer.write(b'{"text": "late"}'.rjust(1000))
        assert all(line.startswith(b"HTTP/1.1 201") for line in await asyncio.gather(*waiting))
        assert (await ask(base, b"POST /test/note", b'{"text": "large"}'.rjust(240_000))).status == 201
        for _, writer in begun:
            writer.close()
    assert handlers.received == [b"late", b"late", b"large"]


async def test_a_body_that_does_not_go_on_is_refused() -> None:
    handlers = Handlers()
    head = b"POST /test/note HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
    async with served(handlers, Room(patience=0.1)) as base, asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(base.rpartition(":")[2]))
        writer.write(head + b'{"text": ')
        assert (await reader.readline()).startswith(b"HTTP/1.1 400")
        await reader.readuntil(b"did not arrive in time")
        writer.close()
    assert handlers.received == []


@pytest.mark.parametrize("length", [1, 256, 300])
async def test_a_name_in_an_address_is_told_to_the_handler_each_time(length: int) -> None:
    async with served(Handlers()) as base:
        for letter in "aba":
            name = letter * length
            assert (await ask(base, b"GET /test/named/" + name.encode())).json() == {"name": name}


async def test_a_request_is_judged_before_its_body_is_asked_for() -> None:
    head = b"PUT /test/note HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n"
    async with served(Handlers()) as base:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(base.rpartition(":")[2]))
        writer.write(head)
        async with asyncio.timeout(5):
            assert (await reader.readline()).startswith(b"HTTP/1.1 400")
        writer.close()


async def test_a_chunked_body_without_end_is_refused_at_the_bound() -> None:
    handlers = Handlers()
    head = b"POST /test/note HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with served(handlers) as base:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(base.rpartition(":")[2]))
        writer.write(head)
        answered = asyncio.create_task(reader.readline())
        with suppress(ConnectionError):
            for _ in range(8 * BODY_LIMIT // 65536):
                if answered.done():
                    break
                writer.write(b"10000\r\n" + b" " * 65536 + b"\r\n")
                await writer.drain()
        async with asyncio.timeout(5):
            assert (await answered).startswith(b"HTTP/1.1 400")
        writer.close()
    assert handlers.received == []


async def test_a_body_at_the_bound_is_taken() -> None:
    handlers = Handlers()
    async with served(handlers) as base:
        assert (await ask(base, b"POST /test/note", b"{}".ljust(BODY_LIMIT))).status == 201
    assert handlers.received == [b""]


async def test_the_parts_of_an_address_are_decoded_once() -> None:
    async with served(Handlers()) as base:
        assert (await ask(base, b"GET /test/named/a%20b%2525")).json() == {"name": "a b%25"}
        assert (await ask(base, b"GET /test/path/a@b/c%2Fd")).json() == {"rest": "a@b/c/d"}
        for odd in (b"%00", b"%0A", b"%1b%5b2J", b"%7f"):
            assert (await ask(base, b"GET /test/named/" + odd)).status == 400


async def test_every_answer_forbids_guessing_and_keeping() -> None:
    async with served(Handlers()) as base:
        answers = [await ask(base, line) for line in (b"GET /test/named/x", b"GET /nothing", b"PUT /test/note")]
    for answer in answers:
        assert (answer.headers["x-content-type-options"], answer.headers["cache-control"]) == ("nosniff", "no-store")


async def test_options_names_the_methods_of_a_resource() -> None:
    async with served(Handlers()) as base:
        answer = await ask(base, b"OPTIONS /test/named/x")
    assert (answer.status, answer.headers["allow"], answer.body) == (204, "GET, HEAD, OPTIONS", b"")


async def test_what_is_no_http_is_refused_by_the_server() -> None:
    async with served(Handlers()) as base:
        for sent in (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"EXPLODE / HTTP/1.1\r\n\r\n", b"GET\r\n\r\n"):
            assert (await dialogue(base, sent)).startswith(b"HTTP/1.1 400")
        oversized = await ask(base, b"GET /test/named/" + b"x" * 60_000)
    assert oversized.status in (200, 400, 404, 414)


def test_a_route_decodes_exactly_what_its_type_says() -> None:
    noted = route("POST", "/test/note", Handlers().note, body=Note, default=Note("none"))
    assert decoded(b'{"text": "\\u00fc"}', noted) == Note("\u00fc")
    assert decoded(b" ", noted) == Note("none")
    for body in (b'{"text": 1}', b'{"text": "\\udc00"}', b'{"text": "\xff"}', b'{"text": "a", "text": "b"}', b"nul"):
        with pytest.raises(MalformedBody):
            decoded(body, noted)


async def test_head_sends_no_body_whatever_the_server_under_it_does() -> None:
    sent: list[Any] = []

    async def send(event: Any) -> None:
        sent.append(event)

    async def receive() -> Any:
        return {"type": "http.request"}

    scope = {"type": "http", "method": "HEAD", "path": "/test/named/x", "query_string": b"", "headers": []}
    await Application([face(Handlers())])(scope, receive, send)
    begin, body = sent
    assert (b"content-length", str(len(b'{"name":"x"}')).encode()) in begin["headers"]
    assert body["body"] == b""
