"""A disk that is full, or refuses: an error that says so, and nothing changed."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.drivers.shelf.kit import ID, package_text, plugin_archive, plugin_files, tree, zip_of

from busyout.domain.errors import NotStored
from busyout.drivers.shelf.shelf import FolderShelf

pytestmark = pytest.mark.anyio

SIZE = 4 * 1024 * 1024
IMAGE = {"image.bin": b"x" * (SIZE // 2)}
FIRMWARE = {"fw.zip": zip_of(IMAGE)}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("a small file system can be mounted by root only")
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", place], check=False).returncode:
        pytest.skip("a small file system cannot be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


def archive(tmp_path: Path, version: str, **more: bytes) -> Path:
    package = package_text({"fw": (FIRMWARE, ["a-b: unzip $FILE1", "b-c: cp * 1/", "b-d: cp * 2/"])})
    files = plugin_files(version, {"pkgs/pkgs.db": package, **more})
    return plugin_archive(tmp_path / f"{version}.tar.bz2", files=files)


async def test_a_full_disk_ends_an_upgrade_and_changes_nothing(disk: Path, tmp_path: Path) -> None:
    shelf = FolderShelf(disk / "plugins")
    await shelf.place(ID, archive(tmp_path, "1"), version="1")
    await shelf.settle(ID)
    large = archive(tmp_path, "2", large=os.urandom(SIZE * 2))
    before = tree(disk)
    with pytest.raises(NotStored, match="No space left"):
        await shelf.place(ID, large, version="2")
    await shelf.restore(ID)
    assert tree(disk) == before
    assert [plugin.version for plugin in await shelf.installed()] == ["1"]


async def test_a_full_disk_ends_each_step_of_a_package_and_changes_nothing(disk: Path, tmp_path: Path) -> None:
    shelf = FolderShelf(disk / "plugins")
    await shelf.place(ID, archive(tmp_path, "1"), version="1")
    await shelf.settle(ID)
    (await shelf.cache(ID) / "fw.zip").write_bytes(FIRMWARE["fw.zip"])
    before = tree(disk / "plugins")
    filler = disk / "filler"
    ended = 0
    for left in range(0, SIZE, 128 * 1024):
        free = shutil.disk_usage(disk).free
        filler.write_bytes(bytes(max(0, free - left)))
        try:
            await shelf.install_package(ID, "fw")
        except NotStored:
            ended += 1
            assert tree(disk / "plugins") == before
        else:
            break
        finally:
            filler.unlink()
    assert ended > 5
    assert tree(disk / "plugins" / ID / "var/tftpboot") == {}


async def test_what_refuses_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotStored, match=r"Not a directory \(.*file"):
        await FolderShelf(tmp_path / "file" / "plugins").installed()
    with pytest.raises(NotStored, match="No such file"):
        await FolderShelf(tmp_path / "plugins").place(ID, tmp_path / "nothing", version="1")


async def test_what_comes_after_a_cancelled_change_waits_for_it(tmp_path: Path) -> None:
    shelf = FolderShelf(tmp_path / "plugins")
    await shelf.place(ID, archive(tmp_path, "1"), version="1")
    await shelf.settle(ID)
    large = archive(tmp_path, "2", large=bytes(2_000_000))
    change = asyncio.create_task(shelf.place(ID, large, version="2"))
    while not (tmp_path / "plugins/.shelf" / ID / "staged").exists():
        await asyncio.sleep(0)
    change.cancel()
    with pytest.raises(asyncio.CancelledError):
        await change
    await shelf.restore(ID)
    assert [plugin.version for plugin in await shelf.installed()] == ["1"]
    assert not list((tmp_path / "plugins/.shelf" / ID).iterdir())


async def test_many_plugins_are_changed_at_once(tmp_path: Path) -> None:
    shelf = FolderShelf(tmp_path / "plugins")
    ids = [f"acme-{number}" for number in range(20)]
    archives = [plugin_archive(tmp_path / f"{plugin}.tar.bz2", plugin=plugin) for plugin in ids]
    async with asyncio.TaskGroup() as group:
        for plugin, path in zip(ids, archives, strict=True):
            group.create_task(shelf.place(plugin, path, version="1.0"))
            group.create_task(shelf.place(plugin, path, version="1.0"))
            group.create_task(shelf.installed())
    assert [plugin.id for plugin in await shelf.installed()] == sorted(ids)
