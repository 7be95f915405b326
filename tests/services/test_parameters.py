"""Parameters hold at once, over a restart, and above the settings; their passwords are told to nobody else."""

import asyncio

import pytest
from tests.services.conftest import Provisioned
from tests.services.repository import SampleRepository
from tests.services.shop import done
from tests.world import ADMIN, WATCHER, World

from busyout.domain.commands import UpdatePlugins
from busyout.domain.errors import InvalidValue, NoSuchParameter, NotPermitted
from busyout.domain.operation import OperationState
from busyout.domain.parameter import masked

pytestmark = pytest.mark.anyio

PROXY = "http://clerk:s3cret@127.0.0.1:3128"

ACCEPTED = [
    ("plugin_server", "http://x", "http://x"),
    ("plugin_server", "ftp://x/y", "ftp://x/y"),
    ("plugin_server", "http://[::1]:8080/x", "http://[::1]:8080/x"),
    ("plugin_server", None, None),
    ("http_proxy", "http://p:3128", "http://p:3128"),
    ("ftp_proxy", PROXY, PROXY),
    ("https_proxy", "p:3128", "p:3128"),
    ("https_proxy", "p", "p"),
    ("https_proxy", None, None),
    ("locale", "fr_FR", "fr_FR"),
    ("locale", "xyz_ABC", "xyz_ABC"),
    ("locale", "", None),
    *(("NAT", value, 1) for value in (1, "1", True)),
    *(("NAT", value, 0) for value in (0, "0", False, None)),
]

REFUSED = [
    ("plugin_server", "x/y", "no scheme: x/y"),
    ("plugin_server", "", "no scheme: "),
    ("plugin_server", "file://", "no hostname: file://"),
    ("plugin_server", "http:///x", "no hostname: http:///x"),
    ("plugin_server", "file:///srv/plugins", "no hostname: file:///srv/plugins"),
    ("plugin_server", "file:///", "no hostname: file:///"),
    ("plugin_server", "gopher://x", "scheme is none of"),
    ("plugin_server", "http://x:99999/", "not a URL"),
    ("http_proxy", "p:3128", "No hostname: p:3128"),
    ("http_proxy", "http://p:3128/", "Path: http://p:3128/"),
    ("http_proxy", "", "No scheme: "),
    ("http_proxy", "//p", "No scheme: //p"),
    ("http_proxy", "http://p:notaport", "not a URL"),
    ("https_proxy", "http://p:3128", "scheme and hostname: http://p:3128"),
    ("https_proxy", "", "zero-length value"),
    ("locale", "fr_FR.UTF-8", "Invalid locale fr_FR.UTF-8"),
    ("locale", "FR", "Invalid locale FR"),
    *(("NAT", value, "0 or 1") for value in ("2", "01", "", 2, 0.5, [], {})),
    *((id, value, "text or null") for id in ("plugin_server", "http_proxy", "locale") for value in (5, [], True)),
    ("locale", "é", "not printable ASCII"),
    ("plugin_server", "http://" + "x" * 3000, "longer than"),
]


@pytest.mark.parametrize(("id", "value", "kept"), ACCEPTED)
async def test_what_is_accepted_is_what_is_read(world: World, id: str, value: object, kept: object) -> None:
    await world.services.parameters.set(ADMIN, id, value)
    assert world.services.parameters.get(id).value == kept


@pytest.mark.parametrize(("id", "value", "reason"), REFUSED)
async def test_what_is_refused_changes_nothing(world: World, id: str, value: object, reason: str) -> None:
    before = world.services.parameters.all(), len(await world.services.audit.since(0, limit=100))
    with pytest.raises(InvalidValue) as refused:
        await world.services.parameters.set(ADMIN, id, value)
    assert reason in str(refused.value)
    assert (world.services.parameters.all(), len(await world.services.audit.since(0, limit=100))) == before


async def test_they_are_listed_in_the_order_of_the_document_and_in_the_language_of_the_locale(world: World) -> None:
    parameters = world.services.parameters
    ids = ["plugin_server", "http_proxy", "ftp_proxy", "https_proxy", "locale", "NAT"]
    assert [setting.id for setting in parameters.all()] == ids
    assert [setting.value for setting in parameters.all()] == [None] * 5 + [0]
    assert parameters.get("NAT").description == "Set to 1 if all the devices are behind a NAT."
    await parameters.set(ADMIN, "locale", "fr_CA")
    assert "terminaux" in parameters.get("NAT").description
    await parameters.set(ADMIN, "locale", "de")
    assert "devices" in parameters.get("NAT").description


async def test_nobody_else_may_set_them_and_there_are_no_others(world: World) -> None:
    with pytest.raises(NotPermitted):
        await world.services.parameters.set(WATCHER, "NAT", 1)
    for id in ("tenants", "provisioning_key", "nat", ""):
        with pytest.raises(NoSuchParameter):
            world.services.parameters.get(id)
        with pytest.raises(NoSuchParameter):
            await world.services.parameters.set(ADMIN, id, 1)


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_they_hold_over_a_restart_and_above_the_settings(
    provisioned: Provisioned, repository: SampleRepository, database: str
) -> None:
    async with provisioned(database) as world:
        assert world.services.parameters.plugin_server == repository.url
        await world.services.parameters.set(ADMIN, "plugin_server", "http://127.0.0.1:1/nothing")
        await world.services.parameters.set(ADMIN, "NAT", True)
        await world.crash()
        await world.reopen()
        assert world.services.parameters.plugin_server == "http://127.0.0.1:1/nothing"
        assert world.services.parameters.behind_nat
        assert world.services.parameters.access.plugin_server == "http://127.0.0.1:1/nothing"


async def test_the_next_fetch_obeys(provisioned: Provisioned, repository: SampleRepository) -> None:
    async with provisioned() as world:
        await world.services.parameters.set(ADMIN, "plugin_server", f"{repository.url}/deeper")
        assert (await done(world, UpdatePlugins())).state is OperationState.FAILED
        await world.services.parameters.set(ADMIN, "plugin_server", f"{repository.url}/")
        assert (await done(world, UpdatePlugins())).state is OperationState.SUCCEEDED


async def test_a_proxy_is_really_asked(provisioned: Provisioned) -> None:
    asked: asyncio.Queue[bytes] = asyncio.Queue()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.put_nowait(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as proxy, provisioned(server=None) as world:
        host, port = proxy.sockets[0].getsockname()
        await world.services.parameters.set(ADMIN, "plugin_server", "http://plugins.invalid/1/stable")
        await world.services.parameters.set(ADMIN, "http_proxy", f"http://clerk:s3cret@{host}:{port}")
        assert (await done(world, UpdatePlugins())).state is OperationState.SUCCEEDED
        head = asked.get_nowait()
    assert head.startswith(b"GET http://plugins.invalid/1/stable/plugins.db HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic Y2xlcms6czNjcmV0\r\n" in head


async def test_a_password_is_in_no_trail_and_no_event(world: World) -> None:
    await world.services.parameters.set(ADMIN, "http_proxy", PROXY)
    await world.services.parameters.set(ADMIN, "http_proxy", None)
    entries = await world.services.audit.since(0, limit=100)
    events = await world.services.events.since(0, limit=100)
    told = [entry.record for entry in entries if entry.record.action == "parameter.set"]
    assert [(record.subject, record.before, record.after) for record in told] == [
        ("http_proxy", {"value": None}, {"value": "http://clerk:***@127.0.0.1:3128"}),
        ("http_proxy", {"value": "http://clerk:***@127.0.0.1:3128"}, {"value": None}),
    ]
    assert [event.data["value"] for event in events if event.type == "parameter.changed"] == [
        told[0].after["value"],
        None,
    ]
    assert "s3cret" not in repr((entries, events))


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (PROXY, "http://clerk:***@127.0.0.1:3128"),
        ("http://u:p@w@h/x", "http://u:***@h/x"),
        ("http://u:p/w@h", "http://u:***@h"),
        ("ftp://u@h/x:y", "ftp://u@h/x:y"),
        ("http://h:80/x", "http://h:80/x"),
        (None, None),
        (1, 1),
    ],
)
def test_what_may_be_a_password_is_masked(value: str | int | None, told: str | int | None) -> None:
    assert masked(value) == told
