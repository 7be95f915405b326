"""The operator's own files below a plug-in's `var`: what is there and did not come with the plug-in."""

import errno
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from busyout.drivers.shelf.durable import DIRECTORY_MODE, is_directory, remove, there_is
from busyout.drivers.shelf.plugin import digest_of


def own_files(var: Path, shipped: Mapping[str, str]) -> Iterator[Path]:
    """Paths below `var`, directories before what is in them, without what was shipped and is as it was shipped."""
    for folder, folders, files in os.walk(var):
        folders.sort()
        for name in (*folders, *sorted(files)):
            path = Path(folder, name)
            below = path.relative_to(var)
            if str(below) not in shipped or not _unchanged(path, shipped[str(below)]):
                yield below


def carry_over(var: Path, shipped: Mapping[str, str], into: Path) -> None:
    """Bring the operator's own files of one `var` into another, where they win over what was shipped there.

    Files are linked, not copied: nothing is moved away, and a thousand phone images take no room.
    """
    if not is_directory(var):
        return
    into.mkdir(DIRECTORY_MODE, exist_ok=True)
    for below in own_files(var, shipped):
        _bring(var / below, into / below)


def share(source: Path, target: Path) -> None:
    """Make a file appear in a second place: the same file where the file system can, else a copy."""
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP):
            raise
        shutil.copy2(source, target)


def _unchanged(path: Path, digest: str) -> bool:
    return stat.S_ISREG(path.lstat().st_mode) and digest_of(path) == digest


def _bring(source: Path, target: Path) -> None:
    mode = source.lstat().st_mode
    if stat.S_ISDIR(mode):
        if not is_directory(target):
            remove(target)
            target.mkdir(DIRECTORY_MODE)
            target.chmod(stat.S_IMODE(mode))
        return
    if there_is(target):
        remove(target)
    if stat.S_ISLNK(mode):
        target.symlink_to(source.readlink())
    elif stat.S_ISREG(mode):
        share(source, target)
