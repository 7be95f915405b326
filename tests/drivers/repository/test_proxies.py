"""Proxies are really used, as the parameters write them."""

import pytest
from tests.drivers.repository.bench import some_bytes
from tests.drivers.repository.certificate import make_certificate, serving
from tests.drivers.repository.forward import forward
from tests.drivers.repository.ftp_server import ftp_site
from tests.drivers.repository.web import redirecting, site, whole

from busyout.domain.errors import InvalidValue, RepositoryUnreachable
from busyout.drivers.repository.proxies import Proxy, read_proxy
from busyout.drivers.repository.road import Reach
from busyout.drivers.repository.target import Credentials
from busyout.ports.repository import Access

pytestmark = pytest.mark.anyio

DATA = some_bytes(200_000)
BASIC = "Basic YW5uYTpzM2NyZXRA"


async def test_http_goes_through_the_proxy(bench):
    async with site(whole(DATA)) as web, forward() as proxy:
        access = Access(http_proxy=f"http://{proxy.place}", https_proxy="127.0.0.1:9", plugin_server=web.url)
        assert bench.holds(DATA, await bench.fetch(f"{web.url}/x?y=z", access))
    [request] = proxy.requests
    assert (request.method, request.target) == ("GET", f"{web.url}/x?y=z")
    assert "proxy-authorization" not in request.headers


async def test_http_goes_through_a_proxy_that_wants_credentials(bench):
    async with site(whole(DATA)) as web, forward("anna:s3cret@") as proxy:
        access = Access(http_proxy=f"http://anna:s3cret%40@{proxy.place}", plugin_server=web.url)
        url = f"http://bert:word@127.0.0.1:{web.port}/x"
        assert bench.holds(DATA, await bench.fetch(url, access))
    assert proxy.requests[0].headers["proxy-authorization"] == BASIC
    assert "proxy-authorization" not in web.requests[0].headers
    assert web.requests[0].headers["authorization"] == "Basic YmVydDp3b3Jk"


@pytest.mark.parametrize("credentials", ["", "anna:wrong@"])
async def test_a_proxy_that_wants_other_credentials_is_named(bench, credentials):
    async with site(whole(DATA)) as web, forward("anna:s3cret@") as proxy:
        access = Access(http_proxy=f"http://{credentials}{proxy.place}", plugin_server=web.url)
        with pytest.raises(RepositoryUnreachable, match="the proxy wants other credentials") as caught:
            await bench.fetch(web.url, access)
    assert "wrong" not in caught.value.message
    assert web.connections == 0


@pytest.mark.parametrize("secret", ["", "anna:s3cret%40@"])
async def test_https_goes_through_a_tunnel(bench, secret, tmp_path):
    certificate = make_certificate(tmp_path)
    async with site(whole(DATA), tls=serving(certificate)) as web, forward("anna:s3cret@" if secret else None) as proxy:
        access = Access(https_proxy=f"{secret}{proxy.place}", http_proxy="http://127.0.0.1:9", plugin_server=web.url)
        url = f"https://bert:word@127.0.0.1:{web.port}/x"
        assert bench.holds(DATA, await bench.fetch(url, access, reach=Reach(authorities=certificate)))
    [request] = proxy.requests
    assert (request.method, request.target) == ("CONNECT", f"127.0.0.1:{web.port}")
    assert request.headers.get("proxy-authorization") == (BASIC if secret else None)
    assert "authorization" not in request.headers
    assert web.requests[0].headers["authorization"] == "Basic YmVydDp3b3Jk"
    assert "proxy-authorization" not in web.requests[0].headers


async def test_a_tunnel_that_is_refused_is_said_so(bench, tmp_path):
    certificate = make_certificate(tmp_path)
    async with site(whole(DATA), tls=serving(certificate)) as web, forward("anna:s3cret@") as proxy:
        access = Access(https_proxy=proxy.place, plugin_server=web.url)
        with pytest.raises(RepositoryUnreachable, match="the proxy refuses with 407"):
            await bench.fetch(web.url, access)
    assert web.connections == 0


async def test_a_proxy_that_is_away_is_tried_again(bench):
    async with site(whole(DATA)) as web:
        async with forward() as proxy:
            gone = proxy.place
        with pytest.raises(RepositoryUnreachable, match="no connection to the proxy"):
            await bench.fetch(web.url, Access(http_proxy=f"http://{gone}", plugin_server=web.url))
    assert web.connections == 0
    assert bench.waited == 15.0


@pytest.mark.parametrize("secret", ["", "anna:s3cret%40@"])
async def test_ftp_is_asked_of_an_http_proxy(bench, secret, tmp_path):
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "plugins.db").write_bytes(DATA)
    with ftp_site(tmp_path / "root") as ftp:
        async with forward("anna:s3cret@" if secret else None) as proxy:
            access = Access(ftp_proxy=f"http://{secret}{proxy.place}", plugin_server=ftp.url)
            assert bench.holds(DATA, await bench.fetch(f"{ftp.url}/plugins.db", access))
    [request] = proxy.requests
    assert (request.method, request.target) == ("GET", f"{ftp.url}/plugins.db")
    assert request.headers.get("proxy-authorization") == (BASIC if secret else None)
    assert ftp.said("RETR") == ["RETR plugins.db"]


async def test_a_name_that_only_the_proxy_knows_is_left_to_it(bench):
    async with site(whole(DATA)) as web, forward(vendor_invalid="127.0.0.1") as proxy:
        access = Access(http_proxy=f"http://{proxy.place}", plugin_server="http://plugins.example.net/")
        assert bench.holds(DATA, await bench.fetch(f"http://vendor.invalid:{web.port}/x", access))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
async def test_a_proxy_is_not_used_to_reach_inner_addresses(bench, host):
    async with site(redirecting(f"http://{host}:9/")) as web, forward() as proxy:
        access = Access(http_proxy=f"http://{proxy.place}", plugin_server=web.url)
        with pytest.raises(InvalidValue, match="a loopback address"):
            await bench.fetch(web.url, access)
    assert len(proxy.requests) == 1


@pytest.mark.parametrize(
    ("parameter", "value", "proxy"),
    [
        ("http_proxy", None, None),
        ("http_proxy", "", None),
        ("http_proxy", "http://p", Proxy("p", 80)),
        ("http_proxy", "http://p:3128/", Proxy("p", 3128)),
        ("ftp_proxy", "http://u:w%40@[::1]:3128", Proxy("::1", 3128, Credentials("u", "w@"))),
        ("https_proxy", "p", Proxy("p", 443)),
        ("https_proxy", "p:3128", Proxy("p", 3128)),
    ],
)
def test_a_parameter_is_a_proxy(parameter, value, proxy):
    assert read_proxy(parameter, value) == proxy


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("http_proxy", "socks5://s3cret:w@p:1"),
        ("http_proxy", "http://s3cret:w@p:port"),
        ("http_proxy", "p:3128"),
        ("ftp_proxy", "http://p?s3cret"),
        ("https_proxy", "http://s3cret:w@p:3128"),
        ("https_proxy", "p/s3cret"),
    ],
)
def test_a_parameter_that_is_no_proxy_is_named_and_not_repeated(parameter, value):
    with pytest.raises(InvalidValue, match=f"{parameter} cannot be used") as caught:
        read_proxy(parameter, value)
    assert "s3cret" not in f"{caught.value}{caught.value.__cause__}"
