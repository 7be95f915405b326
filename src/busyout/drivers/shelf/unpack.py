"""Unpacks archives into a directory of their own, each member judged before it is written."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from busyout.domain.archive import Amount, Bounds, Judge, Member, MemberKind
from busyout.domain.errors import UnsafeArchive
from busyout.drivers.shelf.durable import DIRECTORY_MODE, FILE_MODE
from busyout.drivers.shelf.inflate import Inflated
from busyout.drivers.shelf.tar import tar_members
from busyout.drivers.shelf.zip import zip_members

Members = Iterator[tuple[Member, Iterator[bytes]]]

HEADERS: Final = 2048
"""Bytes of headers and padding that a tar archive may have for each member that it may have."""


def unpack_tar(archive: Path, into: Path, bounds: Bounds, *, top: str | None = None) -> Amount:
    """Unpack a tar archive, compressed by bzip2, gzip, xz or not at all; `top` is the directory all has to be in.

    Raises:
        UnsafeArchive: Nothing more is unpacked; what was is to be thrown away.
    """
    with archive.open("rb") as file:
        packed = os.fstat(file.fileno()).st_size
        stream = Inflated(file, limit=bounds.unpacked(packed) + bounds.members * HEADERS)
        return _unpack(tar_members(stream), into, Judge(bounds, packed=packed, top=top))


def unpack_zip(archive: Path, into: Path, bounds: Bounds) -> Amount:
    """Unpack a zip archive.

    Raises:
        UnsafeArchive: As with `unpack_tar`.
    """
    with archive.open("rb") as file:
        packed = os.fstat(file.fileno()).st_size
        return _unpack(zip_members(file, bounds), into, Judge(bounds, packed=packed, top=None))


def _unpack(members: Members, into: Path, judge: Judge) -> Amount:
    made: set[tuple[str, ...]] = set()
    for member, content in members:
        parts = judge.admit(member)
        folder = parts if member.kind is MemberKind.DIRECTORY else parts[:-1]
        try:
            if folder not in made:
                make_directories(into, folder)
                made.add(folder)
            if member.kind is MemberKind.FILE:
                _write(into.joinpath(*parts), member, content)
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            raise UnsafeArchive(f"{member.name!r} is a file here and a directory in another archive") from error
    return judge.finish()


def make_directories(into: Path, parts: tuple[str, ...]) -> None:
    """Make directories below a directory, one in the other."""
    for length in range(1, len(parts) + 1):
        into.joinpath(*parts[:length]).mkdir(DIRECTORY_MODE, exist_ok=True)


def _write(path: Path, member: Member, content: Iterator[bytes]) -> None:
    """Write a file anew; one that an archive before this one has left gives way."""
    path.unlink(missing_ok=True)
    with create(path) as file:
        written = sum(file.write(chunk) for chunk in content)
    if written != member.size:
        raise UnsafeArchive(f"{member.name!r} has {written} bytes, not {member.size} as the archive says")


def create(path: Path) -> BinaryIO:
    """Open a file that is not there yet for writing."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, FILE_MODE)
    return os.fdopen(handle, "wb")
