"""Reads the members of a zip archive, its directory bounded before it is read."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final

from busyout.domain.archive import Bounds, Member, MemberKind
from busyout.domain.errors import UnsafeArchive
from busyout.drivers.shelf.inflate import CHUNK

Chunks = Iterator[bytes]

END: Final = struct.Struct("<4s4H2LH")
"""The record at the end: signature, numbers of disks, counts of members, size and place of the directory, a length."""

METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)
DIRECTORY_ENTRY: Final = 2048
"""Bytes of the archive's directory that are allowed for each member."""

DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, RuntimeError)
"""What the standard library raises for archives that are none."""


def zip_members(file: BinaryIO, bounds: Bounds) -> Iterator[tuple[Member, Chunks]]:
    """Each member and its content, which is to be read before the next one is asked for.

    Raises:
        UnsafeArchive: It is no zip archive, damaged, cut, or has too many members.
    """
    _check_end(file, bounds)
    try:
        with zipfile.ZipFile(file) as archive:
            for entry in archive.infolist():
                yield Member(entry.orig_filename, _kind(entry), entry.file_size), _content(archive, entry)
    except DAMAGE as error:
        raise UnsafeArchive(f"it is no zip archive, or damaged: {error}") from error


def _check_end(file: BinaryIO, bounds: Bounds) -> None:
    """Refuse a directory that would fill the memory."""
    size = file.seek(0, 2)
    file.seek(max(0, size - END.size - 0xFFFF))
    tail = file.read()
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) - place < END.size:
        raise UnsafeArchive("it is no zip archive, or cut")
    members, directory = END.unpack_from(tail, place)[4:6]
    if members > bounds.members or directory > bounds.members * DIRECTORY_ENTRY:
        raise UnsafeArchive(f"it has more than {bounds.members} members")
    file.seek(0)


def _kind(entry: zipfile.ZipInfo) -> MemberKind:
    mode = entry.external_attr >> 16
    if stat.S_ISLNK(mode):
        return MemberKind.LINK
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return MemberKind.OTHER
    if entry.flag_bits & 0x1:
        return MemberKind.ENCRYPTED
    return MemberKind.DIRECTORY if entry.filename.endswith("/") else MemberKind.FILE


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Chunks:
    if entry.compress_type not in METHODS:
        raise UnsafeArchive(f"it is compressed by method {entry.compress_type}, which is not known here")
    try:
        with archive.open(entry) as content:
            while chunk := content.read(CHUNK):
                yield chunk
    except (*DAMAGE, OSError) as error:
        raise UnsafeArchive(f"it is damaged: {error}") from error
