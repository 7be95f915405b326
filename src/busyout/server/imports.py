"""A directory that files are imported from: read row by row, in a thread, whatever their size."""

import asyncio
import csv
import os
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import BinaryIO, Final

from busyout.domain.context.importing import Row
from busyout.domain.context.names import shown
from busyout.domain.errors import InvalidValue

ENCODINGS: Final = {"UTF-8": "utf-8", "UTF-8-BOM": "utf-8", "ISO-8859-1": "iso-8859-1"}
"""How encodings are called, in capitals, and what they are here."""

MARK: Final = "\ufeff"
"""May stand at the beginning of a file in UTF-8."""

MAX_ROW: Final = 2_000_000
"""Most bytes of a row, and about the most characters of rows that are read at once."""

csv.field_size_limit(MAX_ROW)  # for the whole process, in which nothing else reads such files; rows are bounded here

PIECE: Final = 1000
"""Rows that are read at once."""


class Inbox:
    """Implements `ImportFolder`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @asynccontextmanager
    async def opened(
        self, name: str, *, delimiter: str, encoding: str
    ) -> AsyncIterator[AsyncIterator[tuple[Row, ...]]]:
        """Rows of a file; see `ImportFolder.opened`."""
        codec = ENCODINGS.get(encoding.upper())
        if codec is None:
            raise InvalidValue(f"encoding is one of {', '.join(ENCODINGS)}")
        if len(delimiter) != 1 or delimiter in '"\r\n\0' or not delimiter.isascii():
            raise InvalidValue("delimiter is one character, and no quotation mark or end of line")
        file = await asyncio.to_thread(_open, self._directory, name)
        with closing(file):
            yield _pieces(_Lines(file, codec), delimiter)


async def _pieces(lines: "_Lines", delimiter: str) -> AsyncIterator[tuple[Row, ...]]:
    rows = _rows(lines, delimiter)
    size = 1
    while piece := await asyncio.to_thread(_next, rows, size):
        yield piece
        size = PIECE


def _next(rows: Iterator[Row], size: int) -> tuple[Row, ...]:
    piece: list[Row] = []
    characters = 0
    for row in rows:
        piece.append(row)
        characters += sum(map(len, row.fields))
        if len(piece) == size or characters > MAX_ROW:
            break
    return tuple(piece)


def _rows(lines: "_Lines", delimiter: str) -> Iterator[Row]:
    """Rows by number; lines that are empty are not counted."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        try:
            fields = next(reader, None)
        except csv.Error as error:
            raise lines.malformed() from error
        if fields is None:
            return
        if fields:
            yield Row(lines.row, tuple(fields))
            lines.row += 1
            lines.begun = 0


class _Lines:
    """Lines of a file as text, and where they are in it."""

    def __init__(self, file: BinaryIO, codec: str) -> None:
        self._file = file
        self._codec = codec
        self.row = 0
        self.line = 0
        self.begun = 0
        """Bytes of the present row so far, empty lines before it included."""
        self._last = b""
        """The line that was read last; empty at the end of the file."""

    def __iter__(self) -> Iterator[str]:
        while content := self._file.readline(MAX_ROW + 1):
            self._last = content
            self.line += 1
            self.begun += len(content)
            if self.begun > MAX_ROW:
                raise self._refused(f"is longer than {MAX_ROW} bytes; a line ends with LF or CR LF")
            yield self._decoded(content)
        self._last = b""

    def malformed(self) -> InvalidValue:
        """Why what was read last is no row."""
        if not self._last:
            return self._refused("has a quotation mark that nothing closes before the end of the file")
        if b"\r" in self._last.removesuffix(b"\n").removesuffix(b"\r"):
            return self._refused("has a CR outside of quotation marks; a line ends with LF or CR LF")
        return self._refused("has something else than a delimiter after a closing quotation mark")

    def _refused(self, reason: str) -> InvalidValue:
        return InvalidValue(f"row {self.row} (line {self.line}) {reason}")

    def _decoded(self, content: bytes) -> str:
        try:
            text = content.decode(self._codec)
        except UnicodeDecodeError as error:
            raise self._refused(f"is not in {self._codec.upper()}") from error
        return text.removeprefix(MARK) if self.line == 1 and self._codec == "utf-8" else text


def _open(directory: Path, name: str) -> BinaryIO:
    """A regular file that lies in the directory itself; a link is none."""
    if not name or len(name) > 255 or name in (".", "..") or set(name) & set("/\\\0"):
        raise InvalidValue("profiles is the plain name of a file in the directory for imports")
    try:
        within = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise InvalidValue("the directory for imports cannot be read") from error
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=within)
    except (OSError, UnicodeEncodeError) as error:
        raise InvalidValue(f'there is no file "{shown(name)}" in the directory for imports that can be read') from error
    finally:
        os.close(within)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise InvalidValue(f'"{shown(name)}" is no file')
    return os.fdopen(descriptor, "rb")
