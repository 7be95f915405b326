"""Packages that are made to do harm, through the live server: each fails with its reason and changes nothing."""

import bz2
import io
import json
import stat
import tarfile
import zipfile
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest
from tests.drivers.shelf.kit import entry, tar, tree, zip_of
from tests.faces.provd.shop import INSTALL, Shop

from busyout.domain.archive import PLUGIN_BOUNDS

pytestmark = pytest.mark.anyio

EVIL = "evil"
INFO = json.dumps({"version": "1.0", "description": "It is evil.", "capabilities": {}}).encode()
WHOLE = (entry(f"{EVIL}/plugin-info", size=len(INFO)), INFO)


def raw(*more: tuple[tarfile.TarInfo, bytes]) -> bytes:
    return tar([WHOLE, *more])


def file(name: str, content: bytes = b"x", **more: Any) -> tuple[tarfile.TarInfo, bytes]:
    return entry(name, size=len(content), **more), content


def link(kind: bytes, target: str) -> tuple[tarfile.TarInfo, bytes]:
    return entry(f"{EVIL}/templates", kind, linkname=target), b""


SPARSE = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": str(10**15)}

HOSTILE = {
    "it leads upwards": (raw(file(f"{EVIL}/../../x")), "leads upwards"),
    "it begins upwards": (raw(file("../x")), "leads upwards"),
    "it is absolute": (raw(file("/srv/x")), "an absolute path"),
    "it is another plug-in": (raw(file("acme-phone/entry.py")), "not within its directory evil"),
    "it is the shelf itself": (raw(file(".shelf/x")), "not within its directory evil"),
    "a link to a directory": (raw(link(tarfile.SYMTYPE, "/etc"), file(f"{EVIL}/templates/x")), "contains a link"),
    "a link upwards": (raw(link(tarfile.SYMTYPE, "../..")), "contains a link"),
    "a hard link": (raw(link(tarfile.LNKTYPE, f"{EVIL}/plugin-info")), "contains a link"),
    "a hard link outside": (raw(link(tarfile.LNKTYPE, "/etc/passwd")), "contains a link"),
    "a device": (raw((entry(f"{EVIL}/sda", tarfile.BLKTYPE, devmajor=8), b"")), "contains a device"),
    "a terminal": (raw((entry(f"{EVIL}/tty", tarfile.CHRTYPE, devmajor=5), b"")), "contains a device"),
    "a pipe": (raw((entry(f"{EVIL}/pipe", tarfile.FIFOTYPE), b"")), "contains a pipe"),
    "a sparse file": (raw(file(f"{EVIL}/x", pax_headers=SPARSE)), "contains a sparse file"),
    "an old sparse file": (raw((entry(f"{EVIL}/x", tarfile.GNUTYPE_SPARSE), b"")), "contains a sparse file"),
    "very many members": (
        raw(*(file(f"{EVIL}/{number}", b"") for number in range(PLUGIN_BOUNDS.members))),
        "more than 10000 files and directories",
    ),
    "a name of 5000 bytes": (raw(file(f"{EVIL}/{'x' * 5000}")), "longer than 1024 bytes"),
    "a part of 300 bytes": (raw(file(f"{EVIL}/{'x' * 300}")), "a part of more than 255 bytes"),
    "a name that is no UTF-8": (raw(file(f"{EVIL}/\udce9")), "is not UTF-8"),
    "a name with an end of line": (raw(file(f"{EVIL}/a\nb")), "invisible sign"),
    "names that differ in case": (raw(file(f"{EVIL}/A"), file(f"{EVIL}/a")), "in case or accents only"),
    "a name that comes twice": (raw(file(f"{EVIL}/a"), file(f"{EVIL}/a", b"y")), "comes twice"),
    "two plugin-infos": (raw(WHOLE), "comes twice"),
    "a file and a directory": (raw(file(f"{EVIL}/a"), file(f"{EVIL}/a/b")), "comes twice"),
    "a bomb": (raw(file(f"{EVIL}/x", bytes(6_000_000))), "larger than"),
    "a manifest of its own": (raw(file(f"{EVIL}/.manifest.json", b"{}")), "brings a .manifest.json"),
    "a var that is a file": (raw(file(f"{EVIL}/var")), "its var is no directory"),
    "a records folder that is a file": (raw(file(f"{EVIL}/var/installed")), "is no directory"),
    "another version": (tar([file(f"{EVIL}/plugin-info", INFO.replace(b"1.0", b"2.0"))]), "not '1.0'"),
    "no plugin-info": (tar([file(f"{EVIL}/entry.py")]), "has no plugin-info"),
    "a plugin-info that is a directory": (
        tar([(entry(f"{EVIL}/plugin-info", tarfile.DIRTYPE), b"")]),
        "has no plugin-info",
    ),
    "nothing": (tar([]), "it is empty"),
    "no archive": (b"x" * 600, "no tar archive"),
    "a cut archive": (raw(file(f"{EVIL}/x", b"y" * 9000))[:6000], "ends in the middle"),
}


def offer(shop: Shop, content: bytes) -> None:
    """Offer an archive as the package of a plug-in, all of its digests right."""
    packed = bz2.compress(content)
    name = f"{EVIL}-1.0.tar.bz2"
    shop.server.plugins.put(name, packed)
    columns = {"version": "1.0", "description": "It is evil.", "capabilities": {}, "filename": name}
    columns |= {"dsize": len(packed), "sha1sum": sha1(packed).hexdigest()}
    shop.server.plugins.entries[EVIL] = columns
    shop.server.plugins.publish()


def in_place(tmp_path: Path) -> dict[str, bytes]:
    """Every plug-in, and whatever lies about; without downloads, and without the folders that the shelf works in."""
    found = tree(tmp_path / "provisioning/plugins")
    return {name: content for name, content in found.items() if "/var/cache/" not in name and name[-1] != "/"}


async def failed(shop: Shop, path: str, id: str) -> str:
    """Why an installation failed."""
    started = await shop.ask("POST", path, json={"id": id})
    assert started.status == 201, started.text
    told = await shop.ended(started.headers["location"])
    assert "|fail" in told["status"], told
    return str(told["reason"])


async def test_a_hostile_plugin_fails_with_its_reason_and_changes_nothing(shop: Shop, tmp_path: Path) -> None:
    await shop.install()
    for case, (content, reason) in HOSTILE.items():
        offer(shop, content)
        await shop.update()
        before = (in_place(tmp_path), (await shop.get(f"{INSTALL}/installed")).body)
        told = await failed(shop, f"{INSTALL}/install", EVIL)
        assert reason in told, (case, told)
        assert (in_place(tmp_path), (await shop.get(f"{INSTALL}/installed")).body) == before, case
    assert not [path for path in tmp_path.rglob("x") if "repository" not in path.parts]
    assert (await shop.get("/provd/pg_mgr/plugins/evil/info")).status == 404


async def test_modes_and_owners_of_an_archive_do_not_count(shop: Shop, tmp_path: Path) -> None:
    folder = entry(f"{EVIL}/templates", tarfile.DIRTYPE, mode=0o7000)
    offer(shop, raw((folder, b""), file(f"{EVIL}/tool", mode=0o6777, uid=12345, uname="nobody")))
    await shop.install(EVIL)
    plugin = tmp_path / "provisioning/plugins" / EVIL
    assert [stat.S_IMODE((plugin / name).stat().st_mode) for name in ("tool", "templates")] == [0o644, 0o755]
    assert (plugin / "tool").stat().st_uid == plugin.stat().st_uid


def zipped(*members: tuple[str, bytes, int]) -> bytes:
    """A zip archive of members with their modes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content, mode in members:
            member = zipfile.ZipInfo(name)
            member.external_attr = mode << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
    return made.getvalue()


FILTERS = {
    "a zip that leads upwards": (zip_of({"../../x": b"x"}), ["a-b: unzip $FILE1"], "leads upwards"),
    "a zip that is absolute": (zip_of({"/srv/x": b"x"}), ["a-b: unzip $FILE1"], "an absolute path"),
    "a zip with backslashes": (zip_of({"..\\..\\x": b"x"}), ["a-b: unzip $FILE1"], "backslash"),
    "a zip with a link": (zipped(("x", b"/etc", stat.S_IFLNK | 0o777)), ["a-b: unzip $FILE1"], "a link"),
    "a zip with a pipe": (zipped(("x", b"", stat.S_IFIFO | 0o777)), ["a-b: unzip $FILE1"], "neither file nor"),
    "a zip whose names differ in case": (zip_of({"A": b"", "a": b""}), ["a-b: unzip $FILE1"], "in case or accents"),
    "a zip bomb": (zip_of({"x": bytes(70_000_000)}), ["a-b: unzip $FILE1"], "larger than"),
    "a tar with a link": (raw(link(tarfile.SYMTYPE, "/etc")), ["a-b: untar $FILE1"], "contains a link"),
    "a tar with a device": (
        raw((entry("sda", tarfile.BLKTYPE, devmajor=8), b"")),
        ["a-b: untar $FILE1"],
        "contains a device",
    ),
    "a program that is missing": (b"Rar!", ["a-b: unrar $FILE1"], "install the package unrar"),
    "an image that is not signed": (zip_of({"a": b""}), ["a-b: unsign $FILE1 x"], "holds no gzip file"),
    "a pattern of nothing": (zip_of({"a": b""}), ["a-b: include nothing", "b-c: cp * x/"], "nothing there is called"),
    "a target that is a directory": (
        zip_of({"a/b": b""}),
        ["a-b: unzip $FILE1", "b-c: cp a x"],
        "would be a directory",
    ),
}

RECIPES = {
    "a-b: include ../*": "leads out of the package",
    "a-b: include /etc/*": "leads out of the package",
    "a-b: exclude ../..": "leads out of the package",
    "a-b: unzip ../../../cache/*": "leads out of the package",
    "a-b: untar /var/lib/x.tgz": "leads out of the package",
    "a-b: cp /etc/passwd x": "leads out of the package",
    "a-b: cp $FILE1 ../../../../x": "leads out of the package",
    "a-b: cp $FILE1 /srv/x": "leads out of the package",
    "a-b: unsign $FILE1 ../x": "leads out of the package",
    "a-b: sh -c id": "there is no filter",
    "a-../../b: include *": "",
    "b-a: include *": "",
}


async def offered(shop: Shop, plugin: str, content: bytes, recipe: list[str]) -> str:
    """Install a plug-in with a package `fw` of one file; the address of its installation service."""
    lines = ["[pkg_fw]", "description: fw", "version: 1", "files: fw", "install: fw", "[install_fw]", *recipe]
    lines += ["[file_fw]", f"url: {shop.server.site.url}/{plugin}.zip", f"size: {len(content)}"]
    lines += [f"sha1sum: {sha1(content).hexdigest()}"]
    shop.server.plugins.put(f"{plugin}.zip", content)
    shop.server.plugins.offer(plugin, files={"pkgs/pkgs.db": "\n".join(lines).encode()})
    await shop.install(plugin)
    return f"/provd/pg_mgr/plugins/{plugin}/install/install"


async def test_a_file_that_is_hostile_to_a_filter_fails_with_its_reason(shop: Shop, tmp_path: Path) -> None:
    for number, (case, (content, recipe, reason)) in enumerate(FILTERS.items()):
        path = await offered(shop, f"evil-{number}", content, recipe)
        before = in_place(tmp_path)
        told = await failed(shop, path, "fw")
        assert reason in told, (case, told)
        assert in_place(tmp_path) == before, case


async def test_a_recipe_that_leads_elsewhere_is_refused(shop: Shop, tmp_path: Path) -> None:
    """With 503: who installed such a plug-in has to act, not who asks for its packages."""
    for number, (line, reason) in enumerate(RECIPES.items()):
        path = await offered(shop, f"evil-{number}", zip_of({"a": b""}), [line])
        before = in_place(tmp_path)
        answer = await shop.ask("POST", path, json={"id": "fw"})
        assert (answer.status, reason in answer.text) == (503, True), (line, answer.text)
        assert in_place(tmp_path) == before, line
