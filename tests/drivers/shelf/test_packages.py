"""Packages of a plug-in: filters, what they put in place, and what is taken away again."""

import gzip
import io
import os
import stat
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from tests.drivers.shelf.kit import ID, package_text, plugin_archive, plugin_files, tar_of, tree, zip_of

from busyout.domain.errors import (
    BusyoutError,
    FilterFailed,
    InvalidRecipe,
    NoSuchPackage,
    NoSuchPlugin,
    NotTrusted,
    UnsafeArchive,
)
from busyout.drivers.shelf.shelf import FolderShelf

pytestmark = pytest.mark.anyio

Packages = Mapping[str, tuple[Mapping[str, bytes], Sequence[str]]]

FIRMWARE = {"fw/phone.bin": b"binary" * 1000, "fw/de.xml": b"de", "fw/fr.xml": b"fr", "readme.txt": b"read"}
SIGNED = b"a vendor's header with \x1f\x8b in it" + bytes(200) + gzip.compress(tar_of({"a": b"a"}))


class Shop:
    """A shelf with one plug-in and its packages, the downloads in its cache."""

    def __init__(self, tmp_path: Path, search: str | None = None) -> None:
        self.tmp_path = tmp_path
        self.root = tmp_path / "plugins"
        self.shelf = FolderShelf(self.root, search=search)
        self.var = self.root / ID / "var"

    async def open(self, packages: Packages, *, version: str = "1", plugin_version: str = "1.0") -> None:
        files = plugin_files(plugin_version, {"pkgs/pkgs.db": package_text(packages, version)})
        archive = plugin_archive(self.tmp_path / f"{plugin_version}.tar.bz2", files=files)
        await self.shelf.place(ID, archive, version=plugin_version)
        await self.shelf.settle(ID)
        cache = await self.shelf.cache(ID)
        for downloads, _ in packages.values():
            for name, content in downloads.items():
                (cache / name).write_bytes(content)

    def boot(self) -> dict[str, bytes]:
        return tree(self.var / "tftpboot")

    async def installed(self) -> dict[str, str]:
        return {package.id: package.version for package in await self.shelf.installed_packages(ID)}

    async def made_by(self, files: Mapping[str, bytes], *recipe: str) -> dict[str, bytes]:
        await self.open({"fw": (files, recipe)})
        await self.shelf.install_package(ID, "fw")
        return self.boot()

    async def fails(self, kind: type[BusyoutError], files: Mapping[str, bytes], *recipe: str) -> str:
        await self.open({"fw": (files, recipe)})
        before = tree(self.root)
        with pytest.raises(kind) as caught:
            await self.shelf.install_package(ID, "fw")
        assert tree(self.root) == before
        return caught.value.message


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


ZIP = {"fw.zip": zip_of(FIRMWARE)}
TGZ = {"fw.tgz": gzip.compress(tar_of(FIRMWARE))}
RECIPES = {
    "unzip": (ZIP, ["a-b: unzip $FILE1"], FIRMWARE),
    "untar": (TGZ, ["a-b: untar *.tgz"], FIRMWARE),
    "a file": ({"phone.bin": b"x"}, ["a-b: cp $FILE1 firmware/"], {"firmware/phone.bin": b"x"}),
    "a name": (ZIP, ["a-b: unzip $FILE1", "b-c: cp */phone.bin image.ld"], {"image.ld": FIRMWARE["fw/phone.bin"]}),
    "a directory": (
        ZIP,
        ["a-b: unzip fw.zip", "b-c: cp fw readme.* ./"],
        FIRMWARE,
    ),
    "a directory elsewhere": (
        ZIP,
        ["a-b: unzip fw.zip", "b-c: include fw", "c-d: cp fw i18n/x/"],
        {f"i18n/x/{name}": content for name, content in FIRMWARE.items() if name != "readme.txt"},
    ),
    "include": (ZIP, ["a-b: unzip $FILE1", "b-c: include *.txt"], {"readme.txt": b"read"}),
    "exclude": (ZIP, ["a-b: unzip $FILE1", "b-c: exclude fw *.bin"], {"readme.txt": b"read"}),
    "exclude deep": (ZIP, ["a-b: unzip $FILE1", "b-c: exclude *.bin *.txt"], {"fw/de.xml": b"de", "fw/fr.xml": b"fr"}),
    "two ends": (
        ZIP,
        ["a-b: unzip $FILE1", "b-c: cp */de.xml one/", "b-d: cp */fr.xml two/"],
        {"one/de.xml": b"de", "two/fr.xml": b"fr"},
    ),
    "unsign": ({"x.tgz.sgn": SIGNED}, ["a-b: unsign *.sgn x.tgz", "b-c: untar x.tgz"], {"a": b"a"}),
    "null": (ZIP, ["a-b: null"], {}),
    "signs of a pattern": ({"fw[1].zip": zip_of({"a": b"a"})}, ["a-b: unzip $FILE1"], {"a": b"a"}),
    "archives together": (
        {"1.zip": zip_of({"d/a": b"1", "d/b": b"1"}), "2.zip": zip_of({"d/b": b"2"})},
        ["a-b: unzip *.zip"],
        {"d/a": b"1", "d/b": b"2"},
    ),
    "no recipe": (ZIP, [], {}),
    "a fan": (
        {"1.zip": zip_of({"a": b"a"}), "b": b"b"},
        ["a-b: unzip 1.zip", "a-c: include b"],
        {"a": b"a", "b": b"b"},
    ),
}


@pytest.mark.parametrize(("files", "recipe", "made"), RECIPES.values(), ids=RECIPES)
async def test_a_recipe_makes_what_devices_fetch(files, recipe, made, shop: Shop) -> None:
    assert {name: at for name, at in (await shop.made_by(files, *recipe)).items() if not name.endswith("/")} == made
    (package,) = await shop.shelf.installed_packages(ID)
    assert (package.id, package.version, set(package.files)) == ("fw", "1", set(made))
    for path in (shop.var / "tftpboot").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o7022 == 0
        assert path.is_dir() or path.stat().st_nlink == 1


HOSTILE = io.BytesIO()
with zipfile.ZipFile(HOSTILE, "w") as archive:
    archive.writestr("../../../../x", b"x")
FAILING = {
    "an archive that leads out": (
        UnsafeArchive,
        {"fw.zip": HOSTILE.getvalue()},
        ["a-b: unzip $FILE1"],
        "a-b: unzip fw.zip: '../../../../x' leads upwards",
    ),
    "no archive": (UnsafeArchive, {"fw.zip": b"x"}, ["a-b: unzip $FILE1"], "a-b: unzip fw.zip: it is no zip"),
    "no tar": (UnsafeArchive, {"fw.tar": b"x"}, ["a-b: untar $FILE1"], "a-b: untar fw.tar: it"),
    "nothing to take": (FilterFailed, ZIP, ["a-b: unzip *.tar"], "a-b: unzip *.tar: nothing there is called so"),
    "a hidden file": (FilterFailed, ZIP, ["a-b: unzip .*"], "nothing there is called so"),
    "two files for a name": (
        FilterFailed,
        ZIP,
        ["a-b: unzip $FILE1", "b-c: cp */*.xml one"],
        "b-c: cp */*.xml one: one file is wanted; there are 2",
    ),
    "a directory for a name": (FilterFailed, ZIP, ["a-b: unzip $FILE1", "b-c: cp fw one"], "would be a directory"),
    "a directory and a file": (
        FilterFailed,
        {"a": b"", "b": b""},
        ["a-b: cp a x/", "a-c: cp b x"],
        "is a file and a directory",
    ),
    "through a file": (
        FilterFailed,
        {"a": b"", "b": b""},
        ["a-b: cp a x", "a-c: cp b x/y"],
        "is a file and a directory",
    ),
    "no signed file": (FilterFailed, {"x.sgn": bytes(9000)}, ["a-b: unsign x.sgn y"], "x.sgn holds no gzip file"),
    "two signed files": (
        FilterFailed,
        {"1.s": SIGNED, "2.s": SIGNED + b"."},
        ["a-b: unsign *.s y"],
        "one file is wanted",
    ),
    "no program for rar": (FilterFailed, {"fw.rar": b"Rar!"}, ["a-b: unrar $FILE1"], "install the package unrar"),
    "no program for 7z": (FilterFailed, {"fw.7z": b"7z"}, ["a-b: 7z $FILE1"], "install the package 7zip"),
}


@pytest.mark.parametrize(("kind", "files", "recipe", "reason"), FAILING.values(), ids=FAILING)
async def test_a_recipe_that_fails_says_which_filter_and_why(kind, files, recipe, reason, tmp_path: Path) -> None:
    shop = Shop(tmp_path, search=str(tmp_path / "no-programs"))
    message = await shop.fails(kind, files, *recipe)
    assert reason in message
    assert [path.name for path in tmp_path.iterdir() if path.name == "x"] == []


def program(tmp_path: Path, name: str, script: str) -> str:
    """A program of that name, in a directory of its own."""
    path = tmp_path / "bin" / name
    path.parent.mkdir()
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o755)
    return str(path.parent)


async def test_rar_and_7z_are_unpacked_by_programs_of_the_system(tmp_path: Path) -> None:
    search = program(tmp_path, "7zr", 'for last; do :; done; cp "$last" made; echo "$@" > told; chmod 777 made')
    shop = Shop(tmp_path, search)
    made = await shop.made_by({"x; touch y.7z": b"content"}, "a-b: 7z *.7z")
    assert made["made"] == b"content"
    assert made["told"].startswith(b"e -bd -y -- /")
    assert set(made) == {"made", "told"}
    assert stat.S_IMODE((shop.var / "tftpboot/made").stat().st_mode) == 0o644


PROGRAMS = {
    "it fails": ("exit 3", FilterFailed, "7zr could not unpack fw.7z: it ended with 3"),
    "it makes a link": ("ln -s /etc/passwd x", UnsafeArchive, "contains a link"),
    "it makes a pipe": ("mkfifo x", UnsafeArchive, "neither file nor directory"),
    "it makes nothing": ("exit 0", UnsafeArchive, "it is empty"),
    "it makes too much": ("head -c 80000000 /dev/zero > x", BusyoutError, ""),
    "it never stops": ("while :; do head -c 50000000 /dev/zero > $((i=i+1)); done", UnsafeArchive, "becomes larger"),
}


@pytest.mark.parametrize(("script", "kind", "reason"), PROGRAMS.values(), ids=PROGRAMS)
async def test_a_program_is_held_to_the_rules_of_archives(script, kind, reason, tmp_path: Path) -> None:
    shop = Shop(tmp_path, program(tmp_path, "7zr", script))
    message = await shop.fails(kind, {"fw.7z": b"content"}, "a-b: 7z $FILE1")
    assert reason in message


async def test_a_download_is_checked_again_before_it_is_used(shop: Shop) -> None:
    await shop.open({"fw": (ZIP, ["a-b: unzip $FILE1"])})
    cached = await shop.shelf.cache(ID) / "fw.zip"
    cached.write_bytes(zip_of({"evil": b"x"}))
    with pytest.raises(NotTrusted, match=r"fw\.zip has"):
        await shop.shelf.install_package(ID, "fw")
    cached.unlink()
    with pytest.raises(NotTrusted, match=r"fw\.zip cannot be read"):
        await shop.shelf.install_package(ID, "fw")
    cached.mkdir()
    with pytest.raises(NotTrusted):
        await shop.shelf.install_package(ID, "fw")
    assert shop.boot() == {}


async def test_a_file_that_has_no_url_is_asked_for(shop: Shop) -> None:
    text = package_text({"fw": (ZIP, ["a-b: unzip $FILE1"])}).replace(b"url: http://127.0.0.1/fw.zip", b"url:")
    archive = plugin_archive(shop.tmp_path / "a", files=plugin_files("1.0", {"pkgs/pkgs.db": text}))
    await shop.shelf.place(ID, archive, version="1.0")
    with pytest.raises(NotTrusted, match=r"it has to be got from the vendor and put to .*/var/cache/fw\.zip by hand"):
        await shop.shelf.install_package(ID, "fw")


async def test_an_upgrade_takes_away_what_is_no_longer_in_the_package(shop: Shop) -> None:
    await shop.open({"fw": ({"1.zip": zip_of({"old/a": b"1", "both": b"1"})}, ["a-b: unzip $FILE1"])})
    await shop.shelf.install_package(ID, "fw")
    await shop.open(
        {"fw": ({"2.zip": zip_of({"new/a": b"2", "both": b"2"})}, ["a-b: unzip $FILE1"])},
        version="2",
        plugin_version="2",
    )
    await shop.shelf.install_package(ID, "fw")
    assert shop.boot() == {"new/a": b"2", "both": b"2"}
    assert await shop.installed() == {"fw": "2"}


async def test_an_uninstall_takes_away_just_what_was_put_there(shop: Shop) -> None:
    boot = shop.var / "tftpboot"
    await shop.open({"fw": (ZIP, ["a-b: unzip $FILE1"])})
    (boot / "fw").mkdir()
    (boot / "fw/mine").write_bytes(b"mine")
    await shop.shelf.install_package(ID, "fw")
    (boot / "fw/de.xml").unlink()
    (boot / "fw/fr.xml").write_bytes(b"changed by the operator")
    await shop.shelf.uninstall_package(ID, "fw")
    assert shop.boot() == {"fw/mine": b"mine", "fw/fr.xml": b"changed by the operator"}
    assert await shop.installed() == {}
    await shop.shelf.uninstall_package(ID, "fw")


async def test_an_uninstall_takes_its_directories_away(shop: Shop) -> None:
    await shop.open({"fw": (ZIP, ["a-b: unzip $FILE1", "b-c: cp * a/b/c/"])})
    await shop.shelf.install_package(ID, "fw")
    await shop.shelf.uninstall_package(ID, "fw")
    assert list((shop.var / "tftpboot").iterdir()) == []
    assert tree(shop.var / "cache") == ZIP


async def test_a_file_of_two_packages_goes_with_the_last(shop: Shop) -> None:
    one = ({"1.zip": zip_of({"d/both": b"x", "d/one": b"1"})}, ["a-b: unzip $FILE1"])
    two = ({"2.zip": zip_of({"d/both": b"x", "d/two": b"2"})}, ["a-b: unzip $FILE1"])
    await shop.open({"one": one, "two": two})
    await shop.shelf.install_package(ID, "one")
    await shop.shelf.install_package(ID, "two")
    await shop.shelf.uninstall_package(ID, "one")
    assert shop.boot() == {"d/both": b"x", "d/two": b"2"}
    await shop.shelf.uninstall_package(ID, "two")
    assert "d/both" not in shop.boot()


async def test_packages_stay_over_an_upgrade_and_an_uninstall_of_their_plugin(shop: Shop) -> None:
    packages: Packages = {"fw": (ZIP, ["a-b: unzip $FILE1"])}
    await shop.open(packages)
    await shop.shelf.install_package(ID, "fw")
    await shop.open(packages, plugin_version="1.1")
    await shop.shelf.remove(ID)
    await shop.shelf.settle(ID)
    await shop.open(packages, plugin_version="1.2")
    assert (shop.boot(), await shop.installed()) == (FIRMWARE, {"fw": "1"})
    await shop.shelf.uninstall_package(ID, "fw")
    assert {name for name in shop.boot() if not name.endswith("/")} == set()


async def test_a_link_in_the_way_is_not_followed(shop: Shop) -> None:
    outside = shop.tmp_path / "outside"
    outside.mkdir()
    await shop.open({"fw": (ZIP, ["a-b: unzip $FILE1"])})
    (shop.var / "tftpboot/fw").symlink_to(outside)
    (shop.var / "tftpboot/readme.txt").symlink_to(shop.tmp_path / "target")
    with pytest.raises(FilterFailed, match=r"var/tftpboot/fw is there and is no directory"):
        await shop.shelf.install_package(ID, "fw")
    (shop.var / "tftpboot/fw").unlink()
    await shop.shelf.install_package(ID, "fw")
    assert shop.boot() == FIRMWARE
    assert (tree(outside), (shop.tmp_path / "target").exists()) == ({}, False)


async def test_what_lies_about_in_the_records_breaks_nothing(shop: Shop) -> None:
    await shop.open({"fw": (ZIP, ["a-b: unzip $FILE1"])})
    records = shop.var / "installed"
    (records / "directory").mkdir()
    (records / "half").write_bytes(b"{")
    (records / "list").write_bytes(b"[]")
    (records / "other").write_bytes(b'{"id":"x","version":"1"}')
    (records / ".hidden").write_bytes(b"{}")
    os.mkfifo(records / "pipe")
    (records / "evil").write_bytes(b'{"id":"evil","version":"1","files":["../../../../x"]}')
    (records / "theirs").write_bytes(
        b'{"id":"theirs","version":"3","description":"d","files":["d/","d/a"],"explicit_install":true,"depends":[]}'
    )
    (shop.var / "tftpboot/d").mkdir()
    (shop.var / "tftpboot/d/a").write_bytes(b"a")
    (shop.tmp_path / "x").write_bytes(b"x")
    await shop.shelf.install_package(ID, "fw")
    assert await shop.installed() == {"fw": "1", "theirs": "3"}
    for package in ("theirs", "evil", "half", "../x", ""):
        await shop.shelf.uninstall_package(ID, package)
    assert (shop.boot(), (shop.tmp_path / "x").exists()) == (FIRMWARE, True)


async def test_what_there_is_not_is_refused(shop: Shop) -> None:
    for act in (shop.shelf.recipes(ID), shop.shelf.installed_packages(ID), shop.shelf.cache(ID)):
        with pytest.raises(NoSuchPlugin):
            await act
    for change in (shop.shelf.install_package(ID, "fw"), shop.shelf.uninstall_package(ID, "fw")):
        with pytest.raises(NoSuchPlugin):
            await change
    await shop.open({"fw": (ZIP, ["a-b: unzip $FILE1"])})
    with pytest.raises(NoSuchPackage, match="has no package 'x'"):
        await shop.shelf.install_package(ID, "x")


@pytest.mark.parametrize("text", [b"[x]\n", b"\xff", b" " * 2_000_000])
async def test_package_files_that_are_wrong_are_told(text: bytes, shop: Shop) -> None:
    archive = plugin_archive(shop.tmp_path / "a", files=plugin_files("1.0", {"pkgs/my.db": text}))
    await shop.shelf.place(ID, archive, version="1.0")
    with pytest.raises(InvalidRecipe, match=r"my\.db"):
        await shop.shelf.recipes(ID)
    with pytest.raises(InvalidRecipe, match=r"my\.db"):
        await shop.shelf.install_package(ID, "fw")
