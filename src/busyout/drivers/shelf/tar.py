"""Reads the members of a tar archive in their order, strictly: what it does not know it refuses.

`tarfile` reads whole headers of any size into memory and follows sparse maps; here each header is bounded. One block is
still parsed by `tarfile.TarInfo`.
"""

import re
import tarfile
from collections.abc import Iterator
from typing import Final

from busyout.domain.archive import Member, MemberKind
from busyout.domain.errors import UnsafeArchive
from busyout.drivers.shelf.inflate import CHUNK, Inflated

Chunks = Iterator[bytes]

BLOCK: Final = 512
HEADER_LIMIT: Final = 64 * 1024
"""Bytes of one header that announces a long name or other properties."""

LONG_NAME, LONG_LINK = b"L", b"K"
PROPERTIES, GLOBAL_PROPERTIES = (b"x", b"X"), b"g"
HEADERS: Final = 4
"""Most such headers before one member."""

KINDS: Final = {
    tarfile.REGTYPE: MemberKind.FILE,
    tarfile.AREGTYPE: MemberKind.FILE,
    tarfile.CONTTYPE: MemberKind.FILE,
    tarfile.DIRTYPE: MemberKind.DIRECTORY,
    tarfile.LNKTYPE: MemberKind.LINK,
    tarfile.SYMTYPE: MemberKind.LINK,
    tarfile.CHRTYPE: MemberKind.DEVICE,
    tarfile.BLKTYPE: MemberKind.DEVICE,
    tarfile.FIFOTYPE: MemberKind.FIFO,
    tarfile.GNUTYPE_SPARSE: MemberKind.SPARSE,
}


def tar_members(stream: Inflated) -> Iterator[tuple[Member, Chunks]]:
    """Each member and its content, which is to be read before the next one is asked for.

    Raises:
        UnsafeArchive: It is no tar archive, damaged, cut, or has a header that is too large.
    """
    while (found := _next_header(stream)) is not None:
        header, properties = found
        name = properties.get("path", header.name)
        size = _size(properties.get("size"), header)
        kind = KINDS.get(header.type, MemberKind.OTHER)
        if any(key.startswith("GNU.sparse") for key in properties):
            kind = MemberKind.SPARSE
        if kind is MemberKind.FILE and name.endswith("/"):
            kind = MemberKind.DIRECTORY
        if kind is MemberKind.DIRECTORY:
            size = 0
        content = _content(stream, size)
        yield Member(name, kind, size), content
        for _ in content:
            pass
        stream.read_exactly(-size % BLOCK)


def _next_header(stream: Inflated) -> tuple[tarfile.TarInfo, dict[str, str]] | None:
    """The header of the next member with what was announced before it; None at the end."""
    properties: dict[str, str] = {}
    for _ in range(HEADERS + 1):
        block = stream.read_exactly(BLOCK)
        if not any(block):
            return None
        header = _parse(block)
        if header.type == LONG_NAME:
            properties["path"] = _text(_announced(stream, header).rstrip(b"\0"))
        elif header.type in PROPERTIES:
            properties |= _properties(_announced(stream, header))
        elif header.type in (LONG_LINK, GLOBAL_PROPERTIES):
            _announced(stream, header)
        else:
            return header, properties
    raise UnsafeArchive("it has too many headers before one member")


def _parse(block: bytes) -> tarfile.TarInfo:
    try:
        return tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError) as error:
        raise UnsafeArchive(f"it is no tar archive, or damaged: {error}") from error


def _announced(stream: Inflated, header: tarfile.TarInfo) -> bytes:
    if not 0 <= header.size <= HEADER_LIMIT:
        raise UnsafeArchive(f"it has a header of {header.size} bytes; {HEADER_LIMIT} is the limit")
    body = stream.read_exactly(header.size)
    stream.read_exactly(-header.size % BLOCK)
    return body


def _properties(body: bytes) -> dict[str, str]:
    """The records of a pax header, each `LENGTH KEY=VALUE` and an end of line."""
    found: dict[str, str] = {}
    place = 0
    while place < len(body) and body[place]:
        length = re.compile(rb"([0-9]{1,6}) ").match(body, place)
        end = place + int(length.group(1)) if length else 0
        record = body[length.end() : end] if length else b""
        key, equals, value = record.partition(b"=")
        if not equals or end > len(body) or not value.endswith(b"\n"):
            raise UnsafeArchive("it has a damaged header")
        found[_text(key)] = _text(value[:-1])
        place = end
    return found


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _size(announced: str | None, header: tarfile.TarInfo) -> int:
    if announced is None:
        size = header.size
    elif re.fullmatch(r"[0-9]{1,15}", announced):
        size = int(announced)
    else:
        raise UnsafeArchive("it has a damaged header")
    if size < 0:
        raise UnsafeArchive("it has a member of less than nothing")
    return size


def _content(stream: Inflated, size: int) -> Chunks:
    while size:
        chunk = stream.read(min(size, CHUNK))
        if not chunk:
            raise UnsafeArchive("it ends in the middle")
        size -= len(chunk)
        yield chunk
