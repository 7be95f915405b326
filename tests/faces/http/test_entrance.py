"""What a face may put before its handlers: a closed door, an entrance that counts, and somebody who counts answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType

import pytest
from msgspec import Struct
from tests.faces.raw import exchange

from busyout.domain.errors import BusyoutError, Refusal, TransitionRefused
from busyout.http import Application, Everybody, Face, Level, MalformedBody, NoSuchResource, Reply, Request, Route
from busyout.server.listen import bound, listener

pytestmark = pytest.mark.anyio

LINE = b"POST /test/work"


class Turnstile:
    """An entrance that notes what it sees."""

    def __init__(self) -> None:
        self.open = True
        self.inside = 0
        self.seen: list[int] = []

    def check(self) -> None:
        if not self.open:
            raise TransitionRefused("not in this mode")

    def enter(self) -> "Turnstile":
        return self

    def __enter__(self) -> None:
        self.check()
        self.inside += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.inside -= 1


class Empty(Struct, forbid_unknown_fields=True):
    """A body without members."""


class Door:
    """The face's own state."""

    def __init__(self) -> None:
        self.turnstile = Turnstile()
        self.closed = False
        self.statuses: list[int] = []

    def check(self, _path: str) -> None:
        if self.closed:
            raise TransitionRefused("switching")

    async def work(self, _request: Request[Empty, None]) -> Reply:
        self.turnstile.seen.append(self.turnstile.inside)
        return Reply(201)


def face(door: Door) -> Face:
    def worded(_status: int, error: BusyoutError) -> bytes:
        return str(error).encode()

    work = Route(
        method="POST",
        path="/test/work",
        handler=door.work,
        level=Level.MONITOR,
        summary="",
        answers={201: None},
        body=Empty,
        entrance=door.turnstile,
    )
    return Face(
        name="test",
        prefixes=("/test",),
        routes=(work,),
        operators=Everybody(),
        statuses={Refusal: 400, TransitionRefused: 503, NoSuchResource: 404, MalformedBody: 400},
        worded=worded,
        closed=door.check,
        observed=door.statuses.append,
    )


@asynccontextmanager
async def served(door: Door) -> AsyncIterator[str]:
    listening = bound("127.0.0.1:0", "listen")
    server = listener(Application([face(door)]), None)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.end()
        await serving
        listening.close()


async def test_a_request_is_counted_from_when_its_body_has_come_until_its_reply_is_made() -> None:
    door = Door()
    async with served(door) as address:
        assert (await exchange(address, LINE, body=b"{}")).status == 201
    assert door.turnstile.seen == [1]
    assert door.turnstile.inside == 0


async def test_a_closed_entrance_refuses_before_the_body_is_looked_at() -> None:
    door = Door()
    door.turnstile.open = False
    async with served(door) as address:
        answer = await exchange(address, LINE, body=b"[]")
    assert (answer.status, answer.text) == (503, "not in this mode")


async def test_a_body_that_is_refused_is_not_counted() -> None:
    door = Door()
    async with served(door) as address:
        assert (await exchange(address, LINE, body=b"[]")).status == 400
    assert door.turnstile.seen == []
    assert door.turnstile.inside == 0


async def test_a_closed_face_refuses_addresses_that_there_are_not_too() -> None:
    door = Door()
    door.closed = True
    async with served(door) as address:
        nowhere = await exchange(address, b"GET /test/nowhere")
        work = await exchange(address, LINE, body=b"{}")
    assert (nowhere.status, work.status, work.text) == (503, 503, "switching")


async def test_the_status_of_each_answer_is_told_to_who_counts() -> None:
    door = Door()
    async with served(door) as address:
        await exchange(address, LINE, body=b"{}")
        await exchange(address, LINE, body=b"[]")
        await exchange(address, b"GET /test/nowhere")
    assert door.statuses == [201, 400, 404]
