"""Writing so that it survives: content before its name, a name before what relies on it."""

import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from busyout.domain.errors import NotStored

FILE_MODE: Final = 0o644
DIRECTORY_MODE: Final = 0o755


@contextmanager
def storing() -> Iterator[None]:
    """What the system says meanwhile of a disk that is full or refuses becomes `NotStored`."""
    try:
        yield
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise NotStored(f"{error.strerror or error}{where}") from error


def write_file(path: Path, content: bytes) -> None:
    """Make a file of that content appear, or replace one, at once."""
    half = half_of(path)
    with half.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    sync_directory(path.parent)


def half_of(path: Path) -> Path:
    """Where a file is written before it gets its name."""
    return path.with_name(f".{path.name}.half")


def move(source: Path, target: Path) -> None:
    """Rename, and make sure that it lasts."""
    source.rename(target)
    sync_directory(target.parent)
    if source.parent != target.parent:
        sync_directory(source.parent)


def sync_directory(path: Path) -> None:
    """Make the names in a directory last."""
    _sync(path)


def sync_tree(path: Path) -> None:
    """Make everything below a directory last, the directory too."""
    for one in below(path):
        _sync(one)


def sync(paths: Iterable[Path], pool: Executor) -> None:
    """Make files and directories last, side by side: one write of the file system's journal then serves several."""
    wanted = tuple(paths)
    for path in wanted:
        _begin_to_write(path)
    for _ in pool.map(_sync, wanted):
        pass


def below(path: Path) -> Iterator[Path]:
    """Every file and directory below a directory, what is in it before itself, and the directory at the end."""
    for folder, _, files in os.walk(path, topdown=False):
        for name in files:
            if stat.S_ISREG(os.lstat(f"{folder}/{name}").st_mode):
                yield Path(folder, name)
        yield Path(folder)


def _begin_to_write(path: Path) -> None:
    """Have a file's content on its way to the disk; without waiting for it."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(handle)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove(path: Path) -> None:
    """Remove whatever is there, without following a link; nothing when nothing is there."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(mode):
        shutil.rmtree(path)
    else:
        path.unlink()


def is_directory(path: Path) -> bool:
    """Whether a directory is there, and no link to one."""
    return path.is_dir() and not path.is_symlink()


def there_is(path: Path) -> bool:
    """Whether anything is there, a link that leads nowhere included."""
    return os.path.lexists(path)
