"""Plug-ins, packages and archives for the tests of the shelf, honest ones and others."""

import bz2
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

ID = "acme-phone-1.0"
CAPABILITIES = {"Acme, Phone, 1.0": {"sip.lines": 4}}


def info(version: str = "1.0", **more: Any) -> bytes:
    return json.dumps({"version": version, "description": "A phone", "capabilities": CAPABILITIES, **more}).encode()


def plugin_files(version: str = "1.0", more: Mapping[str, bytes] = MappingProxyType({})) -> dict[str, bytes]:
    """The files of a plug-in."""
    return {"plugin-info": info(version), "entry.py": b"raise SystemExit\n", "templates/base.tpl": b"base\n", **more}


def entry(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0, **more: Any) -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.size = kind, size
    for key, value in more.items():
        setattr(found, key, value)
    return found


def tar(members: Sequence[tuple[tarfile.TarInfo, bytes]], form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar archive of just these members, whatever they are."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=form) as archive:
        for member, content in members:
            archive.addfile(member, io.BytesIO(content) if content else None)
    return made.getvalue()


def tar_of(files: Mapping[str, bytes], top: str = "") -> bytes:
    """A tar archive of files."""
    prefix = f"{top}/" if top else ""
    return tar([(entry(f"{prefix}{name}", size=len(content)), content) for name, content in files.items()])


def zip_of(files: Mapping[str, bytes]) -> bytes:
    """A zip archive of files; names that end with a slash are directories."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def plugin_archive(
    path: Path, version: str = "1.0", *, plugin: str = ID, files: Mapping[str, bytes] | None = None
) -> Path:
    """The package of a plug-in, as a repository has it."""
    path.write_bytes(bz2.compress(tar_of(plugin_files(version) if files is None else files, plugin)))
    return path


def package_text(packages: Mapping[str, tuple[Mapping[str, bytes], Sequence[str]]], version: str = "1") -> bytes:
    """A file of packages: each with its downloaded files and the lines of its recipe."""
    lines: list[str] = []
    for package, (files, recipe) in packages.items():
        ids = [f"{package}-{number}" for number, _ in enumerate(files)]
        lines += [f"[pkg_{package}]", f"description: {package}", f"version: {version}", f"files: {' '.join(ids)}"]
        lines += [f"install: {package}", "", f"[install_{package}]", *recipe, ""] if recipe else [""]
        for name, (filename, content) in zip(ids, files.items(), strict=True):
            digest = hashlib.sha1(content).hexdigest()
            lines += [f"[file_{name}]", f"filename: {filename}", f"url: http://127.0.0.1/{filename}"]
            lines += [f"size: {len(content)}", f"sha1sum: {digest}", ""]
    return "\n".join(lines).encode()


def tree(directory: Path) -> dict[str, bytes]:
    """Every file below a directory with its content; empty directories too, with a slash."""
    found = {}
    for path in sorted(directory.rglob("*")):
        name = str(path.relative_to(directory))
        if path.is_file():
            found[name] = path.read_bytes()
        elif not any(path.iterdir()):
            found[f"{name}/"] = b""
    return found
