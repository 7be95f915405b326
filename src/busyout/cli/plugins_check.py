"""Checks a repository as a server does, and signs one that is whole."""

import hashlib
from pathlib import Path

from msgspec import Struct

from busyout.cli.plugins_build import INDEX
from busyout.cli.plugins_packing import read_package
from busyout.domain import signature
from busyout.domain.errors import InvalidValue, NotTrusted
from busyout.domain.plugin import MAX_INDEX, PluginEntry, read_index


class Checked(Struct, frozen=True):
    """What a check has come to."""

    plugins: int
    """In the index."""
    findings: tuple[str, ...]
    """What a server would not accept, a sentence for each thing."""


def check_repository(repository: Path, public: bytes | None) -> Checked:
    """Check the index and all that it lists; signatures too where a key is given.

    Raises:
        OSError: There is no index.
    """
    content = _index(repository)
    try:
        entries = tuple(read_index(content).plugins.values())
    except NotTrusted as error:
        return Checked(0, (f"{INDEX}: {error.message}",))
    findings = [finding for entry in entries if (finding := _wrong(repository, entry)) is not None]
    if public is not None:
        for name in (INDEX, *(entry.filename for entry in entries if (repository / entry.filename).is_file())):
            finding = _unsigned(repository / name, public)
            findings += [finding] if finding else []
    return Checked(len(entries), tuple(findings))


def sign_repository(repository: Path, private: bytes) -> tuple[str, ...]:
    """Sign the index and every package that it lists; the names of what was signed.

    Raises:
        InvalidValue: The repository is not whole.
        OSError: There is no index, or a signature cannot be written.
    """
    checked = check_repository(repository, None)
    if checked.findings:
        raise InvalidValue("\n  ".join(("this repository is not to be signed:", *checked.findings)))
    names = (INDEX, *sorted({entry.filename for entry in read_index(_index(repository)).plugins.values()}))
    for name in names:
        text = signature.sign(private, name, _digest(repository / name, "sha256")) + b"\n"
        (repository / f"{name}{signature.SUFFIX}").write_bytes(text)
    return names


def _index(repository: Path) -> bytes:
    with (repository / INDEX).open("rb") as file:
        return file.read(MAX_INDEX + 1)


def _wrong(repository: Path, entry: PluginEntry) -> str | None:
    """What is wrong with the package of an entry; None when nothing is."""
    package = repository / entry.filename
    if not package.is_file():
        return f"{entry.filename} is not there"
    if package.stat().st_size != entry.size:
        return f"{entry.filename} has {package.stat().st_size} bytes, not {entry.size} as the index says"
    for name, wanted in (("sha256", entry.sha256), ("sha1", entry.sha1)):
        if wanted is not None and _digest(package, name) != wanted:
            return f"{entry.filename} is not the one that the index means: its {name}sum is another"
    try:
        plugin, info = read_package(package)
    except InvalidValue as error:
        return error.message
    if (plugin, info["version"]) != (entry.id, entry.version):
        return f"{entry.filename} is {plugin} {info['version']}, not {entry.id} {entry.version}"
    return None


def _unsigned(file: Path, public: bytes) -> str | None:
    beside = file.with_name(file.name + signature.SUFFIX)
    try:
        with beside.open("rb") as text:
            signature.check(public, text.read(signature.MAX_SIGNATURE), file.name, _digest(file, "sha256"))
    except FileNotFoundError:
        return f"{file.name} is not signed"
    except NotTrusted:
        return f"{beside.name} is no signature of {file.name} by that key"
    return None


def _digest(file: Path, name: str) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, lambda: hashlib.new(name, usedforsecurity=False)).hexdigest()
