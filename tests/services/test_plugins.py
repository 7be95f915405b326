"""Plug-ins are installed, upgraded and removed whole or not at all."""

from pathlib import Path

import pytest
from tests.services.conftest import Provisioned, updated
from tests.services.repository import SampleRepository
from tests.services.shop import ACME, cached, done, failed, on_disk
from tests.world import ADMIN, WATCHER, World

from busyout.domain.commands import (
    InstallPackage,
    InstallPlugin,
    UninstallPlugin,
    UpgradePlugin,
)
from busyout.domain.errors import (
    ElementBusy,
    InvalidValue,
    NoSuchPlugin,
    NotPermitted,
    NotSupported,
    Refusal,
)
from busyout.domain.operation import OperationState, Transfer

pytestmark = pytest.mark.anyio


async def test_a_plugin_is_installed_and_says_how_it_came(shop: World, tmp_path: Path) -> None:
    operation = await done(shop, InstallPlugin(ACME))
    assert operation.state is OperationState.SUCCEEDED
    assert [step.label for step in operation.steps] == ["download", "verify", "put in place", "finish"]
    size = cached(tmp_path).stat().st_size
    assert operation.steps[0].transfers == (Transfer("download", "success", size, size),)
    assert (operation.lane, on_disk(tmp_path)) == (f"content/plugin/{ACME}", "1.0")
    assert shop.services.plugins.plugins() == (ACME,)
    assert shop.services.plugins.info(ACME)["version"] == "1.0"


async def test_both_lists_show_what_clients_read_and_nothing_else(shop: World) -> None:
    await done(shop, InstallPlugin(ACME))
    offered = shop.services.plugins.installable().entries
    assert list(offered) == [ACME, "null"]
    assert set(offered[ACME]) == {"version", "description", "capabilities", "vendor", "dsize", "sha1sum"}
    assert shop.services.plugins.installed().entries == {
        ACME: {
            "version": "1.0",
            "description": f"Plug-in {ACME}.",
            "capabilities": {"Acme, Phone 1, 2.0": {"sip.lines": 6}},
            "vendor": "Acme",
        }
    }


async def test_a_list_is_the_same_object_until_something_changes(shop: World, repository: SampleRepository) -> None:
    plugins = shop.services.plugins
    before = plugins.installable()
    assert plugins.installable() is before
    await shop.services.parameters.set(ADMIN, "locale", "fr_FR")
    french = plugins.installable()
    assert french.entries[ACME]["description"] == "Greffon acme-phone."
    assert french.revision != before.revision
    await shop.services.parameters.set(ADMIN, "locale", None)
    assert plugins.installable().revision == before.revision
    await updated(shop)
    assert plugins.installable().revision == before.revision, "the same index is the same list"
    repository.offer("another")
    await updated(shop)
    assert plugins.installable().revision != before.revision
    installed = plugins.installed().revision
    await done(shop, InstallPlugin(ACME))
    assert plugins.installed().revision != installed
    await shop.crash()
    await shop.reopen()
    assert list(shop.services.plugins.installable().entries) == [ACME, "null", "another"]
    assert shop.services.plugins.plugins() == (ACME,)


async def test_an_upgrade_brings_what_the_repository_has_now(
    shop: World, repository: SampleRepository, tmp_path: Path
) -> None:
    await done(shop, InstallPlugin(ACME))
    own = tmp_path / "provisioning" / "plugins" / ACME / "var" / "templates" / "own.cfg"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text("mine")
    repository.offer(ACME, "2.0")
    await updated(shop)
    assert (await done(shop, UpgradePlugin(ACME))).state is OperationState.SUCCEEDED
    assert (on_disk(tmp_path), own.read_text()) == ("2.0", "mine")
    assert not cached(tmp_path).exists(), "only what is in place is kept"


async def test_an_uninstalled_plugin_is_gone_and_its_owners_files_come_back(shop: World, tmp_path: Path) -> None:
    await done(shop, InstallPlugin(ACME))
    own = tmp_path / "provisioning" / "plugins" / ACME / "var" / "templates" / "own.cfg"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text("mine")
    assert (await done(shop, UninstallPlugin(ACME))).state is OperationState.SUCCEEDED
    assert (on_disk(tmp_path), shop.services.plugins.plugins()) == (None, ())
    assert not cached(tmp_path).exists()
    await done(shop, InstallPlugin(ACME))
    assert own.read_text() == "mine"


async def test_refusals_come_before_anything_begins_and_in_the_words_that_clients_know(
    provisioned: Provisioned,
) -> None:
    async with provisioned() as world:
        plugins = world.services.plugins
        with pytest.raises(NoSuchPlugin, match=r"^'nope'$"):
            await plugins.install(ADMIN, "nope")
        await updated(world)
        before = len(await world.services.audit.since(0, limit=100))
        with pytest.raises(InvalidValue, match=rf"^plugin {ACME} is not already installed$"):
            await plugins.upgrade(ADMIN, ACME)
        with pytest.raises(NoSuchPlugin, match=r"^plugin not found$"):
            await plugins.uninstall(ADMIN, ACME)
        with pytest.raises(NoSuchPlugin, match=rf"^plugin {ACME} is not installed$"):
            await plugins.reload(ADMIN, ACME)
        for asking in (plugins.install, plugins.upgrade, plugins.uninstall, plugins.reload):
            with pytest.raises(NotPermitted):
                await asking(WATCHER, ACME)
        assert len(await world.services.audit.since(0, limit=100)) == before
        await world.settled((await plugins.install(ADMIN, ACME)).id)
        with pytest.raises(InvalidValue, match=rf"^plugin {ACME} is already installed$"):
            await plugins.install(ADMIN, ACME)
        await plugins.reload(ADMIN, ACME)
        await world.services.parameters.set(ADMIN, "plugin_server", None)
        for asking in (plugins.update(ADMIN), plugins.install(ADMIN, "null"), plugins.upgrade(ADMIN, ACME)):
            with pytest.raises(InvalidValue, match=r"^'server' has no value set$"):
                await asking


async def test_a_command_that_was_not_judged_before_fails_with_the_reason(shop: World) -> None:
    assert "the index has no plug-in 'nope'" in await failed(shop, InstallPlugin("nope"))
    assert "not already installed" in await failed(shop, UpgradePlugin(ACME))
    assert "is not installed" in await failed(shop, UninstallPlugin(ACME))
    for command in (InstallPlugin("../x"), InstallPlugin(""), InstallPlugin(".x"), InstallPackage("a", "b/c")):
        with pytest.raises(InvalidValue):
            await shop.start(command, on="provisioning")
    with pytest.raises(NotSupported, match="sbc lacks provisioning"):
        await shop.start(InstallPlugin(ACME), on="sbc")


async def test_two_plugins_are_worked_on_at_once_and_one_only_by_one(shop: World) -> None:
    plugins = shop.services.plugins
    first, other = await plugins.install(ADMIN, ACME), await plugins.install(ADMIN, "null")
    with pytest.raises(ElementBusy) as refused:
        await plugins.install(ADMIN, ACME)
    assert refused.value.holder == first.id
    for operation in (first, other):
        assert (await shop.settled(operation.id)).state is OperationState.SUCCEEDED
    assert plugins.plugins() == (ACME, "null")


async def test_a_missing_package_says_which_one(shop: World, repository: SampleRepository) -> None:
    filename = repository.offer(ACME, "2.0")
    await updated(shop)
    (repository.folder / filename).unlink()
    operation = await done(shop, InstallPlugin(ACME))
    assert filename in (operation.reason or "")
    assert operation.steps[0].transfers[0].state == "fail"
    assert shop.services.plugins.plugins() == ()
    assert await shop.services.alarms.active() == (), "a failed install is an event, not an alarm"
    events = await shop.services.events.since(0, limit=1000)
    assert [e.data["reason"] for e in events if e.type == "operation.settled" and e.operation == operation.id] == [
        operation.reason
    ]


async def test_without_the_element_there_is_nothing_to_install_on(world: World) -> None:
    with pytest.raises(Refusal, match="driver inside"):
        await world.services.parameters.set(ADMIN, "plugin_server", "http://repository.invalid")
        await world.services.plugins.update(ADMIN)


@pytest.mark.parametrize("command", [InstallPlugin(ACME), UpgradePlugin(ACME), UninstallPlugin(ACME)])
async def test_a_command_goes_on_after_the_server_died(shop: World, tmp_path: Path, command) -> None:
    if not isinstance(command, InstallPlugin):
        await done(shop, InstallPlugin(ACME))
    operation = await shop.start(command, on="provisioning")
    await shop.crash()
    await shop.reopen()
    assert (await shop.settled(operation.id)).state is OperationState.SUCCEEDED
    assert on_disk(tmp_path) == (None if isinstance(command, UninstallPlugin) else "1.0")


async def test_a_disk_that_refuses_ends_in_a_reason(shop: World, tmp_path: Path) -> None:
    blocked = tmp_path / "provisioning" / "cache" / "packages"
    blocked.write_text("a file where a directory should be")
    assert "provisioning" in await failed(shop, InstallPlugin(ACME))
    assert shop.services.plugins.plugins() == ()
