"""Files that are gone on with where they were cut."""

import asyncio
import json

import pytest
from tests.drivers.repository.bench import LIMIT, some_bytes
from tests.drivers.repository.web import TAG, Reply, Request, answering, cut, site, whole

from busyout.domain.errors import RepositoryUnreachable
from busyout.drivers.repository.driver import UrlRepository
from busyout.drivers.repository.patience import Patience
from busyout.ports.repository import Access

pytestmark = pytest.mark.anyio

DATA = some_bytes(400_000)
OTHER = some_bytes(400_000, seed=2)
SENT = 200_000
ARRIVED = SENT - 8192
"""Bytes of those sent that are surely in the part; the rest may be in a buffer."""


def half(bench, tag=TAG):
    """A server that hangs up in the middle, when what it sent has arrived."""
    return cut(DATA, SENT, wait=lambda: bench.wait_part(ARRIVED), tag=tag)


def ranged(data, **changed):
    """A server that answers a range with these headers."""

    async def handler(request: Request, reply: Reply):
        start = int(request.headers["range"][6:-1])
        headers = {
            "Content_Length": len(data) - start,
            "Content_Range": f"bytes {start}-{len(data) - 1}/{len(data)}",
            "ETag": TAG,
        } | changed
        await reply.head(206, **headers)
        await reply.send(data[start:])

    return handler


async def test_a_cut_file_is_gone_on_with(bench):
    async with site(half(bench), whole(DATA)) as web:
        assert bench.holds(DATA, await bench.fetch(web.url))
    first, second = web.requests
    assert "range" not in first.headers
    assert int(second.headers["range"].removeprefix("bytes=").removesuffix("-")) >= ARRIVED
    assert second.headers["if-range"] == TAG
    assert bench.waited == 1.0
    assert [size for size, _ in bench.told] == sorted(size for size, _ in bench.told)


async def test_a_file_cut_by_a_reset_is_gone_on_with(bench):
    async def handler(request: Request, reply: Reply):
        await half(bench)(request, reply)
        reply.reset()

    async with site(handler, whole(DATA)) as web:
        assert bench.holds(DATA, await bench.fetch(web.url))
    assert "range" in web.requests[1].headers


async def test_a_file_that_fell_silent_is_gone_on_with(bench):
    async def handler(request: Request, reply: Reply):
        await half(bench)(request, reply)
        await asyncio.Event().wait()

    async with site(handler, whole(DATA)) as web:
        assert bench.holds(DATA, await bench.fetch(web.url, patience=Patience(silence=0.5)))
    assert "range" in web.requests[1].headers


async def test_a_server_without_ranges_sends_it_anew(bench):
    async with site(half(bench), whole(DATA, ranges=False)) as web:
        assert bench.holds(DATA, await bench.fetch(web.url))
    assert "range" in web.requests[1].headers


async def test_a_file_that_changed_is_fetched_anew(bench):
    async with site(half(bench), whole(OTHER, tag='"two"')) as web:
        assert bench.holds(OTHER, await bench.fetch(web.url))
    assert "range" in web.requests[1].headers


@pytest.mark.parametrize(
    "bad",
    [
        {"ETag": '"two"'},
        {"Content_Range": "bytes 0-399999/400000"},
        {"Content_Range": "bytes nonsense"},
        {"Content_Range": ""},
    ],
)
async def test_the_rest_of_something_else_is_not_taken(bench, bad):
    async with site(half(bench), ranged(OTHER, **bad), whole(OTHER, tag='"two"')) as web:
        assert bench.holds(OTHER, await bench.fetch(web.url))
    assert "range" not in web.requests[2].headers


async def test_a_rest_that_comes_in_pieces_is_put_together(bench):
    async def piece(request: Request, reply: Reply):
        start = int(request.headers["range"][6:-1])
        await reply.head(206, Content_Length=1000, Content_Range=f"bytes {start}-{start + 999}/{len(DATA)}", ETag=TAG)
        await reply.send(DATA[start : start + 1000])

    async with site(half(bench), piece, whole(DATA)) as web:
        assert bench.holds(DATA, await bench.fetch(web.url))
    starts = [int(request.headers["range"][6:-1]) for request in web.requests[1:]]
    assert starts[1] == starts[0] + 1000


async def test_what_is_begun_anew_is_not_taken_for_what_was_begun_before(bench):
    async def wait():
        async with asyncio.timeout(20):
            while bench.part.read_bytes()[:ARRIVED] != OTHER[:ARRIVED]:
                await asyncio.sleep(0.002)

    unmarked = cut(OTHER, SENT, wait=wait, tag="")
    async with site(half(bench), unmarked, whole(DATA)) as web:
        assert bench.holds(DATA, await bench.fetch(web.url))
    assert ["range" in request.headers for request in web.requests] == [False, True, False]


async def test_a_range_that_cannot_be_had_starts_anew(bench):
    async with site(half(bench), answering(416), whole(DATA)) as web:
        assert bench.holds(DATA, await bench.fetch(web.url))
    assert "range" not in web.requests[2].headers


@pytest.mark.parametrize("tag", ["", 'W/"one"'])
async def test_what_cannot_be_recognised_is_fetched_anew(bench, tag):
    async with site(half(bench, tag), whole(DATA)) as web:
        assert bench.holds(DATA, await bench.fetch(web.url))
    assert "range" not in web.requests[1].headers


async def test_a_date_recognises_a_file_that_is_older_than_the_answer(bench):
    date = "Sun, 22 Nov 2026 10:00:00 GMT"

    async def first(request: Request, reply: Reply):
        await reply.head(200, Content_Length=len(DATA), Last_Modified=date, Date="Sun, 22 Nov 2026 10:00:01 GMT")
        await reply.send(DATA[:SENT])
        await bench.wait_part(ARRIVED)

    async with site(first, ranged(DATA, ETag="")) as web:
        assert bench.holds(DATA, await bench.fetch(web.url))
    assert web.requests[1].headers["if-range"] == date


async def test_a_later_fetch_goes_on_where_an_earlier_one_gave_up(bench):
    async with site(half(bench), whole(DATA)) as web:
        with pytest.raises(RepositoryUnreachable):
            await bench.fetch(web.url, patience=Patience(pauses=()))
        assert bench.left == ["arrived.part", "arrived.part.from"]
        assert bench.holds(DATA, await bench.fetch(web.url))
    assert "range" in web.requests[1].headers


async def test_a_fetch_that_was_cancelled_is_gone_on_with_at_once(bench):
    async def handler(request: Request, reply: Reply):
        await reply.head(200, Content_Length=len(DATA), ETag=TAG)
        await reply.send(DATA[:SENT])
        await asyncio.Event().wait()

    async with site(handler, whole(DATA)) as web:
        repository = UrlRepository(bench.clock)
        access = Access(plugin_server=web.url)
        fetching = asyncio.ensure_future(
            repository.fetch(web.url, bench.into, access=access, limit=LIMIT, tell=bench.tell)
        )
        await bench.wait_part(ARRIVED)
        fetching.cancel()
        await asyncio.wait([fetching])
        assert fetching.cancelled()
        assert bench.holds(DATA, await bench.fetch(web.url))
    assert "range" in web.requests[1].headers


async def test_a_file_that_is_being_fetched_is_not_fetched_twice(bench):
    async def handler(request: Request, reply: Reply):
        await reply.head(200, Content_Length=len(DATA), ETag=TAG)
        await reply.send(DATA[:SENT])
        await other_is_done.wait()
        await reply.send(DATA[SENT:])

    other_is_done = asyncio.Event()
    async with site(handler, whole(OTHER)) as web, asyncio.TaskGroup() as group:
        access = Access(plugin_server=web.url)
        work = UrlRepository(bench.clock).fetch(web.url, bench.into, access=access, limit=LIMIT, tell=bench.tell)
        fetching = group.create_task(work)
        await bench.wait_part(ARRIVED)
        with pytest.raises(RepositoryUnreachable, match="being fetched already"):
            await bench.fetch(web.url)
        other_is_done.set()
        fetched = await fetching
    assert bench.holds(DATA, fetched)


@pytest.mark.parametrize(
    ("change", "size"),
    [
        ({"boot": "another start of the machine"}, SENT),
        ({"source": "another file"}, SENT),
        ({"total": SENT}, SENT),
        ({"validator": 7}, SENT),
        ({}, 0),
        ({}, LIMIT),
    ],
)
async def test_the_beginning_of_something_else_is_not_gone_on_with(bench, change, size):
    async with site(half(bench), whole(DATA)) as web:
        with pytest.raises(RepositoryUnreachable):
            await bench.fetch(web.url, patience=Patience(pauses=()))
        note = bench.part.with_name("arrived.part.from")
        note.write_text(json.dumps(json.loads(note.read_text()) | change))
        bench.part.write_bytes(some_bytes(size, seed=3))
        assert bench.holds(DATA, await bench.fetch(web.url))
    assert "range" not in web.requests[1].headers


async def test_a_damaged_note_is_not_believed(bench):
    bench.part.write_bytes(OTHER[:SENT])
    bench.part.with_name("arrived.part.from").write_bytes(b'{"source":')
    async with site(whole(DATA)) as web:
        assert bench.holds(DATA, await bench.fetch(web.url))


async def test_a_link_in_place_of_the_part_is_not_followed(bench, tmp_path):
    precious = tmp_path / "precious"
    precious.write_bytes(b"keep me")
    bench.part.symlink_to(precious)
    async with site(whole(DATA)) as web:
        with pytest.raises(RepositoryUnreachable, match="could not be kept in arrived"):
            await bench.fetch(web.url)
    assert precious.read_bytes() == b"keep me"
