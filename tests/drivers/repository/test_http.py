"""Files from HTTP servers, good and bad."""

import pytest
from tests.drivers.repository.bench import HURRIED, some_bytes
from tests.drivers.repository.web import TAG, Reply, Request, answering, cut, site, whole

from busyout import __version__
from busyout.domain.errors import RepositoryUnreachable
from busyout.drivers.repository.patience import Patience
from busyout.ports.repository import Access

pytestmark = pytest.mark.anyio

DATA = some_bytes(300_000)


def chunked(data, *, end=True):
    async def handler(request: Request, reply: Reply):
        await reply.head(200, Transfer_Encoding="chunked")
        for start in range(0, len(data), 70_000):
            piece = data[start : start + 70_000]
            await reply.send(b"%x\r\n%b\r\n" % (len(piece), piece))
        await reply.send(b"0\r\n\r\n" if end else b"")

    return handler


def raw(head: bytes, body: bytes = b""):
    async def handler(request: Request, reply: Reply):
        await reply.send(head.replace(b"\n", b"\r\n") + body)

    return handler


async def test_a_file_arrives_whole_with_its_digests(bench):
    async with site(whole(DATA)) as web:
        fetched = await bench.fetch(f"{web.url}/plugins/1/stable/plugins.db?x=1")
    assert bench.holds(DATA, fetched)
    assert fetched.etag == TAG
    [request] = web.requests
    assert (request.method, request.target) == ("GET", "/plugins/1/stable/plugins.db?x=1")
    assert request.headers["host"] == f"127.0.0.1:{web.port}"
    assert request.headers["user-agent"] == f"busyout/{__version__}"
    assert request.headers["accept-encoding"] == "identity"
    assert bench.told[0] == (0, len(DATA))
    assert bench.told[-1] == (len(DATA), len(DATA))


async def test_an_empty_file_arrives(bench):
    async with site(whole(b"")) as web:
        assert bench.holds(b"", await bench.fetch(web.url))


async def test_a_file_of_unknown_size_arrives(bench):
    async with site(chunked(DATA)) as web:
        assert bench.holds(DATA, await bench.fetch(web.url))
    assert bench.told[-1] == (len(DATA), None)


async def test_bytes_are_kept_as_they_come_whatever_they_are_said_to_be(bench):
    head = b"HTTP/1.1 200 OK\nContent-Length: 4\nContent-Encoding: gzip\n\n"
    async with site(raw(head, b"\x1f\x8bxx")) as web:
        assert bench.holds(b"\x1f\x8bxx", await bench.fetch(web.url))


async def test_a_file_that_ends_too_early_is_no_file(bench):
    async with site(cut(DATA, 1000)) as web:
        with pytest.raises(RepositoryUnreachable, match=r"/plugins\.db could not be read: .*before the file was whole"):
            await bench.fetch(f"{web.url}/plugins.db")
    assert web.connections == 5
    assert bench.waited == 15.0
    assert not bench.into.exists()


async def test_a_chunked_file_without_its_end_is_no_file(bench):
    async with site(chunked(DATA, end=False)) as web:
        with pytest.raises(RepositoryUnreachable, match="before the file was whole"):
            await bench.fetch(web.url, patience=HURRIED)
    assert not bench.into.exists()


async def test_more_than_the_stated_length_is_no_answer(bench):
    async with site(raw(b"HTTP/1.1 200 OK\nConnection: close\nContent-Length: 3\n\n", b"abcdef")) as web:
        with pytest.raises(RepositoryUnreachable, match="not HTTP"):
            await bench.fetch(web.url)
    assert not bench.into.exists()


@pytest.mark.parametrize("length", [b"many", b"-1", b"1, 2", b""])
async def test_a_length_that_is_none_is_not_believed(bench, length):
    async with site(raw(b"HTTP/1.1 200 OK\nContent-Length: %b\n\n" % length, b"abc")) as web:
        with pytest.raises(RepositoryUnreachable):
            await bench.fetch(web.url, patience=HURRIED)
    assert not bench.into.exists()


async def test_what_is_not_http_is_said_so(bench):
    async with site(raw(b"220 hello\n\n")) as web:
        with pytest.raises(RepositoryUnreachable, match="not HTTP"):
            await bench.fetch(web.url)
    assert web.connections == 1


async def test_a_file_that_says_it_is_too_large_is_not_begun(bench):
    async with site(whole(DATA)) as web:
        with pytest.raises(RepositoryUnreachable, match="larger than 299999 bytes"):
            await bench.fetch(web.url, limit=len(DATA) - 1)
    assert web.connections == 1
    assert bench.told == []
    assert bench.left == []


async def test_a_file_that_does_not_say_it_is_too_large_is_cut_off_and_forgotten(bench):
    async with site(chunked(DATA)) as web:
        with pytest.raises(RepositoryUnreachable, match="larger than 100000 bytes"):
            await bench.fetch(web.url, limit=100_000)
    assert web.connections == 1
    assert bench.left == []


async def test_a_file_of_just_the_limit_arrives(bench):
    async with site(chunked(DATA)) as web:
        assert bench.holds(DATA, await bench.fetch(web.url, limit=len(DATA)))


async def test_a_server_in_trouble_is_asked_again_when_it_wants_to_be(bench):
    async with site(answering(503, Retry_After=20), answering(502), whole(DATA)) as web:
        assert bench.holds(DATA, await bench.fetch(web.url))
    assert bench.waited == 22.0


async def test_a_server_that_wants_to_be_left_alone_for_ever_is_not(bench):
    async with site(answering(429, Retry_After=86_400), whole(DATA)) as web:
        assert bench.holds(DATA, await bench.fetch(web.url))
    assert bench.waited == 60.0


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (404, r"there is no such file \(404\)"),
        (401, r"it wants other credentials \(401\)"),
        (403, r"it refuses \(403\)"),
        (204, r"it gives no file \(204\)"),
        (206, r"it gives no file \(206\)"),
        (302, r"it gives no file \(302\)"),
        (418, r"it gives no file \(418\)"),
    ],
)
async def test_a_refusal_is_final(bench, status, reason):
    async with site(answering(status)) as web:
        with pytest.raises(RepositoryUnreachable, match=reason):
            await bench.fetch(web.url)
    assert web.connections == 1
    assert bench.left == []


async def test_nobody_there_is_tried_again(bench):
    async with site(whole(DATA)) as web:
        gone = web.url
    with pytest.raises(RepositoryUnreachable, match="no connection: connection refused"):
        await bench.fetch(gone)
    assert bench.waited == 15.0


async def test_credentials_of_the_url_are_sent_and_never_shown(bench, caplog):
    async with site(answering(500), answering(403)) as web:
        url = f"http://anna:s3cret%40@127.0.0.1:{web.port}/x?key=t0ken"
        with pytest.raises(RepositoryUnreachable) as caught:
            await bench.fetch(url, Access(plugin_server=url))
    assert [request.headers["authorization"] for request in web.requests] == ["Basic YW5uYTpzM2NyZXRA"] * 2
    told = caught.value.message + "".join(f"{record.__dict__}" for record in caplog.records)
    assert "fetch_interrupted" in told
    assert f"http://127.0.0.1:{web.port}/x?..." in told
    assert not any(word in told for word in ("anna", "s3cret", "t0ken"))


async def test_a_file_that_cannot_be_told_of_stays_unfinished(bench):
    def refuse(size, total):
        raise LookupError

    bench.tell = refuse
    async with site(whole(DATA)) as web:
        with pytest.raises(LookupError):
            await bench.fetch(web.url)
    assert not bench.into.exists()


async def test_what_was_there_before_stays_until_the_new_one_is_whole(bench):
    bench.into.write_bytes(b"old")
    async with site(cut(DATA, 1000), whole(DATA)) as web:
        with pytest.raises(RepositoryUnreachable):
            await bench.fetch(web.url, patience=Patience(pauses=()))
        assert bench.into.read_bytes() == b"old"
        assert bench.holds(DATA, await bench.fetch(web.url))
