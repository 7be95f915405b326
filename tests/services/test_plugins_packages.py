"""Packages of a plug-in: their files fetched and judged, their result put in place whole or not at all."""

from pathlib import Path

import pytest
from tests.services.conftest import updated
from tests.services.repository import SampleRepository, recipes, zipped
from tests.services.shop import ACME, done, failed
from tests.world import ADMIN, World

from busyout.domain.commands import InstallPackage, InstallPlugin, UninstallPackage, UpgradePackage, UpgradePlugin
from busyout.domain.errors import NoSuchPackage, NoSuchPlugin
from busyout.domain.operation import OperationState, Transfer

pytestmark = pytest.mark.anyio

IMAGE = zipped(**{"phone.bin": b"firmware " * 1000, "readme.txt": b"no"})
INSTALL = InstallPackage(ACME, "firmware")


def served(tmp_path: Path) -> Path:
    """What devices fetch."""
    return tmp_path / "provisioning" / "plugins" / ACME / "var" / "tftpboot" / "acme" / "phone.bin"


async def offer(world: World, repository: SampleRepository, content: bytes = IMAGE, **recipe: str) -> None:
    """Have the plug-in in place, with a package of one file."""
    url = f"{repository.url}/image.zip"
    repository.put("image.zip", content)
    described = recipes(url=url, content=content, **recipe)
    repository.offer(ACME, f"1.{recipe.get('version', '2.0')}", files={"pkgs/pkgs.db": described})
    await updated(world)
    there = ACME in world.services.plugins.plugins()
    operation = await done(world, UpgradePlugin(ACME) if there else InstallPlugin(ACME))
    assert operation.state is OperationState.SUCCEEDED, operation.reason


async def test_a_package_is_brought_installed_listed_and_taken_away(
    shop: World, repository: SampleRepository, tmp_path: Path
) -> None:
    await offer(shop, repository)
    plugins = shop.services.plugins
    told = {"version": "2.0", "description": "Firmware of phones", "dsize": len(IMAGE)}
    assert (await plugins.installable_packages(ACME)).entries == {"firmware": told}
    operation = await shop.settled((await plugins.install_package(ADMIN, ACME, "firmware")).id)
    assert operation.state is OperationState.SUCCEEDED, operation.reason
    assert [step.label for step in operation.steps] == ["download", "install"]
    part = Transfer("", "success", len(IMAGE), len(IMAGE))
    assert operation.steps[0].transfers == (Transfer("download", "success", parts=(part,)),)
    assert served(tmp_path).read_bytes() == b"firmware " * 1000
    assert (await plugins.installed_packages(ACME)).entries == {
        "firmware": {"version": "2.0", "description": "Firmware of phones"}
    }
    again = await done(shop, INSTALL)
    assert (again.state, again.steps[0].transfers) == (OperationState.SUCCEEDED, (Transfer("download", "success"),))
    gone = await shop.settled((await plugins.uninstall_package(ADMIN, ACME, "firmware")).id)
    assert gone.state is OperationState.SUCCEEDED
    assert (await plugins.installed_packages(ACME)).entries == {}
    assert not served(tmp_path).exists()


async def test_an_upgrade_brings_the_new_file(shop: World, repository: SampleRepository, tmp_path: Path) -> None:
    await offer(shop, repository)
    await done(shop, INSTALL)
    await offer(shop, repository, zipped(**{"phone.bin": b"new"}), version="3.0")
    assert served(tmp_path).read_bytes() == b"firmware " * 1000, "an upgraded plug-in keeps its packages"
    assert (await done(shop, UpgradePackage(ACME, "firmware"))).state is OperationState.SUCCEEDED
    assert served(tmp_path).read_bytes() == b"new"
    assert (await shop.services.plugins.installed_packages(ACME)).entries["firmware"]["version"] == "3.0"


async def test_refusals_come_before_anything_begins(shop: World, repository: SampleRepository) -> None:
    plugins = shop.services.plugins
    for asking in (plugins.installable_packages(ACME), plugins.installed_packages(ACME)):
        with pytest.raises(NoSuchPlugin):
            await asking
    for asking in (plugins.install_package, plugins.upgrade_package, plugins.uninstall_package):
        with pytest.raises(NoSuchPlugin):
            await asking(ADMIN, ACME, "firmware")
    await offer(shop, repository)
    with pytest.raises(NoSuchPackage, match=r"^package not found$"):
        await plugins.install_package(ADMIN, ACME, "nope")
    for asking in (plugins.upgrade_package, plugins.uninstall_package):
        with pytest.raises(NoSuchPackage, match=r"^'firmware'$"):
            await asking(ADMIN, ACME, "firmware")
    assert "no package 'nope'" in await failed(shop, InstallPackage(ACME, "nope"))
    assert "not installed" in await failed(shop, UninstallPackage(ACME, "firmware"))
    assert "not in place" in await failed(shop, InstallPackage("null", "firmware"))


async def test_a_file_with_another_digest_changes_nothing(
    shop: World, repository: SampleRepository, tmp_path: Path
) -> None:
    await offer(shop, repository, digest="0" * 40)
    operation = await done(shop, INSTALL)
    assert "has the SHA-1" in (operation.reason or "")
    (download,) = operation.steps[0].transfers
    assert (download.state, [part.state for part in download.parts]) == ("fail", ["fail"])
    assert not served(tmp_path).exists()
    assert (await shop.services.plugins.installed_packages(ACME)).entries == {}


async def test_a_file_that_is_no_archive_fails_in_its_filter(
    shop: World, repository: SampleRepository, tmp_path: Path
) -> None:
    await offer(shop, repository, b"no zip at all")
    operation = await done(shop, INSTALL)
    assert (operation.state, operation.steps[0].state.value) == (OperationState.FAILED, "undone")
    assert not served(tmp_path).exists()


async def test_a_cached_file_that_was_changed_is_fetched_anew(
    shop: World, repository: SampleRepository, tmp_path: Path
) -> None:
    await offer(shop, repository)
    await done(shop, INSTALL)
    cached = tmp_path / "provisioning" / "plugins" / ACME / "var" / "cache" / "image.zip"
    cached.write_bytes(b"x" * len(IMAGE))
    operation = await done(shop, INSTALL)
    assert operation.state is OperationState.SUCCEEDED
    assert len(operation.steps[0].transfers[0].parts) == 1
    assert served(tmp_path).read_bytes() == b"firmware " * 1000


async def test_a_file_that_the_vendor_gives_out_by_hand_says_where_to_put_it(
    shop: World, repository: SampleRepository, tmp_path: Path
) -> None:
    described = recipes(url="", content=IMAGE).replace(b"url: \n", b"url:\nfilename: image.zip\n")
    repository.offer(ACME, files={"pkgs/pkgs.db": described})
    await updated(shop)
    await done(shop, InstallPlugin(ACME))
    reason = await failed(shop, INSTALL)
    cache = tmp_path / "provisioning" / "plugins" / ACME / "var" / "cache"
    assert f"put it into {cache}" in reason
    (cache / "image.zip").write_bytes(IMAGE)
    assert (await done(shop, INSTALL)).state is OperationState.SUCCEEDED
