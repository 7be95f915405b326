"""Builds a repository: a package for each folder of a plug-in, and the index of all packages that are there."""

import hashlib
import json
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from busyout.cli.plugins_packing import INFO, pack, package_name, read_folder, read_package
from busyout.domain.errors import InvalidValue
from busyout.domain.plugin import read_index
from busyout.domain.signature import SUFFIX
from busyout.domain.version import is_newer

INDEX = "plugins.db"


class BuiltPlugin(Struct, frozen=True):
    """A plug-in that was packed."""

    id: str
    version: str
    filename: str
    state: Literal["new", "changed", "unchanged"]


class Built(Struct, frozen=True):
    """What building has come to."""

    plugins: tuple[BuiltPlugin, ...]
    left_out: tuple[str, ...]
    """Folders that are no plug-ins."""
    listed: int
    """Plug-ins in the index."""


def build_repository(folder: Path, into: Path) -> Built:
    """Pack every plug-in in a folder and write the index anew.

    Raises:
        InvalidValue: Something is wrong with a plug-in, or with a package that was there.
        OSError: A file cannot be read or written.
    """
    folders = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    plugins = [path for path in folders if (path / INFO).is_file()]
    if not plugins:
        raise InvalidValue(f"{folder} has no folder with a {INFO} in it")
    named: dict[str, Path] = {}
    for path in plugins:
        name = package_name(path.name, read_folder(path)["version"])
        if name in named:
            raise InvalidValue(f"{named[name].name} and {path.name} would both be {name}")
        named[name] = path
    packed = {name: pack(path) for name, path in named.items()}
    into.mkdir(parents=True, exist_ok=True)
    built = tuple(_keep(into / name, content, named[name]) for name, content in packed.items())
    index = make_index(into)
    content = json.dumps(index, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    read_index(content)
    _write(into / INDEX, content)
    return Built(built, tuple(path.name for path in folders if path not in plugins), len(index))


def make_index(repository: Path) -> dict[str, dict[str, Any]]:
    """The index of all packages in a directory: of each plug-in the newest."""
    found: dict[str, dict[str, Any]] = {}
    for package in sorted(repository.glob("*.tar.bz2")):
        plugin, info = read_package(package)
        if plugin not in found or is_newer(info["version"], found[plugin]["version"]):
            found[plugin] = {**info, **_columns(package)}
    return found


def _columns(package: Path) -> dict[str, Any]:
    with package.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        sha1 = hashlib.file_digest(file, lambda: hashlib.sha1(usedforsecurity=False)).hexdigest()
    return {"filename": package.name, "dsize": package.stat().st_size, "sha1sum": sha1, "sha256sum": sha256}


def _keep(package: Path, content: bytes, folder: Path) -> BuiltPlugin:
    there = package.exists()
    changed = _write(package, content)
    version = str(read_folder(folder)["version"])
    return BuiltPlugin(folder.name, version, package.name, ("changed" if there else "new") if changed else "unchanged")


def _write(path: Path, content: bytes) -> bool:
    """Write a file at once, and take the signature away that is no longer one; whether there was anything to write."""
    if path.exists() and path.read_bytes() == content:
        return False
    path.with_name(path.name + SUFFIX).unlink(missing_ok=True)
    half = path.with_name(f".{path.name}.half")
    half.write_bytes(content)
    half.replace(path)
    return True
