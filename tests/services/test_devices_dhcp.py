"""Devices that a DHCP server tells of: known once, found again, and never without bound."""

import asyncio

import pytest
from tests.clock import ManualClock
from tests.keys import KEYS
from tests.services.directory import ADMIN, MAC, Directory, opened

from busyout.domain.dhcp import read_dhcp
from busyout.domain.errors import InvalidValue
from busyout.services.audit import Audit
from busyout.services.devices import Devices, Surroundings
from busyout.store.opening import open_database, unlock
from busyout.store.tables.audit import AuditTable
from busyout.store.tables.devices import DeviceTable

pytestmark = pytest.mark.anyio


def commit(mac: str, ip: str, *options: str):
    """A lease that was given."""
    return read_dhcp({"op": "commit", "ip": ip, "mac": mac, "options": list(options)})


async def test_a_lease_makes_a_device_known_once(directory: Directory) -> None:
    told = commit(MAC, "10.0.0.1", "060" + ".".join(f"{byte:x}" for byte in b"snom370"))
    made = await directory.devices.dhcp(ADMIN, told)
    assert made is not None
    assert made.content == {"mac": MAC, "ip": "10.0.0.1", "added": "auto", "vendor_class": "snom370"}
    assert await directory.devices.dhcp(ADMIN, told) == made
    assert await directory.ids() == [made.id]
    assert await directory.actions() == ["device.sight"], "a renewal writes nothing"


async def test_a_lease_moves_a_device_and_keeps_the_rest_of_it(directory: Directory) -> None:
    await directory.profile("p")
    await directory.device("d", mac=MAC, ip="10.0.0.1", plugin="snom", config="p", note="lobby")
    moved = await directory.devices.dhcp(ADMIN, commit(MAC, "10.0.0.2"))
    assert moved == await directory.devices.get("d")
    assert (moved.content["ip"], moved.content["note"], moved.configured) == ("10.0.0.2", "lobby", True)
    assert await directory.ids({"ip": "10.0.0.1"}) == []


async def test_a_device_without_a_mac_gets_the_one_that_its_address_was_given_to(directory: Directory) -> None:
    await directory.profile("p")
    await directory.device("d", ip="10.0.0.1", plugin="snom", config="p")
    await directory.devices.dhcp(ADMIN, commit(MAC, "10.0.0.1"))
    assert await directory.ids({"mac": MAC}) == ["d"]
    rendering = await directory.devices.rendering("d")
    assert rendering is not None and MAC in rendering.content


@pytest.mark.parametrize("nat", [False, True])
async def test_an_address_belongs_to_one_device_unless_all_are_behind_a_nat(directory: Directory, nat: bool) -> None:
    directory.nat = nat
    for number in (1, 2, 3):
        await directory.device(f"d{number}", mac=f"00:00:00:00:00:0{number}", ip="10.0.0.9", note=number)
    await directory.devices.dhcp(ADMIN, commit("00:00:00:00:00:01", "10.0.0.9"))
    holders = await directory.ids({"ip": "10.0.0.9"})
    assert holders == (["d1", "d2", "d3"] if nat else ["d1"])
    loser = await directory.devices.get("d2")
    assert ("ip" in loser.content, loser.content["note"]) == (nat, 2)
    assert await directory.ids({"ip": {"$exists": False}}) == ([] if nat else ["d2", "d3"])


async def test_the_end_of_a_lease_changes_nothing(directory: Directory) -> None:
    await directory.device("d", mac=MAC, ip="10.0.0.1")
    for op in ("expiry", "release"):
        assert await directory.devices.dhcp(ADMIN, read_dhcp({"op": op, "ip": "10.0.0.1"})) is None
    assert await directory.ids({"ip": "10.0.0.1"}) == ["d"]
    assert await directory.actions() == ["device.create"]


async def test_of_many_leases_at_once_for_one_telephone_one_device_is_made(directory: Directory) -> None:
    leases = (commit(MAC, f"10.0.0.{number % 3 + 1}") for number in range(12))
    await asyncio.gather(*(directory.devices.dhcp(ADMIN, lease) for lease in leases))
    assert len(await directory.ids({"mac": MAC})) == 1


async def test_there_are_never_more_devices_than_the_bound(directory_url: str) -> None:
    database = open_database(directory_url)
    seal = unlock(directory_url, KEYS)
    audit = Audit(AuditTable(database, seal), ManualClock())
    around = Surroundings(base={}, plugins=lambda: None, behind_nat=lambda: False)
    devices = Devices(DeviceTable(database, seal, most=3), around, audit, ManualClock())
    for number in range(3):
        await devices.create(ADMIN, {"id": f"d{number}"})
    for number in range(30):
        with pytest.raises(InvalidValue, match="3 devices already"):
            await devices.dhcp(ADMIN, commit(f"00:00:00:00:00:{number:02x}", "10.0.0.1"))
    with pytest.raises(InvalidValue, match="3 devices already"):
        await devices.create(ADMIN, {})
    await database.close()
    async with opened(directory_url) as directory:
        assert await directory.ids() == ["d0", "d1", "d2"]
        assert len(await directory.actions()) == 3
