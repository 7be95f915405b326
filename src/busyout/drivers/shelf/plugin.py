"""What makes a directory a plug-in, and which of the files in it came with it."""

import hashlib
import os
import stat
import time
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from busyout.domain.document import check_value
from busyout.domain.errors import InvalidValue, UnsafeArchive
from busyout.drivers.shelf.places import MANIFEST

INFO: Final = "plugin-info"
MAX_INFO: Final = 1024 * 1024
"""Bytes of a `plugin-info`, and of a file with packages."""

MAX_VALUES: Final = 50_000
"""Most values in a `plugin-info`, roughly: small ones take many times their size in memory."""

MAX_RECORD: Final = 64 * 1024 * 1024
"""Bytes of what the shelf itself writes: a manifest, the record of a package."""


Mark = tuple[int, ...]
"""Is another one when a file has changed."""

FRESH: Final = 1.0
"""Seconds within which a file may change once more without a sign: its time is told in ticks."""


class Manifest(Struct, frozen=True):
    """What came with a plug-in."""

    archive: str
    """SHA-256 of its package; lower-case hex."""
    shipped: dict[str, str] = {}
    """Paths below `var`, with the SHA-256 of what was shipped there."""


class _Info(Struct):
    capabilities: dict[str, Any]
    description: str
    version: str
    id: str | None = None


def read_info(directory: Path) -> dict[str, Any]:
    """The `plugin-info` of a plug-in, whole.

    Raises:
        UnsafeArchive: The directory is no plug-in; the message says why.
    """
    return _read(directory)[0]


def mark_of(directory: Path) -> Mark | None:
    """What the `plugin-info` of a plug-in is known by; None where it is not there, or could change unseen."""
    try:
        found = (directory / INFO).lstat()
    except OSError:
        return None
    if time.time() - found.st_ctime < FRESH:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def check_plugin(directory: Path, plugin: str, version: str) -> None:
    """Check that a directory is that plug-in in that version.

    Raises:
        UnsafeArchive: It is not.
    """
    info = _read(directory)[1]
    if info.id not in (None, plugin):
        raise UnsafeArchive(f"its {INFO} is of {info.id!r}, not of {plugin}")
    if info.version != version:
        raise UnsafeArchive(f"it is version {info.version!r}, not {version!r} as was announced")


def _read(directory: Path) -> tuple[dict[str, Any], _Info]:
    try:
        content = read_small(directory / INFO)
    except OSError as error:
        raise UnsafeArchive(f"it has no {INFO}: {error.strerror}") from error
    if sum(content.count(mark) for mark in (b"{", b"[", b",")) > MAX_VALUES:
        raise UnsafeArchive(f"its {INFO} has more than {MAX_VALUES} values")
    try:
        info = msgspec.json.decode(content, type=dict[str, Any])
        check_value(info)  # what can be read at the edge of the nesting that is read cannot be written again
        return info, msgspec.convert(info, _Info)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError, InvalidValue) as error:
        raise UnsafeArchive(f"its {INFO} is wrong: {error}") from error


def read_small(path: Path, limit: int = MAX_INFO) -> bytes:
    """The content of a regular file.

    Raises:
        OSError: It is not there, no regular file, or has more bytes than `limit`.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(0, "it is no regular file", str(path))
        content = file.read(limit + 1)
    if len(content) > limit:
        raise OSError(0, f"it has more than {limit} bytes", str(path))
    return content


def make_manifest(directory: Path, archive: str) -> Manifest:
    """What came with a plug-in that has just been unpacked."""
    var = directory / "var"
    shipped = {str(path.relative_to(var)): digest_of(path) for path in sorted(var.rglob("*")) if path.is_file()}
    return Manifest(archive, shipped)


def read_manifest(directory: Path) -> Manifest:
    """What came with a plug-in; nothing where it was not the shelf that put it there."""
    try:
        return msgspec.json.decode(read_small(directory / MANIFEST, MAX_RECORD), type=Manifest)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return Manifest("")


def digest_of(path: Path) -> str:
    """SHA-256 of a file, lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
