"""Takes the signature from the front of a signed image and leaves the gzip file behind it.

Such images begin with a header of a vendor's own, the signature in it; the gzip file follows within the first block.
"""

import shutil
import zlib
from pathlib import Path
from typing import Final

from busyout.domain.errors import FilterFailed
from busyout.drivers.shelf.unpack import create

HEADER: Final = 64 * 1024
"""Bytes at the front among which the gzip file has to begin."""

GZIP: Final = b"\x1f\x8b\x08"
"""How a gzip file begins: its magic number, and deflate as the method."""


def unsign(signed: Path, plain: Path) -> None:
    """Write what was signed to a new file.

    Raises:
        FilterFailed: There is no gzip file in it.
    """
    with signed.open("rb") as source:
        start = _find(source.read(HEADER + 1024))
        if start is None:
            raise FilterFailed(f"{signed.name} holds no gzip file")
        source.seek(start)
        with create(plain) as target:
            shutil.copyfileobj(source, target)


def _find(front: bytes) -> int | None:
    place = front.find(GZIP)
    while place >= 0 and not _inflates(front[place:]):
        place = front.find(GZIP, place + 1)
    return place if place >= 0 else None


def _inflates(content: bytes) -> bool:
    """Whether it is a gzip file and not three bytes of a signature that look like one."""
    try:
        zlib.decompressobj(wbits=31).decompress(content, 1024)
    except zlib.error:
        return False
    return True
