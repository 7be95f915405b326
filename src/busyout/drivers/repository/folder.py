"""The one folder of the settings, read as if it were a server."""

import os
import stat
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from io import FileIO
from pathlib import Path
from urllib.parse import unquote

from busyout.domain.errors import InvalidValue
from busyout.drivers.repository.arrival import Arrival
from busyout.drivers.repository.target import split
from busyout.drivers.repository.thread import Thread, own_thread
from busyout.drivers.repository.trouble import Unreadable

READ = 1 << 18


def read_path(url: str) -> Path | None:
    """The path that a `file:` URL or a plain absolute path names; None for every other URL.

    Raises:
        InvalidValue: It is a `file:` URL of another machine, or names no path.
    """
    if url.startswith("/"):
        return plain(url)
    parts, _ = split(url)
    if parts.scheme != "file":
        return None
    if parts.netloc not in {"", "localhost"} or not parts.path.startswith("/"):
        raise InvalidValue("a file: URL names no path of this machine")
    return plain(unquote(parts.path))


def plain(path: str) -> Path:
    """A path that the system can take.

    Raises:
        InvalidValue: It has a NUL.
    """
    if "\0" in path:
        raise InvalidValue("a path has a NUL")
    return Path(path)


@asynccontextmanager
async def folder_opened(path: Path, root: Path | None) -> AsyncIterator[Arrival]:
    """A file below the folder, coming whole; closed when the context ends.

    Raises:
        InvalidValue: It is not below the folder, or no folder may be read.
        Unreadable: There is no such file.
    """
    if root is None:
        raise InvalidValue(f"{path} is not fetched: no folder is the plug-in server of the settings")
    async with own_thread("folder") as thread:
        file = await thread.run(opened_below, path, root)
        try:
            total = os.fstat(file.fileno()).st_size
            yield Arrival(start=0, total=total, validator=None, etag=None, chunks=_chunks(thread, file))
        finally:
            thread.afterwards(file.close)


async def _chunks(thread: Thread, file: FileIO) -> AsyncGenerator[bytes, None]:
    try:
        while chunk := await thread.run(file.read, READ):
            yield chunk
    except OSError as error:
        raise Unreadable(f"it cannot be read: {error.strerror}") from error


def opened_below(path: Path, root: Path) -> FileIO:
    """A regular file, opened for reading. Links are followed as long as they stay below the root.

    Raises:
        InvalidValue: It leads elsewhere.
        Unreadable: It cannot be opened.
    """
    try:
        real = path.resolve(strict=True)
        if not real.is_relative_to(root.resolve(strict=True)):
            raise InvalidValue(f"{path} is not fetched: it is not below the plug-in server {root}")
        descriptor = os.open(real, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (OSError, RuntimeError) as error:
        raise Unreadable("there is no such file that can be read") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Unreadable("it is no file")
    return FileIO(descriptor)
