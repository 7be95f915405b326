"""Servers that are slow, or fall silent."""

import asyncio
from itertools import pairwise

import pytest
from tests.drivers.repository.bench import HURRIED
from tests.drivers.repository.web import Reply, Request, site

from busyout.domain.errors import RepositoryUnreachable
from busyout.drivers.repository.patience import Patience

pytestmark = pytest.mark.anyio


def trickling(piece: bytes, pause: float):
    async def handler(request: Request, reply: Reply):
        await reply.head(200, Content_Length=1_000_000)
        while True:
            await reply.send(piece)
            await asyncio.sleep(pause)

    return handler


def silent(sent: bytes = b""):
    async def handler(request: Request, reply: Reply):
        await reply.send(sent)
        await asyncio.Event().wait()

    return handler


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"])
async def test_silence_is_not_waited_for(bench, sent):
    async with site(silent(sent)) as web:
        with pytest.raises(RepositoryUnreachable, match=r"silence for 0\.3 s"):
            await bench.fetch(web.url, patience=HURRIED)
    assert web.connections == 2


async def test_a_head_that_trickles_is_not_waited_for(bench):
    async def handler(request: Request, reply: Reply):
        await reply.send(b"HTTP/1.1 200 OK\r\nX: ")
        while True:
            await reply.send(b"x")
            await asyncio.sleep(0.02)

    async with site(handler) as web:
        with pytest.raises(RepositoryUnreachable, match=r"no answer within 0\.6 s"):
            await bench.fetch(web.url, patience=HURRIED)


@pytest.mark.parametrize("begun", [b"3;", b"0\r\nX: "], ids=["an extension of a chunk", "trailers"])
async def test_what_trickles_and_is_no_file_is_not_waited_for(bench, begun):
    async def handler(request: Request, reply: Reply):
        await reply.head(200, Transfer_Encoding="chunked")
        await reply.send(b"3\r\nabc\r\n" + begun)
        for _ in range(100):
            await reply.send(b"x")
            await asyncio.sleep(0.02)

    async with site(handler) as web:
        with pytest.raises(RepositoryUnreachable, match=r"silence for 0\.3 s"):
            await bench.fetch(web.url, patience=HURRIED)
    assert web.connections == 2


async def test_a_file_that_trickles_is_not_waited_for(bench):
    async with site(trickling(b"x", 0.02)) as web:
        with pytest.raises(RepositoryUnreachable, match="less than 10000 bytes a second"):
            await bench.fetch(web.url, patience=Patience(grace=0.1, least_rate=10_000, pauses=()))


async def test_a_slow_file_arrives_and_its_progress_is_told_seldom(bench):
    async def handler(request: Request, reply: Reply):
        await reply.head(200, Content_Length=60_000)
        for _ in range(60):
            await reply.send(b"x" * 1000)
            await asyncio.sleep(0.005)

    async with site(handler) as web:
        assert bench.holds(b"x" * 60_000, await bench.fetch(web.url))
    sizes = [size for size, _ in bench.told]
    assert sizes == sorted(sizes)
    assert 3 <= len(sizes) <= 17
    assert all(after - before >= 4096 for before, after in pairwise(sizes[:-1]))
