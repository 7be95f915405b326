"""A directory that exports are written to."""

import asyncio
import errno
import os
import stat
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from io import BufferedWriter
from pathlib import Path
from typing import Final

from busyout.domain.errors import NotStored

UNFINISHED: Final = ".busyout-part"
"""How a file is called that is not whole."""

ABANDONED: Final = 86_400.0
"""Seconds after which nobody writes to such a file any more."""


class Folder:
    """Implements `ExportFolder`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def write(self, names: tuple[str, ...], pieces: AsyncIterator[tuple[str, bytes]]) -> None:
        """Write files beside their names first, so that each is whole where it can be seen.

        The directory is opened once: what is done under its name meanwhile leads nowhere else.
        """
        try:
            with _opened(self._directory) as place:
                await _done(_sweep, place)
                await _fill(place, names, pieces)
        except OSError as error:
            raise NotStored(f"the export cannot be written to {self._directory}: {error.strerror}") from error


async def _fill(place: int, names: tuple[str, ...], pieces: AsyncIterator[tuple[str, bytes]]) -> None:
    with ExitStack() as made:
        files = {name: made.enter_context(_new(place, name)) for name in names}
        async for name, piece in pieces:
            await _done(files[name].write, piece)
        for file in files.values():
            await _done(_to_disk, file)
        await _done(_show, place, files)


async def _done(act: Callable[..., object], *given: object) -> None:
    """Do something in a thread; who is cancelled waits for it, for what it uses is closed after that."""
    acting = asyncio.ensure_future(asyncio.to_thread(act, *given))
    try:
        await asyncio.shield(acting)
    except asyncio.CancelledError:
        await asyncio.wait({acting})
        raise


@contextmanager
def _opened(directory: Path) -> Iterator[int]:
    place = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield place
    finally:
        os.close(place)


@contextmanager
def _new(place: int, name: str) -> Iterator[BufferedWriter]:
    """A file that is there under another name for as long as it is written to."""
    unfinished = _beside(name)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=place)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
    finally:
        _forget(place, (unfinished,))


def _beside(name: str) -> str:
    return f".{name}{UNFINISHED}"


def _show(place: int, files: Mapping[str, BufferedWriter]) -> None:
    """Give files their names, all of them or none."""
    shown: list[str] = []
    try:
        for name, file in files.items():
            os.link(_beside(name), name, src_dir_fd=place, dst_dir_fd=place, follow_symlinks=False)
            shown.append(name)
            if not os.path.samestat(os.fstat(file.fileno()), os.stat(name, dir_fd=place, follow_symlinks=False)):
                raise OSError(errno.ESTALE, "somebody has put another file in the place of the one that was written")
        os.fsync(place)
    except OSError:
        _forget(place, shown)
        raise


def _sweep(place: int) -> None:
    """Remove what a server that died has left."""
    for name in os.listdir(place):
        if name.startswith(".") and name.endswith(UNFINISHED):
            with suppress(FileNotFoundError):
                found = os.stat(name, dir_fd=place, follow_symlinks=False)
                if stat.S_ISREG(found.st_mode) and time.time() - found.st_mtime > ABANDONED:
                    os.unlink(name, dir_fd=place)


def _to_disk(file: BufferedWriter) -> None:
    file.flush()
    os.fsync(file.fileno())


def _forget(place: int, names: Iterable[str]) -> None:
    for name in names:
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=place)
