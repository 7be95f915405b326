"""Packs the folder of a plug-in, always to the same bytes, and reads from a package which plug-in it is."""

import bz2
import io
import os
import stat
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from busyout.domain.archive import PLUGIN_BOUNDS, Judge, Member, MemberKind
from busyout.domain.errors import InvalidValue, UnsafeArchive
from busyout.domain.plugin import ID

INFO: Final = "plugin-info"
MAX_INFO: Final = 1024 * 1024
"""Bytes of a `plugin-info`."""

REQUIRED: Final = ("version", "description", "capabilities")
LEFT_OUT: Final = frozenset({"var/cache", "var/installed"})
"""What a plug-in has only where it is installed."""

KINDS: Final = {stat.S_IFREG: MemberKind.FILE, stat.S_IFDIR: MemberKind.DIRECTORY, stat.S_IFLNK: MemberKind.LINK}
TAR_KINDS: Final = {
    tarfile.REGTYPE: MemberKind.FILE,
    tarfile.AREGTYPE: MemberKind.FILE,
    tarfile.DIRTYPE: MemberKind.DIRECTORY,
}


def package_name(plugin: str, version: str) -> str:
    """The name of a package.

    Raises:
        InvalidValue: It cannot be the name of a file.
    """
    name = f"{plugin.replace('_', '-')}-{version}.tar.bz2"
    if not ID.fullmatch(name):
        raise InvalidValue(f"plug-in {plugin}: {name!r} cannot be the name of a package")
    return name


def read_folder(folder: Path) -> dict[str, Any]:
    """The `plugin-info` of the folder of a plug-in.

    Raises:
        InvalidValue: It is wrong, or the folder is called so as no plug-in can be.
    """
    if not ID.fullmatch(folder.name):
        raise InvalidValue(f"{folder}: no plug-in can be called {folder.name!r}")
    return _info((folder / INFO).read_bytes(), f"{folder / INFO}")


def pack(folder: Path) -> bytes:
    """The package of a plug-in.

    Raises:
        InvalidValue: Something in it could not be unpacked again.
    """
    judge = Judge(PLUGIN_BOUNDS, packed=PLUGIN_BOUNDS.total, top=folder.name)
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in _members(folder):
            name = f"{folder.name}/{path.relative_to(folder)}".removesuffix("/.")
            member = _entry(path, name, judge)
            with path.open("rb") if member.isreg() else io.BytesIO() as content:
                archive.addfile(member, content)
    return bz2.compress(made.getvalue())


def read_package(package: Path) -> tuple[str, dict[str, Any]]:
    """Id and `plugin-info` of the plug-in in a package, all of it judged as a server would.

    Raises:
        InvalidValue: It is no package of a plug-in.
    """
    judge = Judge(PLUGIN_BOUNDS, packed=package.stat().st_size, top=None)
    info: dict[str, Any] | None = None
    tops: set[str] = set()
    try:
        with tarfile.open(package, "r|*") as archive:
            for entry in archive:
                parts = judge.admit(Member(entry.name, TAR_KINDS.get(entry.type, MemberKind.OTHER), entry.size))
                tops |= set(parts[:1])
                if parts[1:] == (INFO,) and (content := archive.extractfile(entry)) is not None:
                    info = _info(content.read(MAX_INFO + 1), f"{package}: {INFO}")
        judge.finish()
    except (UnsafeArchive, tarfile.TarError, EOFError, zlib.error) as error:
        raise InvalidValue(f"{package}: {error}") from error
    if len(tops) != 1 or info is None:
        raise InvalidValue(f"{package} is not the package of one plug-in")
    plugin = tops.pop()
    if not ID.fullmatch(plugin):
        raise InvalidValue(f"{package}: no plug-in can be called {plugin!r}")
    return plugin, info


def _members(folder: Path) -> Iterator[Path]:
    yield folder
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if _belongs(Path(place, name), folder))
        for name in sorted([*folders, *(name for name in files if _belongs(Path(place, name), folder))]):
            yield Path(place, name)


def _belongs(path: Path, folder: Path) -> bool:
    below = str(path.relative_to(folder))
    return not path.name.startswith(".") and path.name != "__pycache__" and below not in LEFT_OUT


def _entry(path: Path, name: str, judge: Judge) -> tarfile.TarInfo:
    found = path.lstat()
    kind = KINDS.get(stat.S_IFMT(found.st_mode), MemberKind.OTHER)
    entry = tarfile.TarInfo(name)
    entry.mode = 0o644
    if kind is MemberKind.FILE:
        entry.size = found.st_size
    elif kind is MemberKind.DIRECTORY:
        entry.type, entry.mode = tarfile.DIRTYPE, 0o755
    try:
        judge.admit(Member(name, kind, entry.size))
    except UnsafeArchive as error:
        raise InvalidValue(f"plug-in {name.partition('/')[0]}: {error}") from error
    return entry


def _info(content: bytes, where: str) -> dict[str, Any]:
    if len(content) > MAX_INFO:
        raise InvalidValue(f"{where} has more than {MAX_INFO} bytes")
    try:
        info = msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidValue(f"{where}: {error}") from error
    missing = [key for key in REQUIRED if key not in info]
    if missing or not isinstance(info["version"], str):
        raise InvalidValue(f"{where}: {', '.join(missing) or 'the text of version'} is missing")
    return info
