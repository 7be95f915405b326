"""Files from HTTPS servers."""

import asyncio

import pytest
from tests.drivers.repository.bench import some_bytes
from tests.drivers.repository.certificate import make_certificate, serving
from tests.drivers.repository.web import redirecting, site, whole

from busyout.domain.errors import InvalidValue, RepositoryUnreachable
from busyout.drivers.repository.road import Reach

pytestmark = pytest.mark.anyio

DATA = some_bytes(300_000)


@pytest.fixture
def certificate(tmp_path):
    return make_certificate(tmp_path)


async def test_a_server_whose_authority_is_named_is_believed(bench, certificate):
    async with site(whole(DATA), tls=serving(certificate)) as web:
        assert bench.holds(DATA, await bench.fetch(f"{web.url}/x", reach=Reach(authorities=certificate)))


async def test_a_name_is_what_the_certificate_must_bear(bench, certificate):
    look_up = bench.resolving(plugins_test="127.0.0.2")
    async with site(whole(DATA), host="127.0.0.2", tls=serving(certificate)) as web:
        url = f"https://plugins.test:{web.port}/x"
        reach = Reach(authorities=certificate)
        assert bench.holds(DATA, await bench.fetch(url, reach=reach, resolve=look_up))
        with pytest.raises(RepositoryUnreachable, match="certificate is not trusted"):
            await bench.fetch(f"{web.url}/x", reach=reach)


async def test_a_server_that_nobody_vouches_for_is_not_believed(bench, certificate):
    async with site(whole(DATA), tls=serving(certificate)) as web:
        with pytest.raises(RepositoryUnreachable, match="certificate is not trusted"):
            await bench.fetch(f"{web.url}/x")
    assert web.requests == []
    assert bench.waited == 0.0


async def test_a_server_that_does_not_speak_tls_is_said_so(bench):
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        with pytest.raises(RepositoryUnreachable, match="does not speak TLS"):
            await bench.fetch(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/x")


async def test_it_does_not_redirect_to_what_everybody_can_read(bench, certificate):
    async with site(whole(DATA)) as open_one, site(redirecting(open_one.url), tls=serving(certificate)) as web:
        reach = Reach(authorities=certificate, allow=("127.0.0.1",))
        with pytest.raises(InvalidValue, match="not encrypted"):
            await bench.fetch(web.url, reach=reach)
    assert open_one.connections == 0


async def test_authorities_that_cannot_be_read_are_said_so(bench, tmp_path):
    with pytest.raises(InvalidValue, match=r"certificate authorities in .*none\.pem cannot be read"):
        await bench.fetch("https://127.0.0.1:9/", reach=Reach(authorities=tmp_path / "none.pem"))
