"""The life of a plug-in, through the client's eyes, on a real server with a real repository."""

import asyncio
import io
import json
import tarfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha1
from pathlib import Path

import aiohttp
import pytest
from tests.faces.provd.repository import Server as Repository
from tests.faces.provd.repository import served
from tests.faces.provd.shop import ACME, RECIPE
from tests.live.server import PASSWORD, Server
from tests.loops.provd.client import Progress, ProvdClient, ProvdError

pytestmark = pytest.mark.anyio

INSTALL = "/pg_mgr/install"

SETTINGS = """
[faces.provd]
authentication = "{authentication}"

[[elements]]
name = "provisioning"
kind = "provisioning"
driver = "inside"
"""


@asynccontextmanager
async def running(home: Path, *, authentication: str = "none") -> AsyncIterator[tuple[Server, Repository]]:
    """A server, and a repository that it does not know yet."""
    async with served(home / "repository") as repository:
        server = Server(home, SETTINGS.format(authentication=authentication))
        try:
            await server.start()
            yield server, repository
        finally:
            await server.stop()
            print(server.last_lines())


@asynccontextmanager
async def client_of(server: Server, prefix: str, *, user: str | None = None) -> AsyncIterator[ProvdClient]:
    """A client below that prefix."""
    headers = {} if user is None else {"Authorization": aiohttp.encode_basic_auth(user, PASSWORD)}
    async with aiohttp.ClientSession(headers=headers) as session:
        yield ProvdClient(session, server.url + prefix)


async def shown(client: ProvdClient, what: str) -> dict[str, str]:
    """Versions by id."""
    return {id: one["version"] for id, one in (await client.ask("GET", f"{INSTALL}/{what}"))["pkgs"].items()}


@pytest.mark.parametrize("prefix", ["/provd", "/0.2"])
async def test_a_plugin_comes_is_brought_up_to_date_and_goes(tmp_path: Path, prefix: str) -> None:
    async with running(tmp_path) as (server, repository), client_of(server, prefix) as client:
        repository.plugins.offer(ACME, "1.0")
        await client.parameter("plugin_server", repository.site.url)
        assert await shown(client, "installable") == {}
        assert (await client.done(f"{INSTALL}/update", {}))[-1].startswith("update|success;")
        assert await shown(client, "installable") == {ACME: "1.0"}
        assert (await client.done(f"{INSTALL}/install", {"id": ACME}))[-1].startswith("install|success(download|")
        assert await shown(client, "installed") == {ACME: "1.0"}
        repository.plugins.offer(ACME, "1.1")
        await client.done(f"{INSTALL}/update", {})
        assert (await client.done(f"{INSTALL}/upgrade", {"id": ACME}))[-1].startswith("install|success(download|")
        assert await shown(client, "installed") == {ACME: "1.1"}
        assert list((await client.ask("GET", "/pg_mgr/plugins"))["plugins"]) == [ACME]
        assert await client.ask("POST", f"{INSTALL}/uninstall", {"id": ACME}) is None
        assert await shown(client, "installed") == {}
        with pytest.raises(ProvdError, match=r"^400: plugin not found$"):
            await client.ask("POST", f"{INSTALL}/uninstall", {"id": ACME})


async def test_a_package_is_fetched_unpacked_and_taken_away(tmp_path: Path) -> None:
    started = running(tmp_path, authentication="basic")
    async with started as (server, repository), client_of(server, "/provd", user="admin") as client:
        offer_with_package(repository)
        await client.parameter("plugin_server", repository.site.url)
        await client.done(f"{INSTALL}/update", {})
        await client.done(f"{INSTALL}/install", {"id": ACME})
        service = f"/pg_mgr/plugins/{ACME}/install"
        seen = await client.done(f"{service}/install", {"id": "firmware"})
        assert Progress.of(seen[-1]).state == "success"
        image = server.data / "provisioning" / "plugins" / ACME / "var" / "tftpboot" / "firmware" / "a.bin"
        assert image.read_bytes() == b"x" * 5000
        assert list((await client.ask("GET", f"{service}/installed"))["pkgs"]) == ["firmware"]
        await client.ask("POST", f"{service}/uninstall", {"id": "firmware"})
        assert not image.exists()


def offer_with_package(repository: Repository) -> None:
    """A plug-in with a firmware that comes from the same server."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        member = tarfile.TarInfo("a.bin")
        member.size = 5000
        archive.addfile(member, io.BytesIO(b"x" * 5000))
    content = packed.getvalue()
    repository.plugins.put("firmware.zip", content)
    recipe = recipe_of(repository.site.url, content).replace("unzip", "untar")
    repository.plugins.offer(ACME, files={"pkgs/pkgs.db": recipe.encode()})


def recipe_of(url: str, content: bytes) -> str:
    """The recipe of that firmware."""
    return RECIPE.format(url=url, size=len(content), digest=sha1(content).hexdigest())


async def test_an_install_outlives_the_server_and_is_followed_under_the_same_address(tmp_path: Path) -> None:
    async with running(tmp_path) as (server, repository), client_of(server, "/provd") as client:
        package = repository.plugins.offer(ACME, files={"big": bytes(range(256)) * 4000})
        await client.parameter("plugin_server", repository.site.url)
        await client.done(f"{INSTALL}/update", {})
        released = repository.hold(package)
        async with client.started(f"{INSTALL}/install", {"id": ACME}) as operation:
            await operation.look()
            await server.kill()
            await server.start()
            assert (await operation.look()).state == "progress"
            released.set()
            assert (await operation.ended()).state == "success"
        assert await shown(client, "installed") == {ACME: "1.0"}


async def test_a_failure_says_why_and_two_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    async with running(tmp_path) as (server, repository), client_of(server, "/0.2") as client:
        names = [f"acme-{number}" for number in range(4)]
        files = [repository.plugins.offer(name) for name in names]
        (repository.plugins.folder / files[0]).write_bytes(b"not that package")
        await client.parameter("plugin_server", repository.site.url)
        await client.done(f"{INSTALL}/update", {})
        ends = await asyncio.gather(*(client.done(f"{INSTALL}/install", {"id": name}) for name in names))
        states = [Progress.of(seen[-1]).state for seen in ends]
        assert states == ["fail", "success", "success", "success"]
        assert sorted(await shown(client, "installed")) == names[1:]
        status = json.dumps(await client.ask("GET", "/status"))
        assert "ok" in status
