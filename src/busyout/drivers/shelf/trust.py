"""Judges files by digest and signature, those that were fetched earlier too."""

import asyncio
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from busyout.domain import signature
from busyout.domain.errors import NotTrusted
from busyout.drivers.shelf.inflate import CHUNK
from busyout.drivers.shelf.plugin import read_small
from busyout.ports.shelf import Expected


@dataclass(frozen=True, slots=True)
class FileTrust:
    """Implements `ports.shelf.Trust`."""

    key: bytes | None = None
    """Public key, 32 bytes; None where no signatures are required."""

    @property
    def signed(self) -> bool:
        """Whether signatures are required."""
        return self.key is not None

    async def check_index(self, index: Path, *, name: str = "plugins.db") -> None:
        """Check the signature of an index, where signatures are required."""
        await asyncio.to_thread(self._check, index, None, name)

    async def check_package(self, archive: Path, expected: Expected, *, name: str) -> None:
        """Check size, digests and, where required, the signature of a plug-in's package."""
        await asyncio.to_thread(self._check, archive, expected, name)

    async def check_file(self, file: Path, expected: Expected) -> None:
        """Check size and digests of a file."""
        await asyncio.to_thread(check_content, file, expected)

    def _check(self, file: Path, expected: Expected | None, name: str) -> None:
        sha256 = check_content(file, expected)
        if self.key is None:
            return
        beside = file.with_name(file.name + signature.SUFFIX)
        try:
            text = read_small(beside)
        except OSError as error:
            raise NotTrusted(f"{name} has no signature, which the settings ask for: {error.strerror}") from error
        signature.check(self.key, text, name, sha256)


def check_content(file: Path, expected: Expected | None, *, hint: str = "") -> str:
    """Check size and digests of a file; its SHA-256. `hint` ends the message for a file that is not there.

    Raises:
        NotTrusted: It is another one, or not there.
    """
    size, sha1, sha256 = _measure(file, hint)
    if expected is None:
        return sha256
    if expected.size is not None and size != expected.size:
        raise NotTrusted(f"{file.name} has {size} bytes, not {expected.size}")
    for name, found, wanted in (("SHA-256", sha256, expected.sha256), ("SHA-1", sha1, expected.sha1)):
        if wanted is not None and found != wanted.lower():
            raise NotTrusted(f"{file.name} has the {name} {found}, not {wanted}")
    return sha256


def _measure(file: Path, hint: str) -> tuple[int, str, str]:
    """Size, SHA-1 and SHA-256 of a file."""
    sha1, sha256 = hashlib.sha1(usedforsecurity=False), hashlib.sha256()
    size = 0
    try:
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK), "rb") as content:
            if not stat.S_ISREG(os.fstat(content.fileno()).st_mode):
                raise NotTrusted(f"{file.name} is no file")
            while chunk := content.read(CHUNK):
                sha1.update(chunk)
                sha256.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise NotTrusted(f"{file.name} cannot be read: {error.strerror}{hint}") from error
    return size, sha1.hexdigest(), sha256.hexdigest()
