"""A directory that exports are written to."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import ExitStack, suppress
from io import BufferedWriter
from pathlib import Path
from typing import Final

from busyout.domain.errors import NotStored

UNFINISHED: Final = ".part"
"""How a file is called that is not whole."""

ABANDONED: Final = 86_400.0
"""Seconds after which nobody writes to such a file any more."""


class Folder:
    """Implements `ExportFolder`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def write(self, names: tuple[str, ...], pieces: AsyncIterator[tuple[str, bytes]]) -> None:
        """Write files beside their names first, so that each is whole where it can be seen."""
        beside = {name: self._directory / f".{name}{UNFINISHED}" for name in names}
        try:
            await asyncio.to_thread(self._sweep)
            await self._fill(beside, pieces)
            await asyncio.to_thread(self._show, beside)
        except OSError as error:
            raise NotStored(f"the export cannot be written to {self._directory}: {error.strerror}") from error
        finally:
            _forget(beside.values())

    async def _fill(self, beside: Mapping[str, Path], pieces: AsyncIterator[tuple[str, bytes]]) -> None:
        with ExitStack() as opened:
            files = {name: opened.enter_context(_new(path)) for name, path in beside.items()}
            async for name, piece in pieces:
                await asyncio.to_thread(files[name].write, piece)
            for file in files.values():
                await asyncio.to_thread(_to_disk, file)

    def _show(self, beside: Mapping[str, Path]) -> None:
        shown: list[Path] = []
        try:
            for name, path in beside.items():
                (self._directory / name).hardlink_to(path)
                shown.append(self._directory / name)
            _to_disk_directory(self._directory)
        except OSError:
            _forget(shown)
            raise

    def _sweep(self) -> None:
        """Remove what a server that died has left."""
        for path in self._directory.glob(f".*{UNFINISHED}"):
            with suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > ABANDONED:
                    path.unlink()


def _new(path: Path) -> BufferedWriter:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _to_disk(file: BufferedWriter) -> None:
    file.flush()
    os.fsync(file.fileno())


def _to_disk_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _forget(paths: Iterable[Path]) -> None:
    for path in paths:
        with suppress(FileNotFoundError):
            path.unlink()
