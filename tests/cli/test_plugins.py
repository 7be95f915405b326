"""Repositories of plug-ins: built, signed, checked, and installed from."""

import base64
import bz2
import hashlib
import json
import os
import stat
import tarfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from tests.cli.server import Ran, busyout

from busyout.cli.app import main
from busyout.domain.plugin import read_index
from busyout.domain.signature import read_key
from busyout.drivers.shelf.shelf import FolderShelf
from busyout.drivers.shelf.trust import FileTrust
from busyout.ports.shelf import Expected


class House:
    """Plug-in folders, a repository, and the command line on them."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folders, self.repository, self.key = home / "folders", home / "repository", home / "key"
        self._capsys = capsys

    def plugin(self, name: str, version: str, **more: str) -> Path:
        folder = self.folders / name
        (folder / "templates").mkdir(parents=True, exist_ok=True)
        info = {
            "version": version,
            "description": "Ein Gerät",
            "description_fr": "Téléphone",
            "capabilities": {},
            **more,
        }
        (folder / "plugin-info").write_text(json.dumps(info), "utf-8")
        (folder / "templates" / "base.tpl").write_text("base", "utf-8")
        return folder

    def run(self, *arguments: str) -> Ran:
        self._capsys.readouterr()
        code = main(["plugins", *arguments])
        told = self._capsys.readouterr()
        return Ran(code, told.out, told.err)

    def build(self) -> Ran:
        return self.run("build", str(self.folders), "--into", str(self.repository))

    def sign(self) -> Ran:
        if not self.key.exists():
            assert self.run("keygen", str(self.key)).code == 0
        return self.run("sign", str(self.repository), "--key", str(self.key))

    def verify(self, *, key: bool = False) -> Ran:
        return self.run("verify", str(self.repository), *(["--key", f"{self.key}.pub"] if key else []))

    def index(self) -> dict[str, dict[str, object]]:
        return json.loads((self.repository / "plugins.db").read_text("utf-8"))

    def content(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(self.repository.iterdir())}


@pytest.fixture
def house(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> House:
    return House(tmp_path, capsys)


def test_a_repository_is_built_with_an_index_of_all_columns(house: House) -> None:
    house.plugin("acme_phone", "1.0", vendor="Acme")
    house.plugin("null", "1.1")
    ran = house.build()
    assert (ran.code, ran.lines[0]) == (0, "acme_phone 1.0  acme-phone-1.0.tar.bz2  new")
    assert ran.lines[-1] == f"{house.repository}/plugins.db lists 2 plug-ins"
    package = (house.repository / "acme-phone-1.0.tar.bz2").read_bytes()
    assert house.index()["acme_phone"] == {
        "capabilities": {},
        "description": "Ein Gerät",
        "description_fr": "Téléphone",
        "dsize": len(package),
        "filename": "acme-phone-1.0.tar.bz2",
        "sha1sum": hashlib.sha1(package).hexdigest(),
        "sha256sum": hashlib.sha256(package).hexdigest(),
        "vendor": "Acme",
        "version": "1.0",
    }
    text = (house.repository / "plugins.db").read_text("utf-8")
    assert text == json.dumps(house.index(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert read_index(text.encode()).plugins.keys() == {"acme_phone", "null"}


def test_the_same_folders_make_the_same_bytes(house: House) -> None:
    folder = house.plugin("acme", "1.0")
    house.build()
    before = house.content()
    os.utime(folder / "plugin-info", (1, 1))
    (folder / "templates/base.tpl").chmod(0o4777)
    (folder / "templates").chmod(0o700)
    assert house.build().lines[0].endswith("unchanged")
    assert house.content() == before
    with tarfile.open(house.repository / "acme-1.0.tar.bz2") as archive:
        told = {(entry.name, entry.mode, entry.mtime, entry.uid, entry.uname) for entry in archive}
    assert told == {
        ("acme", 0o755, 0, 0, ""),
        ("acme/plugin-info", 0o644, 0, 0, ""),
        ("acme/templates", 0o755, 0, 0, ""),
        ("acme/templates/base.tpl", 0o644, 0, 0, ""),
    }


def test_what_belongs_to_one_machine_is_left_out(house: House) -> None:
    folder = house.plugin("acme", "1.0")
    for name in ("var/cache/x", "var/installed/x", "var/tftpboot/x", "__pycache__/x", ".git/x", ".hidden"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    house.build()
    with tarfile.open(house.repository / "acme-1.0.tar.bz2") as archive:
        files = {entry.name for entry in archive if entry.isreg()}
    assert files == {"acme/plugin-info", "acme/templates/base.tpl", "acme/var/tftpboot/x"}


def test_of_several_versions_the_newest_is_listed(house: House) -> None:
    for version in ("1.9.5", "1.10.0", "1.10.0-rc1", "1.2"):
        house.plugin("acme", version)
        house.build()
    assert house.index()["acme"]["version"] == "1.10.0"
    assert len(house.content()) == 5
    assert house.verify().code == 0


def test_what_is_no_plugin_is_left_out_and_said(house: House) -> None:
    house.plugin("acme", "1.0")
    (house.folders / "notes").mkdir()
    (house.folders / "readme").write_bytes(b"")
    assert "notes: left out, it has no plugin-info" in house.build().lines


WRONG = {
    "a link": (lambda folder: (folder / "l").symlink_to("/etc/passwd"), "plug-in acme: it contains a link, 'acme/l'"),
    "a pipe": (lambda folder: os.mkfifo(folder / "p"), "plug-in acme: it contains something"),
    "no JSON": (lambda folder: (folder / "plugin-info").write_bytes(b"{"), "acme/plugin-info: "),
    "no version": (
        lambda folder: (folder / "plugin-info").write_bytes(b"{}"),
        "version, description, capabilities is missing",
    ),
    "a version with a slash": (
        lambda folder: (folder / "plugin-info").write_text('{"version":"../1","description":"","capabilities":{}}'),
        "'acme-../1.tar.bz2' cannot be the name",
    ),
    "a number": (
        lambda folder: (folder / "plugin-info").write_text('{"version":1,"description":"","capabilities":{}}'),
        "the text of version is missing",
    ),
    "names that differ in case": (lambda folder: (folder / "PLUGIN-INFO").write_bytes(b""), "comes twice"),
    "no id": (lambda folder: folder.rename(folder.with_name("-acme")), "no plug-in can be called '-acme'"),
    "no plug-in": (lambda folder: folder.rename(folder.parent.parent / "gone"), "has no folder with a plugin-info"),
}


@pytest.mark.parametrize(("break_it", "reason"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_packed_is_refused(break_it, reason: str, house: House) -> None:
    break_it(house.plugin("acme", "1.0"))
    ran = house.build()
    assert (ran.code, ran.out) == (1, "")
    assert reason in ran.error
    assert not house.repository.exists()


def test_two_plugins_of_one_name_are_refused(house: House) -> None:
    house.plugin("a_b", "1")
    house.plugin("a-b", "1")
    assert "a-b and a_b would both be a-b-1.tar.bz2" in house.build().error


def test_a_key_is_kept_from_others_and_never_overwritten(house: House) -> None:
    ran = house.run("keygen", str(house.key))
    assert stat.S_IMODE(house.key.stat().st_mode) == 0o600
    assert ran.out == Path(f"{house.key}.pub").read_text("utf-8")
    assert len(read_key(ran.out)) == 32
    before = house.key.read_bytes()
    again = house.run("keygen", str(house.key))
    assert (again.code, house.key.read_bytes()) == (1, before)
    assert "File exists" in again.error


def test_a_signed_repository_is_verified_with_either_key(house: House) -> None:
    house.plugin("acme", "1.0")
    house.build()
    ran = house.sign()
    assert (ran.code, ran.lines) == (0, ["plugins.db.sig", "acme-1.0.tar.bz2.sig"])
    assert house.verify(key=True).lines == [f"{house.repository}: 1 plug-ins, signed and whole"]
    assert house.run("verify", str(house.repository), "--key", str(house.key)).code == 0
    public = Ed25519PublicKey.from_public_bytes(read_key(Path(f"{house.key}.pub").read_text()))
    digest = hashlib.sha256((house.repository / "plugins.db").read_bytes()).hexdigest()
    signature = base64.b64decode((house.repository / "plugins.db.sig").read_bytes())
    public.verify(signature, f"busyout plug-in repository 1\nplugins.db\n{digest}\n".encode())


@pytest.mark.parametrize("name", ["acme-1.0.tar.bz2", "key.pub", "nothing", "."])
def test_only_a_private_key_signs(name: str, house: House) -> None:
    house.plugin("acme", "1.0")
    house.build()
    house.run("keygen", str(house.key))
    files = {"key.pub": house.key.with_name("key.pub"), "acme-1.0.tar.bz2": house.repository / "acme-1.0.tar.bz2"}
    ran = house.run("sign", str(house.repository), "--key", str(files.get(name, house.repository / name)))
    assert ran.code == 1
    assert not (house.repository / "plugins.db.sig").exists()


BREAKS = {
    "a package that is gone": ("acme-1.0.tar.bz2", None, "acme-1.0.tar.bz2 is not there"),
    "a package that is cut": ("acme-1.0.tar.bz2", lambda at: at[:-1], "as the index says"),
    "a package that is another": (
        "acme-1.0.tar.bz2",
        lambda at: at[:-1] + bytes([at[-1] ^ 1]),
        "acme-1.0.tar.bz2 is not the one that the index means: its sha256sum is another",
    ),
    "no index": ("plugins.db", lambda at: at[: len(at) // 2], "plugins.db: the index is damaged"),
    "an index of another": ("plugins.db", lambda at: at.replace(b'"1.0"', b'"1.1"'), "is acme 1.0, not acme 1.1"),
    "an index that lacks a column": (
        "plugins.db",
        lambda at: at.replace(b"dsize", b"esize"),
        "plugins.db: plug-in acme",
    ),
}


@pytest.mark.parametrize(("name", "change", "reason"), BREAKS.values(), ids=BREAKS)
def test_what_a_server_would_not_accept_is_found(name: str, change, reason: str, house: House) -> None:
    house.plugin("acme", "1.0")
    house.build()
    file = house.repository / name
    if change is None:
        file.unlink()
    else:
        file.write_bytes(change(file.read_bytes()))
    ran = house.verify()
    assert ran.code == 3
    assert reason in ran.out
    assert house.sign().code == 1
    assert not (house.repository / "plugins.db.sig").exists()


def test_signatures_that_are_none_are_found(house: House) -> None:
    house.plugin("acme", "1.0")
    house.build()
    house.sign()
    index, package = house.repository / "plugins.db.sig", house.repository / "acme-1.0.tar.bz2.sig"
    index.write_bytes(package.read_bytes())
    package.unlink()
    ran = house.verify(key=True)
    assert (ran.code, ran.lines) == (
        3,
        ["plugins.db.sig is no signature of plugins.db by that key", "acme-1.0.tar.bz2 is not signed"],
    )
    assert house.verify().code == 0


def test_what_is_built_anew_loses_its_signature(house: House) -> None:
    house.plugin("acme", "1.0")
    house.plugin("other", "1.0")
    house.build()
    house.sign()
    (house.plugin("acme", "1.0") / "more").write_bytes(b"")
    house.build()
    assert {name for name in house.content() if name.endswith(".sig")} == {"other-1.0.tar.bz2.sig"}


def test_a_directory_that_is_no_repository_is_refused(house: House, tmp_path: Path) -> None:
    for word in ("verify", "sign"):
        ran = house.run(word, str(tmp_path), *(["--key", "x"] if word == "sign" else []))
        assert ran.code == 1
    assert house.run("build", str(tmp_path / "nothing"), "--into", str(house.repository)).code == 1
    (tmp_path / "hostile.tar.bz2").write_bytes(bz2.compress(b"no tar"))
    house.plugin("acme", "1.0")
    ran = house.run("build", str(house.folders), "--into", str(tmp_path))
    assert (ran.code, "hostile.tar.bz2" in ran.error) == (1, True)


def test_programs_can_read_what_is_said(house: House) -> None:
    house.plugin("acme", "1.0")
    (house.folders / "notes").mkdir()
    expected = {"id": "acme", "version": "1.0", "filename": "acme-1.0.tar.bz2", "state": "new"}
    assert house.run("build", str(house.folders), "--into", str(house.repository), "--json").json == {
        "repository": str(house.repository),
        "plugins": [expected],
        "left_out": ["notes"],
    }
    told = house.run("keygen", str(house.key), "--json").json
    assert told["public_key"] == Path(told["public_key_file"]).read_text().strip()
    signed = house.run("sign", str(house.repository), "--key", str(house.key), "--json").json["signed"]
    assert signed == ["plugins.db", "acme-1.0.tar.bz2"]
    assert house.run("verify", str(house.repository), "--json").json["findings"] == []


@pytest.mark.anyio
async def test_what_was_built_can_be_installed(house: House, tmp_path: Path) -> None:
    house.plugin("acme_phone", "1.0")
    house.build()
    house.sign()
    entry = read_index((house.repository / "plugins.db").read_bytes()).plugins["acme_phone"]
    trust = FileTrust(read_key(Path(f"{house.key}.pub").read_text()))
    package = house.repository / entry.filename
    await trust.check_index(house.repository / "plugins.db")
    await trust.check_package(package, Expected(entry.sha1, entry.sha256, entry.size), name=entry.filename)
    shelf = FolderShelf(tmp_path / "plugins")
    await shelf.place("acme_phone", package, version=entry.version)
    assert [plugin.id for plugin in await shelf.installed()] == ["acme_phone"]


def test_the_command_line_as_a_program_knows_these_words() -> None:
    ran = busyout("plugins", "verify", "--help")
    assert ran.code == 0
    assert "--key" in ran.out
