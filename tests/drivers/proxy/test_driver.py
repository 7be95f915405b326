"""The driver and the real engine process, where the contract of all drivers does not reach."""

import asyncio
import os
import signal
import socket
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.drivers.proxy.exchange import TABLES
from tests.ports import free_port

from busyout.domain.configuration.tables import Interface, Tables
from busyout.domain.element import Element
from busyout.domain.engine import EngineSetup
from busyout.domain.errors import ElementUnreachable, EngineGone, InvalidConfiguration, InvalidValue
from busyout.drivers.proxy import home
from busyout.drivers.proxy.driver import ProxyDriver

pytestmark = pytest.mark.anyio

ADDRESS = "127.0.0.1"


def element(**options: str) -> Element:
    return Element(name="sbc", kind="sbc", driver="proxy", options=options)


def setup(*ports: int, admitting: bool = True) -> EngineSetup:
    rows = tuple(Interface(number, f"sip{number}", ADDRESS, port) for number, port in enumerate(ports))
    return EngineSetup(replace(TABLES, interface=rows), admitting, 7)


async def wait(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(8):
        while not await condition():
            await asyncio.sleep(0.02)


async def asked(port: int) -> bytes:
    """What an OPTIONS to the engine is answered."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.setblocking(False)
        phone.bind((ADDRESS, 0))
        here = phone.getsockname()[1]
        lines = (
            f"OPTIONS sip:{ADDRESS}:{port} SIP/2.0",
            f"Via: SIP/2.0/UDP {ADDRESS}:{here};branch=z9hG4bKasked",
            "From: <sip:a@b>;tag=1",
            "To: <sip:c@d>",
            "Call-ID: asked",
            "CSeq: 1 OPTIONS",
            "",
            "",
        )
        await loop.sock_sendto(phone, "\r\n".join(lines).encode(), (ADDRESS, port))
        async with asyncio.timeout(5):
            return await loop.sock_recv(phone, 4096)


@pytest.fixture
async def driver(tmp_path: Path, anyio_backend: str) -> AsyncIterator[ProxyDriver]:
    made = ProxyDriver(element(), tmp_path / "engine")
    yield made
    await made.stop(kill_after=2.0)


@pytest.mark.parametrize("options", [{"media": "relay"}, {"max_calls": "many"}, {"max_calls": "0"}, {"colour": "red"}])
async def test_an_option_that_cannot_be_kept_is_refused(options: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(InvalidValue):
        ProxyDriver(element(**options), tmp_path)


async def test_the_capacity_is_the_one_of_the_options(tmp_path: Path) -> None:
    driver = ProxyDriver(element(media="none", max_calls="12"), tmp_path / "engine")
    await driver.start(setup(free_port()))
    try:
        assert (await driver.load()).capacity == 12
    finally:
        await driver.stop()


async def test_an_address_that_is_taken_is_named_with_its_row(driver: ProxyDriver) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((ADDRESS, 0))
        port = taken.getsockname()[1]
        with pytest.raises(InvalidConfiguration) as refusal:
            await driver.start(setup(free_port(), port))
    assert refusal.value.findings == (f"interface 1 (sip1): {ADDRESS}:{port} is taken by another process",)
    with pytest.raises(EngineGone):
        await driver.info()


@pytest.mark.parametrize(
    ("interface", "said"),
    [
        ((), "no row"),
        ((Interface(0, "all", "0.0.0.0", 5060),), "not 0.0.0.0"),
        ((Interface(0, "far", "198.51.100.1", 5060),), "not an address of this machine"),
    ],
)
async def test_tables_that_this_engine_cannot_work_by_are_refused(
    driver: ProxyDriver, interface: tuple[Interface, ...], said: str
) -> None:
    with pytest.raises(InvalidConfiguration, match=said):
        await driver.start(EngineSetup(Tables(interface=interface), admitting=True, retry_after=1))


async def test_a_directory_deeper_than_a_socket_path_may_be_long_is_no_matter(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-directory-with-a-long-name"] * 6)
    assert len(os.fsencode(deep)) > 108
    port = free_port()
    driver = ProxyDriver(element(), deep)
    try:
        await driver.start(setup(port))
        assert (await asked(port)).startswith(b"SIP/2.0 200")
        assert (await driver.take_over(setup(port))).pid == (await driver.info()).pid
    finally:
        assert await driver.stop() is not None


async def test_only_the_owner_reaches_the_engine(driver: ProxyDriver, tmp_path: Path) -> None:
    await driver.start(setup(free_port()))
    directory = tmp_path / "engine"
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    for name in (home.CONTROL, home.KEY, home.LOCK, home.STANDARD_ERROR):
        assert stat.S_IMODE((directory / name).stat().st_mode) == 0o600


def test_the_directory_of_all_engines_is_its_owners_alone(tmp_path: Path) -> None:
    home.prepare(tmp_path / "engines" / "sbc")
    assert stat.S_IMODE((tmp_path / "engines").stat().st_mode) == 0o700


async def test_two_starts_at_once_make_one_engine(tmp_path: Path) -> None:
    port = free_port()
    drivers = [ProxyDriver(element(), tmp_path / "engine") for _ in range(2)]
    outcomes = await asyncio.gather(*(driver.start(setup(port)) for driver in drivers))
    try:
        assert outcomes[0] == outcomes[1] == await drivers[0].info()
    finally:
        for driver in drivers:
            await driver.stop()


async def test_an_engine_that_hangs_is_unreachable_and_then_killed(driver: ProxyDriver) -> None:
    info = await driver.start(setup(free_port()))
    os.kill(info.pid, signal.SIGSTOP)
    with pytest.raises(ElementUnreachable) as failure:
        await driver.load()
    assert not isinstance(failure.value, EngineGone)
    stopped = await driver.stop(kill_after=0.2)
    assert stopped is not None
    assert (stopped.pid, stopped.killed) == (info.pid, True)
    with pytest.raises(EngineGone):
        await driver.info()


async def test_a_signal_ends_the_engine_cleanly(driver: ProxyDriver, tmp_path: Path) -> None:
    info = await driver.start(setup(free_port()))
    os.kill(info.pid, signal.SIGTERM)

    async def gone() -> bool:
        return home.holder(tmp_path / "engine") is None

    await wait(gone)
    assert not (tmp_path / "engine" / home.CONTROL).exists()


async def test_a_take_over_by_wrong_tables_changes_nothing(driver: ProxyDriver) -> None:
    port = free_port()
    info = await driver.start(setup(port))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((ADDRESS, 0))
        with pytest.raises(InvalidConfiguration, match="is taken by another process"):
            await driver.take_over(setup(port, taken.getsockname()[1]))
    assert await driver.info() == info
    assert (await asked(port)).startswith(b"SIP/2.0 200")
    assert (await driver.take_over(setup(port))).pid != info.pid


async def test_a_take_over_may_bring_an_interface_and_drop_another(driver: ProxyDriver) -> None:
    first, second = free_port(), free_port()
    info = await driver.start(setup(first))
    after = await driver.take_over(setup(second))
    assert (after.epoch, after.pid == info.pid) == (info.epoch, False)
    assert (await asked(second)).startswith(b"SIP/2.0 200")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free_again:
        free_again.bind((ADDRESS, first))


async def test_a_take_over_of_nothing_is_a_start(driver: ProxyDriver) -> None:
    port = free_port()
    assert (await driver.take_over(setup(port))).admitting
    assert (await asked(port)).startswith(b"SIP/2.0 200")


async def test_what_is_no_request_is_refused_and_hurts_nobody(driver: ProxyDriver, tmp_path: Path) -> None:
    await driver.start(setup(free_port()))
    for line in (b"\n", b"{}\n", b'{"type":"unknown"}\n', b"\xff\xfe\n", b"[" * 5000 + b"\n"):
        connection = home.connect(tmp_path / "engine")
        reader, writer = await asyncio.open_unix_connection(sock=connection)
        writer.write(line)
        assert b'"code":"refused"' in await reader.readline()
        writer.close()
    assert (await driver.load()).quiet


async def test_the_same_tables_twice_change_nothing_the_second_time(driver: ProxyDriver) -> None:
    port = free_port()
    await driver.start(setup(port))
    changed = replace(setup(port).tables, route=TABLES.route[1:])
    assert (await driver.apply(changed)).live == ("route",)
    assert (await driver.apply(changed)).live == ()


async def test_noise_on_the_sip_port_is_counted_and_survived(driver: ProxyDriver) -> None:
    port = free_port()
    await driver.start(setup(port))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as noisy:
        for noise in (b"", b"\r\n\r\n", b"\0" * 60_000, os.urandom(1000), b"INVITE", b"SIP/2.0 200 OK\r\n\r\n"):
            noisy.sendto(noise, (ADDRESS, port))
    assert (await asked(port)).startswith(b"SIP/2.0 200")

    async def counted() -> bool:
        return (await driver.counters()).values["malformed"] >= 2

    await wait(counted)
