"""A directory that exports are written to."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from pathlib import Path

from busyout.domain.errors import NotStored


class Folder:
    """Implements `ExportFolder`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def write(self, files: Mapping[str, AsyncIterator[bytes]]) -> None:
        """Write files beside their names first, so that each is whole where it can be seen."""
        beside = {name: self._directory / f".{name}.part" for name in files}
        try:
            for name, pieces in files.items():
                await self._fill(beside[name], pieces)
            await asyncio.to_thread(self._show, beside)
        except OSError as error:
            raise NotStored(f"the export cannot be written to {self._directory}: {error.strerror}") from error
        finally:
            for path in beside.values():
                with suppress(FileNotFoundError):
                    path.unlink()

    async def _fill(self, path: Path, pieces: AsyncIterator[bytes]) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            async for piece in pieces:
                file.write(piece)
            file.flush()
            await asyncio.to_thread(os.fsync, descriptor)

    def _show(self, beside: Mapping[str, Path]) -> None:
        for name, path in beside.items():
            path.rename(self._directory / name)
        descriptor = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
