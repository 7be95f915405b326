"""Files from a real FTP server."""

import asyncio
import os
import threading

import pytest
from tests.drivers.repository.bench import some_bytes
from tests.drivers.repository.ftp_server import ftp_site, wait_part
from tests.drivers.repository.web import redirecting, site

from busyout.domain.errors import InvalidValue, RepositoryUnreachable
from busyout.drivers.repository.patience import Patience
from busyout.ports.repository import Access

pytestmark = pytest.mark.anyio

DATA = some_bytes(400_000)
SENT = 200_000
ARRIVED = SENT - 8192


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "root" / "plugins é"
    folder.mkdir(parents=True)
    (folder / "plugins.db").write_bytes(DATA)
    return folder.parent


PATH = "plugins%20%C3%A9/plugins.db"


async def test_a_file_arrives_whole_with_its_digests(bench, root):
    with ftp_site(root) as ftp:
        fetched = await bench.fetch(f"{ftp.url}/{PATH}")
    assert bench.holds(DATA, fetched)
    assert fetched.etag is None
    assert ftp.said("USER") == ["USER anonymous"]
    assert bench.told[0] == (0, len(DATA))
    assert bench.told[-1] == (len(DATA), len(DATA))


async def test_credentials_of_the_url_are_used_and_never_shown(bench, root, caplog):
    with ftp_site(root, anonymous=False) as ftp:
        place = f"127.0.0.1:{ftp.port}/{PATH}"
        assert bench.holds(DATA, await bench.fetch(f"ftp://anna:s3cret%40@{place}"))
        with pytest.raises(RepositoryUnreachable, match=r"the login is refused \(530\)") as caught:
            await bench.fetch(f"ftp://anna:guessed@{place}")
    assert "anna" not in caught.value.message
    assert "guessed" not in caught.value.message + caplog.text


async def test_a_cut_file_is_gone_on_with(bench, root):
    with ftp_site(root) as ftp:
        ftp.cut_after, ftp.wait = SENT, wait_part(bench.part, ARRIVED)
        assert bench.holds(DATA, await bench.fetch(f"{ftp.url}/{PATH}"))
    [rest] = ftp.said("REST")
    assert int(rest.split()[1]) >= ARRIVED
    assert bench.waited == 1.0


async def test_a_server_that_cannot_go_on_sends_it_anew(bench, root):
    with ftp_site(root, without=("REST",)) as ftp:
        ftp.cut_after, ftp.wait = SENT, wait_part(bench.part, ARRIVED)
        assert bench.holds(DATA, await bench.fetch(f"{ftp.url}/{PATH}"))
    assert len(ftp.said("REST")) == 1
    assert len(ftp.said("RETR")) == 2


async def test_a_file_that_changed_is_fetched_anew(bench, root):
    other = some_bytes(400_000, seed=2)
    path = root / "plugins é" / "plugins.db"

    def change():
        wait_part(bench.part, ARRIVED)()
        path.write_bytes(other)
        os.utime(path, (1_000_000_000, 1_000_000_000))

    with ftp_site(root) as ftp:
        ftp.cut_after, ftp.wait = SENT, change
        assert bench.holds(other, await bench.fetch(f"{ftp.url}/{PATH}"))
    assert ftp.said("REST") == []


@pytest.mark.parametrize("without", [("MDTM",), ("SIZE",), ("SIZE", "MDTM")])
async def test_what_cannot_be_recognised_is_fetched_anew(bench, root, without):
    with ftp_site(root, without=without) as ftp:
        ftp.cut_after, ftp.wait = SENT, wait_part(bench.part, ARRIVED)
        assert bench.holds(DATA, await bench.fetch(f"{ftp.url}/{PATH}"))
    assert ftp.said("REST") == []


async def test_a_file_that_is_cut_each_time_is_no_file(bench, root):
    with ftp_site(root) as ftp:
        ftp.cut_after = 1000
        with pytest.raises(RepositoryUnreachable, match=r"could not be read: the server hung up"):
            await bench.fetch(f"{ftp.url}/{PATH}", patience=Patience(pauses=()))
    assert not bench.into.exists()


async def test_a_file_that_is_too_large_is_not_begun(bench, root):
    with ftp_site(root) as ftp, pytest.raises(RepositoryUnreachable, match="larger than 399999 bytes"):
        await bench.fetch(f"{ftp.url}/{PATH}", limit=len(DATA) - 1)
    assert bench.left == []
    assert bench.told == []


async def test_a_file_of_unknown_size_that_is_too_large_is_cut_off(bench, root):
    larger = pytest.raises(RepositoryUnreachable, match="larger than 399999 bytes")
    with ftp_site(root, without=("SIZE",)) as ftp, larger:
        await bench.fetch(f"{ftp.url}/{PATH}", limit=len(DATA) - 1)
    assert bench.left == []


async def test_a_file_that_is_not_there_is_final(bench, root):
    with ftp_site(root) as ftp, pytest.raises(RepositoryUnreachable, match=r"there is no such file \(550\)"):
        await bench.fetch(f"{ftp.url}/nothing")
    assert bench.waited == 0.0


@pytest.mark.parametrize("path", ["", "/", "/a%0d%0aDELE%20x", "/a%00"])
async def test_a_path_that_ftp_cannot_name_is_refused(bench, path):
    with pytest.raises(InvalidValue, match="names no file that FTP can name"):
        await bench.fetch(f"ftp://127.0.0.1:9{path}")


def talking(*lines: bytes):
    """A server that says these lines, one for each command, and then nothing."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        for line in lines:
            writer.write(line + b"\r\n")
            await writer.drain()
            if not await reader.readline():
                break
        await reader.read()
        writer.close()

    return asyncio.start_server(serve, "127.0.0.1", 0)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ((), r"silence for 0\.3 s"),
        ((b"220 hello", b"331 password of anna?"), r"silence for 0\.3 s"),
        ((b"HTTP/1.1 400 no",), "is not FTP"),
        ((b"220 hello", b"331 x", b"230 x", b"200 x", b"213 1e9", b"213 x", b"227 nonsense"), "is not FTP"),
        ((b"421 too many users",), r"cannot just now \(421\)"),
        ((b"220 " + b"x" * 10_000,), "is not FTP"),
        ((b"220-\r\n" * 5000,), r"silence for 0\.3 s"),
    ],
)
async def test_a_server_that_misbehaves_is_left(bench, lines, reason):
    async with await talking(*lines) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(RepositoryUnreachable, match=reason) as caught:
            await bench.fetch(f"ftp://127.0.0.1:{port}/x", patience=Patience(connect=0.3, silence=0.3, pauses=()))
    assert "anna" not in caught.value.message


async def test_a_greeting_without_end_is_not_waited_for(bench):
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        try:
            while True:
                writer.write(b"220-\r\n")
                await writer.drain()
                await asyncio.sleep(0.02)
        except ConnectionError:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(RepositoryUnreachable, match=r"silence|no connection"):
            await bench.fetch(f"ftp://127.0.0.1:{port}/x", patience=Patience(connect=0.2, answer=0.2, pauses=()))


async def test_a_redirect_to_ftp_on_an_inner_address_is_refused(bench, root):
    with ftp_site(root) as ftp:
        async with site(redirecting(f"{ftp.url}/{PATH}"), host="127.0.0.2") as web:
            with pytest.raises(InvalidValue, match="a loopback address"):
                await bench.fetch(web.url, Access(plugin_server=web.url))
    assert ftp.commands == []


async def test_a_fetch_that_is_cancelled_ends_at_once(bench, root):
    with ftp_site(root) as ftp:
        release = asyncio.Event()
        ftp.cut_after = SENT
        loop = asyncio.get_running_loop()

        def hold():
            asyncio.run_coroutine_threadsafe(release.wait(), loop).result(60)

        ftp.wait = hold
        fetching = asyncio.ensure_future(bench.fetch(f"{ftp.url}/{PATH}", patience=Patience(silence=120)))
        await bench.wait_part(ARRIVED)
        fetching.cancel()
        done, _ = await asyncio.wait([fetching], timeout=10)
        async with asyncio.timeout(10):
            while any(thread.name.startswith("fetch-") for thread in threading.enumerate()):
                await asyncio.sleep(0.002)
        release.set()
        assert done
        assert fetching.cancelled()
        assert bench.holds(DATA, await bench.fetch(f"{ftp.url}/{PATH}"))
    assert len(ftp.said("REST")) == 1
