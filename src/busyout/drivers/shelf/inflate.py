"""A compressed file as a stream that is read from front to end, and never becomes larger than it may."""

import bz2
import lzma
import zlib
from typing import BinaryIO, Final, Protocol

from busyout.domain.errors import UnsafeArchive

CHUNK: Final = 64 * 1024
"""Bytes read and made at a time."""

DICTIONARY: Final = 64 * 1024 * 1024
"""Most memory, in bytes, that an xz stream may ask for."""

LONGEST_MAGIC: Final = 6


class Decompressor(Protocol):
    """What the decompressors of bz2 and lzma have in common."""

    @property
    def eof(self) -> bool: ...  # noqa: D102 - as in the standard library
    @property
    def needs_input(self) -> bool: ...  # noqa: D102
    @property
    def unused_data(self) -> bytes: ...  # noqa: D102
    def decompress(self, data: bytes, max_length: int) -> bytes: ...  # noqa: D102


class _Gzip:
    """Makes the decompressor of zlib one like the others."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        made = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self.needs_input = not self._inner.unconsumed_tail and len(made) < max_length
        return made


def decompressor(magic: bytes) -> Decompressor | None:
    """The decompressor for a file that begins so; None for one that is not compressed."""
    if magic.startswith(b"BZh"):
        return bz2.BZ2Decompressor()
    if magic.startswith(b"\x1f\x8b"):
        return _Gzip()
    if magic.startswith(b"\xfd7zXZ\0"):
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=DICTIONARY)
    return None


class Inflated:
    """The content of a file, whether it is compressed or not."""

    def __init__(self, file: BinaryIO, *, limit: int) -> None:
        """`limit` is the most bytes that the content may have."""
        self._file = file
        self._limit = limit
        self._input = file.read(CHUNK)
        self._inner = decompressor(self._input[:LONGEST_MAGIC])
        self._plain = self._inner is None

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end.

        Raises:
            UnsafeArchive: It is damaged, cut, or larger than the limit.
        """
        made = self._read_plain(size) if self._plain else self._read_compressed(size)
        self._limit -= len(made)
        if self._limit < 0:
            raise UnsafeArchive("it becomes larger than its size allows")
        return made

    def read_exactly(self, size: int) -> bytes:
        """So many bytes.

        Raises:
            UnsafeArchive: There are fewer; or as `read`.
        """
        parts = []
        while size:
            part = self.read(size)
            if not part:
                raise UnsafeArchive("it ends in the middle")
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _read_plain(self, size: int) -> bytes:
        if not self._input:
            self._input = self._file.read(CHUNK)
        made, self._input = self._input[:size], self._input[size:]
        return made

    def _read_compressed(self, size: int) -> bytes:
        while self._inner is not None:
            if self._inner.eof:
                self._next_stream(self._inner.unused_data)
                continue
            if self._inner.needs_input and not self._input:
                self._input = self._file.read(CHUNK)
                if not self._input:
                    raise UnsafeArchive("it ends in the middle")
            made = self._inflate(self._inner, size)
            if made:
                return made
        return b""

    def _inflate(self, inner: Decompressor, size: int) -> bytes:
        data, self._input = (self._input, b"") if inner.needs_input else (b"", self._input)
        try:
            return inner.decompress(data, size)
        except (zlib.error, lzma.LZMAError, OSError, EOFError, MemoryError) as error:
            raise UnsafeArchive(f"it is damaged: {error}") from error

    def _next_stream(self, rest: bytes) -> None:
        """Go on with what follows a compressed stream; what is no such stream is padding."""
        self._input = rest + self._input
        if len(self._input) < LONGEST_MAGIC:
            self._input += self._file.read(CHUNK)
        self._inner = decompressor(self._input[:LONGEST_MAGIC])
