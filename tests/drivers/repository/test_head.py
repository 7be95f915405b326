"""What comes before the head of an answer: a little is taken, and nobody waits through very much."""

import pytest
from tests.drivers.repository.bench import some_bytes
from tests.drivers.repository.web import Reply, Request, site

from busyout.domain.errors import RepositoryUnreachable
from busyout.ports.interim import HEAD_PIECE, MOST_INTERIM

pytestmark = pytest.mark.anyio

DATA = some_bytes(20_000)

INTERIM = {"100": b"HTTP/1.1 100 Continue\r\n\r\n", "103": b"HTTP/1.1 103 Hints\r\nLink: </a>; rel=x\r\n\r\n"}


def after(interim: bytes, times: int):
    async def handler(request: Request, reply: Reply):
        head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(DATA)
        await reply.send(interim * times + head + DATA)

    return handler


@pytest.mark.parametrize("interim", INTERIM.values(), ids=INTERIM)
async def test_a_file_may_come_after_answers_that_are_not_the_last(bench, interim):
    for times in (1, MOST_INTERIM):
        async with site(after(interim, times)) as web:
            assert bench.holds(DATA, await bench.fetch(web.url))


@pytest.mark.parametrize("interim", INTERIM.values(), ids=INTERIM)
@pytest.mark.parametrize("times", [MOST_INTERIM + 1, 3 * HEAD_PIECE])
async def test_a_server_that_never_comes_to_the_point_is_left(bench, interim, times):
    async with site(after(interim, times)) as web:
        with pytest.raises(RepositoryUnreachable, match="not HTTP"):
            await bench.fetch(web.url)
        assert web.connections == 1


@pytest.mark.parametrize("length", [HEAD_PIECE - 1, HEAD_PIECE, HEAD_PIECE + 1])
async def test_a_head_may_end_at_any_place(bench, length):
    async def handler(request: Request, reply: Reply):
        head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\nX: " % len(DATA)
        await reply.send(head + b"x" * (length - len(head) - 4) + b"\r\n\r\n" + DATA)

    async with site(handler) as web:
        assert bench.holds(DATA, await bench.fetch(web.url))
