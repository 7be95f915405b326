"""Where servers send us to, and where we do not go."""

import pytest
from tests.drivers.repository.bench import some_bytes
from tests.drivers.repository.web import cut, redirecting, site, whole

from busyout.domain.errors import InvalidValue, RepositoryUnreachable
from busyout.drivers.repository.road import Reach
from busyout.ports.repository import Access

pytestmark = pytest.mark.anyio

DATA = some_bytes(100_000)
OUTSIDE = Access(plugin_server="http://plugins.example.net/1")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_on_the_same_server_is_followed(bench, status):
    async with site(redirecting("../new?v=2#part", status), whole(DATA)) as web:
        assert bench.holds(DATA, await bench.fetch(f"{web.url}/old/file"))
    assert [request.target for request in web.requests] == ["/old/file", "/new?v=2"]


async def test_credentials_go_along_on_the_same_server_only(bench):
    async with site(whole(DATA), host="127.0.0.2") as other, site() as web:
        web.handlers += [redirecting(f"{web.url}/b"), redirecting(f"{other.url}/c")]
        reach = Reach(allow=("127.0.0.2",))
        url = f"http://anna:s3cret@127.0.0.1:{web.port}/a"
        assert bench.holds(DATA, await bench.fetch(url, reach=reach))
    assert [("authorization" in request.headers) for request in web.requests + other.requests] == [True, True, False]


async def test_five_redirects_are_followed(bench):
    async with site(*[redirecting("/next")] * 5, whole(DATA)) as web:
        assert bench.holds(DATA, await bench.fetch(web.url))


async def test_a_loop_ends(bench):
    async with site(redirecting("/round")) as web:
        with pytest.raises(RepositoryUnreachable, match="redirects more than 5 times"):
            await bench.fetch(web.url)
    assert web.connections == 6


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "file://localhost/etc/passwd",
        "gopher://127.0.0.1/x",
        "javascript:alert(1)",
        "data:,x",
        "http://:80/",
        "http://[::1",
        "http://127.0.0.1:0/",
        "http://host:port/",
    ],
)
async def test_a_redirect_to_what_is_no_server_is_refused(bench, location, tmp_path):
    async with site(redirecting(location)) as web:
        with pytest.raises(InvalidValue, match=r"redirects to (what is not fetched|a malformed URL)"):
            await bench.fetch(web.url, reach=Reach(folder=tmp_path))
    assert web.connections == 1
    assert bench.left == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:7f00:1]"]
)
async def test_a_redirect_to_another_loopback_address_is_refused(bench, host):
    async with site(whole(DATA)) as victim, site(host="127.0.0.2") as web:
        web.handlers.append(redirecting(f"http://{host}:{victim.port}/"))
        with pytest.raises(InvalidValue, match="a loopback address that the settings do not allow"):
            await bench.fetch(web.url)
    assert victim.connections == 0


async def test_a_redirect_to_another_port_of_the_repository_is_refused(bench):
    async with site(whole(DATA)) as victim, site(redirecting(f"{victim.url}/")) as web:
        with pytest.raises(InvalidValue):
            await bench.fetch(web.url)
    assert victim.connections == 0


@pytest.mark.parametrize("allow", ["127.0.0.1", "127.0.0.1:{port}", "127.0.0.0/30"])
async def test_a_redirect_to_what_the_settings_allow_is_followed(bench, allow):
    async with site(whole(DATA)) as other, site(redirecting(other.url), host="127.0.0.2") as web:
        reach = Reach(allow=(allow.format(port=other.port),))
        assert bench.holds(DATA, await bench.fetch(web.url, reach=reach))


async def test_a_package_at_an_inner_address_is_refused_where_the_repository_is_outside(bench):
    async with site(whole(DATA)) as web:
        with pytest.raises(InvalidValue, match=r"127\.0\.0\.1, a loopback address"):
            await bench.fetch(web.url, OUTSIDE)
    assert web.connections == 0


async def test_a_redirect_may_lead_back_to_the_repository(bench):
    async with site(whole(DATA)) as home, site(redirecting(home.url), host="127.0.0.2") as web:
        access = Access(plugin_server=f"http://user:word@127.0.0.1:{home.port}/plugins/")
        assert bench.holds(DATA, await bench.fetch(web.url, access, reach=Reach(allow=("127.0.0.2",))))


async def test_what_fails_behind_a_redirect_is_told_with_its_place(bench):
    async with site(cut(DATA, 0), host="127.0.0.2") as other:
        gone = other.url
    async with site(redirecting(f"{gone}/x")) as web:
        with pytest.raises(RepositoryUnreachable, match=f"at {gone}/x, where it redirects to: no connection"):
            await bench.fetch(web.url, reach=Reach(allow=("127.0.0.2",)))


async def test_a_name_is_resolved_once_and_the_connection_goes_to_what_was_judged(bench):
    look_up = bench.resolving(plugins_test="127.0.0.2,127.0.0.1")
    async with site(whole(DATA), host="127.0.0.2") as web:
        url = f"http://plugins.test:{web.port}/x"
        assert bench.holds(DATA, await bench.fetch(url, resolve=look_up))
    assert bench.lookups == ["plugins.test"]
    assert web.requests[0].headers["host"] == f"plugins.test:{web.port}"


async def test_a_name_that_turns_to_an_inner_address_is_refused(bench):
    look_up = bench.resolving(vendor_test="127.0.0.1")
    async with site(whole(DATA)) as web:
        with pytest.raises(InvalidValue, match=r"vendor\.test:\d+/ is at 127\.0\.0\.1"):
            await bench.fetch(f"http://vendor.test:{web.port}", OUTSIDE, resolve=look_up)
    assert web.connections == 0


async def test_a_name_that_nobody_knows_is_said_so(bench):
    with pytest.raises(RepositoryUnreachable, match="the name is not known"):
        await bench.fetch("http://nobody.invalid/x", OUTSIDE)


@pytest.mark.parametrize("url", ["gopher://h/x", "x/y", "", "http://", "//h/x", "ftps://h/x", "http://h:99999/"])
async def test_other_urls_are_refused(bench, url):
    with pytest.raises(InvalidValue):
        await bench.fetch(url, OUTSIDE)
