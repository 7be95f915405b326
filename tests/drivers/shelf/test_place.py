"""Plug-ins in place: put, taken away, taken back, and the operator's own files through all of it."""

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
from tests.drivers.shelf.kit import ID, info, plugin_archive, plugin_files, tree

from busyout.domain.errors import NoSuchPlugin, UnsafeArchive
from busyout.drivers.shelf.shelf import FolderShelf

NOTHING: Mapping[str, bytes] = MappingProxyType({})

pytestmark = pytest.mark.anyio


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "plugins"


@pytest.fixture
def shelf(root: Path) -> FolderShelf:
    return FolderShelf(root)


async def put(shelf: FolderShelf, tmp_path: Path, version: str = "1.0", more: Mapping[str, bytes] = NOTHING) -> None:
    archive = plugin_archive(tmp_path / f"{version}.tar.bz2", files=plugin_files(version, more))
    await shelf.place(ID, archive, version=version)


async def versions(shelf: FolderShelf) -> dict[str, str]:
    return {plugin.id: plugin.version for plugin in await shelf.installed()}


def own(root: Path, name: str, content: bytes = b"mine") -> Path:
    path = root / ID / "var" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


async def test_a_plugin_is_put_in_place_with_its_folders(shelf, root, tmp_path) -> None:
    assert await shelf.installed() == ()
    await put(shelf, tmp_path)
    (plugin,) = await shelf.installed()
    assert (plugin.id, plugin.version, plugin.info) == (ID, "1.0", json.loads(info()))
    assert (root / ID / "templates/base.tpl").read_bytes() == b"base\n"
    assert {path.name for path in (root / ID / "var").iterdir()} == {"templates", "tftpboot", "cache", "installed"}


async def test_an_upgrade_replaces_the_plugin_and_keeps_what_is_the_operators(shelf, root, tmp_path) -> None:
    await put(shelf, tmp_path, "1.0", {"var/templates/old.tpl": b"shipped", "var/tftpboot/both.cfg": b"shipped"})
    for name in ("templates/own.tpl", "tftpboot/deep/er/fw.bin", "cache/fw.zip", "installed/fw", "tftpboot/both.cfg"):
        own(root, name)
    await shelf.settle(ID)
    await put(shelf, tmp_path, "1.1", {"var/templates/new.tpl": b"new", "var/tftpboot/both.cfg": b"shipped too"})
    assert await versions(shelf) == {ID: "1.1"}
    assert tree(root / ID / "var") == {
        "cache/fw.zip": b"mine",
        "installed/fw": b"mine",
        "templates/new.tpl": b"new",
        "templates/own.tpl": b"mine",
        "tftpboot/both.cfg": b"mine",
        "tftpboot/deep/er/fw.bin": b"mine",
    }


async def test_what_was_shipped_and_not_touched_is_upgraded(shelf, root, tmp_path) -> None:
    await put(shelf, tmp_path, "1.0", {"var/tftpboot/a": b"1.0", "var/tftpboot/b": b"1.0"})
    own(root, "tftpboot/b", b"changed")
    await put(shelf, tmp_path, "1.1", {"var/tftpboot/a": b"1.1", "var/tftpboot/b": b"1.1"})
    assert tree(root / ID / "var/tftpboot") == {"a": b"1.1", "b": b"changed"}


async def test_a_link_of_the_operators_is_kept_and_not_followed(shelf, root, tmp_path) -> None:
    await put(shelf, tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/x").write_bytes(b"x")
    (root / ID / "var/tftpboot/link").symlink_to(tmp_path / "elsewhere")
    await put(shelf, tmp_path, "1.1")
    assert (root / ID / "var/tftpboot/link").readlink() == tmp_path / "elsewhere"
    await shelf.settle(ID)
    await shelf.remove(ID)
    await shelf.settle(ID)
    assert tree(tmp_path / "elsewhere") == {"x": b"x"}


async def test_an_uninstall_keeps_the_operators_files_for_the_next_install(shelf, root, tmp_path) -> None:
    await put(shelf, tmp_path, more={"var/templates/shipped": b"shipped"})
    own(root, "templates/own.tpl")
    own(root, "cache/fw.zip")
    await shelf.settle(ID)
    await shelf.remove(ID)
    assert await versions(shelf) == {}
    assert not (root / ID).exists()
    await shelf.settle(ID)
    await put(shelf, tmp_path, "1.1")
    assert tree(root / ID / "var") == {
        "cache/fw.zip": b"mine",
        "installed/": b"",
        "templates/own.tpl": b"mine",
        "tftpboot/": b"",
    }


async def test_what_the_operator_deleted_stays_deleted(shelf, root, tmp_path) -> None:
    await put(shelf, tmp_path)
    path = own(root, "templates/own.tpl")
    for settle in (True, False):
        await shelf.settle(ID)
        await shelf.remove(ID)
        if settle:
            await shelf.settle(ID)
        await put(shelf, tmp_path, "1.1")
    assert path.read_bytes() == b"mine"
    path.unlink()
    await shelf.remove(ID)
    await shelf.settle(ID)
    await put(shelf, tmp_path)
    assert not path.exists()


async def test_an_upgrade_can_be_taken_back(shelf, root, tmp_path) -> None:
    await put(shelf, tmp_path)
    own(root, "templates/own.tpl")
    await shelf.settle(ID)
    before = tree(root / ID)
    await put(shelf, tmp_path, "1.1")
    await shelf.restore(ID)
    assert tree(root / ID) == before
    await shelf.restore(ID)
    assert tree(root / ID) == before


async def test_a_first_install_can_be_taken_back(shelf, tmp_path) -> None:
    await put(shelf, tmp_path)
    await shelf.restore(ID)
    assert await versions(shelf) == {}


async def test_an_uninstall_can_be_taken_back(shelf, root, tmp_path) -> None:
    await put(shelf, tmp_path)
    own(root, "templates/own.tpl")
    before = tree(root / ID)
    await shelf.settle(ID)
    await shelf.remove(ID)
    await shelf.remove(ID)
    await shelf.restore(ID)
    assert tree(root / ID) == before


async def test_what_is_settled_cannot_be_taken_back(shelf, tmp_path) -> None:
    await put(shelf, tmp_path)
    await shelf.settle(ID)
    await put(shelf, tmp_path, "1.1")
    await shelf.settle(ID)
    await shelf.settle(ID)
    await shelf.restore(ID)
    assert await versions(shelf) == {ID: "1.1"}


async def test_the_same_place_again_keeps_the_way_back(shelf, tmp_path) -> None:
    await put(shelf, tmp_path)
    await shelf.settle(ID)
    await put(shelf, tmp_path, "1.1")
    await put(shelf, tmp_path, "1.1")
    await shelf.restore(ID)
    assert await versions(shelf) == {ID: "1.0"}


async def test_a_place_that_fails_takes_nothing_of_an_earlier_one_back(shelf, root, tmp_path) -> None:
    await put(shelf, tmp_path)
    await shelf.settle(ID)
    await put(shelf, tmp_path, "1.1")
    before = tree(root / ID)
    with pytest.raises(UnsafeArchive):
        await put(shelf, tmp_path, "1.2", {"../x": b""})
    await shelf.restore(ID)
    assert tree(root / ID) == before
    assert await versions(shelf) == {ID: "1.1"}


NO_PLUGINS = {
    "no plugin-info": {"entry.py": b""},
    "no object": {"plugin-info": b"[]"},
    "not JSON": {"plugin-info": b"{"},
    "not UTF-8": {"plugin-info": b'{"version": "\xff"}'},
    "a deep nest": {"plugin-info": b'{"x":' * 100_000},
    "a nest at the edge of what can be read": {
        "plugin-info": info()[:-1] + b', "x": ' + b"[" * 983 + b"]" * 983 + b"}"
    },
    "a nest": {"plugin-info": info()[:-1] + b', "x": ' + b"[" * 40 + b"]" * 40 + b"}"},
    "a crowd": {"plugin-info": info()[:-1] + b', "x": [' + b"[]," * 50_000 + b"[]]}"},
    "too large": {"plugin-info": info()[:-1] + b" " * 2_000_000 + b"}"},
    "no version": {"plugin-info": b'{"description": "", "capabilities": {}}'},
    "no capabilities": {"plugin-info": b'{"description": "", "version": "1.0"}'},
    "a number as version": {"plugin-info": b'{"description": "", "version": 1.0, "capabilities": {}}'},
    "another version": {"plugin-info": info("1.1")},
    "another id": {"plugin-info": info(id="other")},
    "a directory": {"plugin-info/x": b""},
    "a file for var": {"plugin-info": info(), "var": b""},
    "a file for templates": {"plugin-info": info(), "var/templates": b""},
    "a manifest": {"plugin-info": info(), ".manifest.json": b"{}"},
    "another directory": {"../other/plugin-info": info()},
}


@pytest.mark.parametrize("files", NO_PLUGINS.values(), ids=NO_PLUGINS)
@pytest.mark.parametrize("had", [False, True])
async def test_what_is_no_plugin_changes_nothing(files, had, shelf, root, tmp_path) -> None:
    if had:
        await put(shelf, tmp_path)
        own(root, "templates/own.tpl")
        await shelf.settle(ID)
    await shelf.open()
    before = tree(root)
    archive = plugin_archive(tmp_path / "bad.tar.bz2", files=files)
    with pytest.raises(UnsafeArchive):
        await shelf.place(ID, archive, version="1.0")
    assert tree(root / ID) == {name.removeprefix(f"{ID}/"): at for name, at in before.items() if name.startswith(ID)}
    assert await versions(shelf) == ({ID: "1.0"} if had else {})
    assert [path.name for path in tmp_path.iterdir() if path.name == "x"] == []


@pytest.mark.parametrize("plugin", ["../x", "", ".", "..", ".shelf", "a/b", "a\0", "é", "-x", "x" * 129])
async def test_an_id_that_is_none_is_refused(plugin, shelf, tmp_path) -> None:
    archive = plugin_archive(tmp_path / "a.tar.bz2")
    with pytest.raises(UnsafeArchive):
        await shelf.place(plugin, archive, version="1.0")
    for act in (shelf.remove, shelf.restore, shelf.settle, shelf.cache, shelf.recipes, shelf.installed_packages):
        with pytest.raises(NoSuchPlugin):
            await act(plugin)
    assert [path.name for path in tmp_path.iterdir()] == ["a.tar.bz2"]


async def test_stray_entries_break_nothing_and_are_told_once(shelf, root, tmp_path, caplog) -> None:
    await put(shelf, tmp_path)
    for number in range(500):
        (root / f"stray-{number}").mkdir()
        (root / f"file-{number}").write_bytes(b"x")
    (root / "link").symlink_to(ID)
    (root / "nowhere").symlink_to("nothing")
    os.mkfifo(root / "pipe")
    (root / "plugin-with-pipe").mkdir()
    os.mkfifo(root / "plugin-with-pipe" / "plugin-info")
    (root / ".shelf" / "stray").write_bytes(b"x")
    (root / ".shelf" / "half").mkdir()
    (root / ".shelf" / "half" / "undo.json").write_bytes(b"{")
    (root / ".shelf" / "half" / "change").mkdir()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert await versions(shelf) == {ID: "1.0"}
    (told,) = [record for record in caplog.records if record.message == "stray_entries"]
    assert told.count == 1004
    again = FolderShelf(root)
    assert await versions(again) == {ID: "1.0"}
    await put(again, tmp_path, "1.1")
    await again.place("stray-7", plugin_archive(tmp_path / "s.tar.bz2", plugin="stray-7"), version="1.0")
    await again.place("link", plugin_archive(tmp_path / "l.tar.bz2", plugin="link"), version="1.0")
    assert await versions(again) == {ID: "1.1", "stray-7": "1.0", "link": "1.0"}


async def test_a_plugin_that_was_unpacked_by_hand_is_one(shelf, root, tmp_path) -> None:
    (root / ID / "var/templates").mkdir(parents=True)
    (root / ID / "plugin-info").write_bytes(info("0.9"))
    own(root, "templates/own.tpl")
    assert await versions(shelf) == {ID: "0.9"}
    await put(shelf, tmp_path)
    assert (root / ID / "var/templates/own.tpl").read_bytes() == b"mine"


async def test_nothing_of_a_plugin_is_executed(shelf, tmp_path) -> None:
    trap = f"open({str(tmp_path / 'sprung')!r}, 'w')".encode()
    await put(shelf, tmp_path, more={"entry.py": trap, "__init__.py": trap})
    await shelf.installed()
    assert await shelf.recipes(ID) == {}
    assert not (tmp_path / "sprung").exists()


async def test_nothing_half_made_is_left(shelf, root, tmp_path) -> None:
    for version in ("1.0", "1.1", "1.2"):
        await put(shelf, tmp_path, version)
        await shelf.settle(ID)
    await shelf.remove(ID)
    await shelf.settle(ID)
    assert {path.name for path in (root / ".shelf" / ID).iterdir()} == {"kept"}
    await put(shelf, tmp_path)
    await shelf.settle(ID)
    assert list((root / ".shelf" / ID).iterdir()) == []


async def test_what_changes_by_hand_is_seen_at_once(shelf, root, tmp_path) -> None:
    await put(shelf, tmp_path, "1.0")
    assert await versions(shelf) == {ID: "1.0"}
    (root / ID / "plugin-info").write_bytes(info("1.1"))
    assert await versions(shelf) == {ID: "1.1"}
    (root / ID / "plugin-info").rename(root / ID / "gone")
    assert await versions(shelf) == {}
    (root / ID / "gone").rename(root / ID / "plugin-info")
    await put(shelf, tmp_path, "2.0")
    assert await versions(shelf) == {ID: "2.0"}
