"""The files of the provisioning, in a directory of their own."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from busyout.domain.errors import NotStored
from busyout.domain.plugin import MAX_INDEX

INDEX: Final = "plugins.db"
PREVIOUS: Final = "plugins.db.previous"


class FolderDepot:
    """Implements `ports.depot.Depot`."""

    def __init__(self, home: Path) -> None:
        """`home` is made at its first use."""
        self._index = home / INDEX
        self._previous = home / PREVIOUS
        self._candidate = home / "cache" / "index" / INDEX
        self._packages = home / "cache" / "packages"

    async def index(self) -> bytes | None:
        """The index that is in effect; None while there is none."""
        return await asyncio.to_thread(_read, self._index)

    async def candidate(self) -> Path:
        """Where the next index is fetched to, and its signature beside it; its directory is there."""
        await asyncio.to_thread(_make, self._candidate.parent)
        return self._candidate

    async def remember(self) -> bool:
        """Lay a copy of the index that is in effect aside; false when there is none. Idempotent."""
        return await asyncio.to_thread(_copy, self._index, self._previous)

    async def replace(self) -> None:
        """Make the fetched index the one that is in effect, at once and so that it lasts. Idempotent."""
        if not await asyncio.to_thread(_copy, self._candidate, self._index):
            raise NotStored("the index that was fetched is gone")

    async def restore(self, *, had: bool) -> None:
        """Put what was laid aside into effect again, or no index where there `had` been none. Idempotent."""
        if had:
            await asyncio.to_thread(_bring_back, self._previous, self._index)
        else:
            await asyncio.to_thread(_remove, self._index)

    async def package(self, plugin: str, filename: str) -> Path:
        """Where a plug-in's package is fetched to; its directory is there, without what was fetched of other names."""
        path = self.fetched(plugin, filename)
        await asyncio.to_thread(_keep_only, path.parent, filename)
        return path

    def fetched(self, plugin: str, filename: str) -> Path:
        """Where `package` had it fetched to; nothing is asked of the disk."""
        return self._packages / plugin / filename

    async def forget(self, plugin: str) -> None:
        """Remove what was fetched for a plug-in. Idempotent."""
        await asyncio.to_thread(_remove, self._packages / plugin)


@contextmanager
def _storing() -> Iterator[None]:
    """What the system says of the disk becomes `NotStored`."""
    try:
        yield
    except OSError as error:
        raise NotStored(f"{error.strerror or error} ({error.filename})") from error


def _make(folder: Path) -> None:
    with _storing():
        folder.mkdir(parents=True, exist_ok=True)


def _read(path: Path) -> bytes | None:
    """What a file holds, up to what an index may have and a byte more; None where there is no file."""
    with _storing():
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return file.read(MAX_INDEX + 1)


def _copy(source: Path, target: Path) -> bool:
    """Make a file appear with the content of another, at once; false when there is no other."""
    half = target.with_name(f".{target.name}.half")
    with _storing():
        if not source.is_file():
            return False
        shutil.copyfile(source, half)
        _sync(half, os.O_RDONLY)
        half.replace(target)
        _sync(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    return True


def _bring_back(previous: Path, index: Path) -> None:
    """Copy the previous index over the present one, unless they are the same: a full disk has nothing to undo."""
    if _read(previous) != _read(index):
        _copy(previous, index)


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _keep_only(folder: Path, filename: str) -> None:
    """Make a folder, and remove what in it does not begin with that name: signatures and what is half fetched do."""
    with _storing():
        folder.mkdir(parents=True, exist_ok=True)
        for other in folder.iterdir():
            if not other.name.startswith(filename):
                other.unlink()


def _remove(path: Path) -> None:
    with _storing():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
            if path.parent.is_dir():
                _sync(path.parent, os.O_RDONLY | os.O_DIRECTORY)
