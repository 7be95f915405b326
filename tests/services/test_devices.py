"""Devices: kept, claimed, and configured exactly when they can be."""

import asyncio
import json

import pytest
from tests.services.directory import ADMIN, MAC, WATCHER, Directory, opened, profile

from busyout.domain.device import Rendering
from busyout.domain.dhcp import read_dhcp
from busyout.domain.errors import DocumentExists, InvalidValue, NoSuchDevice, NoSuchProfile, NotPermitted
from busyout.services.devices import PROMPT

pytestmark = pytest.mark.anyio


async def rendered(directory: Directory, id: str) -> dict:
    rendering = await directory.devices.rendering(id)
    assert isinstance(rendering, Rendering), f"{id} is not configured"
    return json.loads(rendering.content)["raw_config"]


async def test_a_device_is_kept_as_it_came_and_gets_an_id_where_it_has_none(directory: Directory) -> None:
    document = {"vendor": "Snom", "options": {"z": 1, "a": [1.5, None, "é"]}, "mac": MAC, "sn": 18446744073709551615}
    made = await directory.devices.create(ADMIN, document)
    kept = await directory.devices.get(made.id)
    assert made == kept
    assert len(made.id) == 32 and int(made.id, 16)
    assert json.dumps(kept.content) == json.dumps(document), "the order of its members included"
    assert kept.number == 1


async def test_an_id_is_given_once(directory: Directory) -> None:
    await directory.device("d", mac=MAC)
    with pytest.raises(DocumentExists, match=r"^d$"):
        await directory.device("d")
    assert (await directory.devices.get("d")).content["mac"] == MAC
    assert await directory.actions() == ["device.create"], "what is refused leaves nothing"


async def test_a_device_is_replaced_whole_and_deleted(directory: Directory) -> None:
    await directory.device("d", mac=MAC, vendor="Snom")
    await directory.devices.replace(ADMIN, "d", {"id": "other", "ip": "10.0.0.1"})
    assert (await directory.devices.get("d")).content == {"ip": "10.0.0.1"}
    assert await directory.ids({"mac": MAC}) == []
    assert await directory.ids({"ip": "10.0.0.1"}) == ["d"]
    await directory.devices.delete(ADMIN, "d")
    assert await directory.ids() == []
    assert await directory.actions() == ["device.create", "device.replace", "device.delete"]


async def test_what_is_not_there_is_said_to_be_so(directory: Directory) -> None:
    devices = directory.devices
    for asking in (
        devices.get("d"),
        devices.replace(ADMIN, "d", {}),
        devices.delete(ADMIN, "d"),
        devices.reconfigure(ADMIN, "d"),
        devices.synchronize("d"),
        devices.get("../../etc/passwd"),
        devices.get("é"),
    ):
        with pytest.raises(NoSuchDevice, match="invalid device ID"):
            await asking
    assert await directory.actions() == []


async def test_whoever_may_only_look_changes_nothing(directory: Directory) -> None:
    devices, profiles = directory.devices, directory.profiles
    for asking in (
        devices.create(WATCHER, {}),
        devices.replace(WATCHER, "d", {}),
        devices.delete(WATCHER, "d"),
        devices.reconfigure(WATCHER, "d"),
        devices.dhcp(WATCHER, read_dhcp({"op": "release", "ip": "10.0.0.1"})),
        profiles.create(WATCHER, profile("p")),
        profiles.replace(WATCHER, "p", profile("p")),
        profiles.delete(WATCHER, "p"),
        profiles.autocreate(WATCHER),
    ):
        with pytest.raises(NotPermitted):
            await asking
    assert await directory.actions() == []


async def test_a_device_is_configured_exactly_when_its_plugin_and_its_config_are_there(directory: Directory) -> None:
    directory.plugins = frozenset({"snom"})
    await directory.profile("p", raw={"locale": "fr"})
    await directory.device("bare", mac=MAC)
    await directory.device("plugin", plugin="snom")
    await directory.device("config", config="p")
    await directory.device("gone", plugin="snom", config="gone")
    await directory.device("foreign", plugin="cisco", config="p")
    await directory.device("whole", plugin="snom", config="p")
    assert await directory.ids({"configured": True}) == ["whole"]
    assert (await rendered(directory, "whole"))["locale"] == "fr"
    assert await directory.devices.rendering("bare") is None
    await directory.devices.replace(ADMIN, "whole", {"plugin": "snom"})
    assert await directory.devices.rendering("whole") is None
    await directory.devices.replace(ADMIN, "foreign", {"plugin": "snom", "config": "p"})
    assert await directory.ids({"configured": True}) == ["foreign"]


async def test_a_device_follows_what_its_config_inherits(directory: Directory) -> None:
    await directory.profile("base", raw={"ntp": {"ip": "10.0.0.2"}})
    await directory.profile("site", "base", raw={"locale": "fr"})
    await directory.profile("line", "site", "late")
    await directory.device("d", plugin="snom", config="line")
    assert await rendered(directory, "d") == {
        "http_base_url": "http://127.0.0.1:8667",
        "ntp": {"ip": "10.0.0.2", "enabled": True},
        "locale": "fr",
    }
    await directory.profiles.replace(ADMIN, "base", profile("base", raw={"locale": "de", "vlan": 5}))
    assert (await rendered(directory, "d"))["vlan"] == 5
    await directory.profile("late", raw={"locale": "es"})
    assert (await rendered(directory, "d"))["locale"] == "es"
    await directory.profiles.delete(ADMIN, "base")
    assert "vlan" not in await rendered(directory, "d")
    assert await directory.configured("d")


async def test_a_device_whose_config_is_deleted_goes_on_naming_it_and_says_that_it_is_not_configured(
    directory: Directory,
) -> None:
    await directory.profile("p")
    await directory.device("d", plugin="snom", config="p")
    await directory.profiles.delete(ADMIN, "p")
    device = await directory.devices.get("d")
    assert (device.content["config"], device.configured) == ("p", False)
    assert await directory.devices.rendering("d") is None
    with pytest.raises(InvalidValue, match="not configured"):
        await directory.devices.synchronize("d")
    await directory.profile("p")
    assert await directory.configured("d")


async def test_a_device_follows_its_plugin(directory: Directory) -> None:
    await directory.profile("p")
    for number in range(250):
        await directory.device(f"d{number}", plugin="snom", config="p")
    directory.plugins = frozenset()
    await directory.devices.plugin_changed("snom")
    assert await directory.ids({"configured": True}) == []
    directory.plugins = frozenset({"snom"})
    await directory.devices.plugin_changed("snom")
    assert len(await directory.ids({"configured": True})) == 250


@pytest.mark.parametrize("directory_url", ["sqlite"], indirect=True)
async def test_a_change_that_concerns_many_is_answered_before_all_have_followed(directory: Directory) -> None:
    await directory.profile("base", raw={"a": 1})
    await directory.profile("p", "base")
    await asyncio.gather(*(directory.device(f"d{n}", plugin="snom", config="p") for n in range(PROMPT + 50)))
    await directory.profiles.replace(ADMIN, "base", profile("base", raw={"a": 2}))
    assert len(await directory.ids({"configured": True})) == PROMPT
    await directory.devices.settle()
    assert len(await directory.ids({"configured": True})) == PROMPT + 50
    assert all([(await rendered(directory, id))["a"] == 2 for id in await directory.ids()])


async def test_what_a_crash_left_to_be_rendered_is_rendered_later(directory: Directory) -> None:
    await directory.profile("p", raw={"a": 1})
    await directory.device("d", plugin="snom", config="p")
    await directory.store.devices.outdate("snom")  # and then nobody gets as far as rendering it
    assert not await directory.configured("d"), "it is not called configured meanwhile"
    assert await directory.devices.rendering("d") is None
    await directory.devices.catch_up()
    assert (await rendered(directory, "d"))["a"] == 1


async def test_reconfigure_renders_now_and_synchronize_may_do_it_twice(directory: Directory) -> None:
    await directory.profile("p")
    await directory.device("d", plugin="snom", config="p")
    first = await directory.devices.rendering("d")
    assert first is not None
    await directory.clock.advance(10)
    assert (await directory.devices.reconfigure(ADMIN, "d")).configured
    again = await directory.devices.synchronize("d")
    assert again == await directory.devices.synchronize("d")
    assert (again.digest, again.rendered_at) == (first.digest, first.rendered_at + 10)
    assert (await directory.actions())[-1] == "device.reconfigure"
    await directory.device("bare")
    assert not (await directory.devices.reconfigure(ADMIN, "bare")).configured


async def test_a_tenant_has_its_own_devices_and_may_claim_those_of_nobody(directory: Directory) -> None:
    devices = directory.devices
    await devices.create(ADMIN, {"id": "new"})
    await devices.create(ADMIN, {"id": "one"}, tenant="t1")
    for asking in (
        devices.get("one", tenant="t2"),
        devices.get("new", tenant="t2"),
        devices.replace(ADMIN, "one", {}, tenant="t2"),
        devices.delete(ADMIN, "one", tenant="t2"),
    ):
        with pytest.raises(NoSuchDevice):
            await asking
    assert (await devices.replace(ADMIN, "one", {})).tenant == "t1", "the main tenant takes nothing away"
    assert (await devices.get("new")).view["is_new"]
    claimed = await devices.replace(ADMIN, "new", {"tenant_uuid": "t3"}, tenant="t2")
    assert (claimed.tenant, claimed.view["is_new"]) == ("t2", False)
    with pytest.raises(NoSuchDevice):
        await devices.replace(ADMIN, "new", {}, tenant="t1")


async def test_a_profile_made_for_one_device_goes_with_it(directory: Directory) -> None:
    await directory.profile("auto", raw={"sip_lines": {"1": {}}}, role="autocreate")
    made = [await directory.profiles.autocreate(ADMIN) for _ in range(3)]
    for place, own in enumerate(made):
        await directory.device(f"d{place}", plugin="snom", config=own.id)
    await directory.device("second", config=made[2].id)
    await directory.devices.replace(ADMIN, "d0", {"config": "auto"})
    await directory.devices.delete(ADMIN, "d1")
    await directory.devices.delete(ADMIN, "d2")
    for gone in made[:2]:
        with pytest.raises(NoSuchProfile):
            await directory.profiles.get(gone.id)
    assert (await directory.profiles.get(made[2].id)).transient, "another device has it"
    assert (await directory.profiles.get("auto")).role == "autocreate"
    await directory.profile("lasting")
    await directory.device("d4", config="lasting")
    await directory.devices.delete(ADMIN, "d4")
    assert not (await directory.profiles.get("lasting")).transient
    assert (await directory.actions()).count("profile.delete") == 2


async def test_what_was_answered_is_there_after_a_restart(directory: Directory, directory_url: str) -> None:
    await directory.profile("p", raw={"a": 1})
    await directory.device("d", mac=MAC, plugin="snom", config="p")
    await directory.store.close()
    async with opened(directory_url) as again:
        assert await again.configured("d")
        assert (await rendered(again, "d"))["a"] == 1
        assert await again.audit.verify() == (2, None)
