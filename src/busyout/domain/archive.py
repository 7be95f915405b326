"""Whether an archive may be unpacked: its members judged one by one, before any of them touches a disk."""

import unicodedata
from dataclasses import dataclass
from enum import Enum
from typing import Final

from busyout.domain.errors import UnsafeArchive


class MemberKind(Enum):
    """What a member of an archive is; the value completes `it contains …`."""

    FILE = "a file"
    DIRECTORY = "a directory"
    LINK = "a link"
    DEVICE = "a device"
    FIFO = "a pipe"
    SPARSE = "a sparse file"
    ENCRYPTED = "an encrypted file"
    OTHER = "something that is neither file nor directory"


@dataclass(frozen=True, slots=True)
class Member:
    """What an archive says of one of its members."""

    name: str
    kind: MemberKind
    size: int
    """Bytes when unpacked."""


@dataclass(frozen=True, slots=True)
class Amount:
    """What somebody writes, or has written."""

    size: int
    """Bytes."""
    members: int


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large an archive may become."""

    members: int
    depth: int
    """Parts of a path."""
    file: int
    """Bytes of one file."""
    total: int
    """Bytes of all files."""
    ratio: int
    """Bytes unpacked for each byte packed; what is below `floor` is not held to it."""
    floor: int = 4 * 1024 * 1024

    def unpacked(self, packed: int) -> int:
        """Most bytes that an archive of that size may become."""
        return min(self.total, max(self.floor, packed * self.ratio))


PLUGIN_BOUNDS: Final = Bounds(members=10_000, depth=16, file=64 * 1024 * 1024, total=256 * 1024 * 1024, ratio=100)
"""For the package of a plug-in: templates, a little Python, now and then a picture."""

FIRMWARE_BOUNDS: Final = Bounds(
    members=20_000, depth=16, file=2 * 1024**3, total=6 * 1024**3, ratio=100, floor=64 * 1024 * 1024
)
"""For what vendors ship: the largest of today has about 1 GB."""

NAME_LIMIT: Final = 1024
"""Bytes of a member's whole name."""

PART_LIMIT: Final = 255
"""Bytes of one part of a name, as file systems have it."""


class Judge:
    """Takes the members of one archive in their order and remembers what it has seen."""

    def __init__(self, bounds: Bounds, *, packed: int, top: str | None) -> None:
        """`packed` is the archive's own size; `top` the directory that all has to be in, None where any will do."""
        self._bounds = bounds
        self._allowed = bounds.unpacked(packed)
        self._top = top
        self._seen: dict[tuple[str, ...], tuple[tuple[str, ...], bool]] = {}
        self._members = 0
        self._bytes = 0

    def admit(self, member: Member) -> tuple[str, ...]:
        """The parts of the path that a member may be unpacked to; none for the archive's own root.

        Raises:
            UnsafeArchive: It may not; the message says why.
        """
        parts = safe_parts(member.name)
        if member.kind not in (MemberKind.FILE, MemberKind.DIRECTORY):
            raise UnsafeArchive(f"it contains {member.kind.value}, {shown(member.name)}")
        self._count(member)
        if not parts:
            if member.kind is MemberKind.DIRECTORY:
                return ()
            raise UnsafeArchive(f"a file is called {shown(member.name)}")
        if len(parts) > self._bounds.depth:
            raise UnsafeArchive(f"{shown(member.name)} is more than {self._bounds.depth} levels deep")
        self._check_top(parts, member)
        self._take_place(parts, directory=member.kind is MemberKind.DIRECTORY)
        return parts

    def finish(self) -> Amount:
        """Say that there are no more members; returns what they were.

        Raises:
            UnsafeArchive: There was none at all.
        """
        if not self._seen:
            raise UnsafeArchive("it is empty")
        return Amount(self._bytes, self._members)

    def _count(self, member: Member) -> None:
        self._members += 1
        if self._members > self._bounds.members:
            raise UnsafeArchive(f"it has more than {self._bounds.members} members")
        if member.size < 0 or (member.size and member.kind is MemberKind.DIRECTORY):
            raise UnsafeArchive(f"{shown(member.name)} has an impossible size")
        if member.size > self._bounds.file:
            raise UnsafeArchive(f"{shown(member.name)} has {member.size} bytes; {self._bounds.file} is the limit")
        self._bytes += member.size
        if self._bytes > self._allowed:
            raise UnsafeArchive(f"it would become larger than {self._allowed} bytes")

    def _check_top(self, parts: tuple[str, ...], member: Member) -> None:
        if self._top is None:
            return
        if parts[0] != self._top:
            raise UnsafeArchive(f"{shown(member.name)} is not within its directory {self._top}")
        if len(parts) == 1 and member.kind is MemberKind.FILE:
            raise UnsafeArchive(f"{self._top} is a file, not a directory")

    def _take_place(self, parts: tuple[str, ...], *, directory: bool) -> None:
        for length in range(1, len(parts)):
            self._take(parts[:length], directory=True)
        self._take(parts, directory=directory)

    def _take(self, parts: tuple[str, ...], *, directory: bool) -> None:
        """Note a path; a directory may come again by the same name."""
        name = tuple(folded(part) for part in parts)
        if name not in self._seen:
            if len(self._seen) >= self._bounds.members:
                raise UnsafeArchive(f"it has more than {self._bounds.members} files and directories")
            self._seen[name] = (parts, directory)
        elif not directory or self._seen[name] != (parts, True):
            path = shown("/".join(parts))
            raise UnsafeArchive(f"{path} comes twice, or differs from another name in case or accents only")


def safe_parts(name: str) -> tuple[str, ...]:
    """The parts of a member's name; `./` before it and a slash after it do not count.

    Raises:
        UnsafeArchive: It is absolute, leads upwards, or is written so as to be read in two ways.
    """
    if not name or name.startswith("/"):
        raise UnsafeArchive("a member has no name" if not name else f"{shown(name)} is an absolute path")
    try:
        encoded = name.encode("utf-8")
    except UnicodeEncodeError:
        raise UnsafeArchive(f"{shown(name)} is not UTF-8") from None
    if len(encoded) > NAME_LIMIT:
        raise UnsafeArchive(f"{shown(name)} is longer than {NAME_LIMIT} bytes")
    if "\\" in name or any(unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp") for sign in name):
        raise UnsafeArchive(f"{shown(name)} has a backslash or an invisible sign in it")
    parts = tuple(part for part in name.removesuffix("/").split("/") if part != ".")
    for part in parts:
        _check_part(part, name)
    return parts


def _check_part(part: str, name: str) -> None:
    if part == "..":
        raise UnsafeArchive(f"{shown(name)} leads upwards")
    if not part.strip():
        raise UnsafeArchive(f"{shown(name)} has an empty part")
    if len(part.encode("utf-8")) > PART_LIMIT:
        raise UnsafeArchive(f"{shown(name)} has a part of more than {PART_LIMIT} bytes")


def folded(part: str) -> str:
    """A part of a path as a file system reads it that tells neither case nor ways to write an accent apart."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", part).upper().casefold())


def shown(name: str) -> str:
    """A name as it can stand in a message: in quotes, short, nothing invisible."""
    return ascii(name if len(name) <= 100 else f"{name[:97]}...")
