"""The records of packages that are in place: one JSON file each, in `var/installed`."""

from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from busyout.domain.recipe_file import NAME
from busyout.drivers.shelf.plugin import MAX_RECORD, read_small
from busyout.ports.shelf import InstalledPackage

MAX_RECORDS: Final = 10_000
"""Most packages of one plug-in that are looked at."""

Mark = tuple[int, int]
"""Size and time of a file, by which one that somebody has replaced is told from ours."""


class Record(Struct, frozen=True):
    """What a package has put in place."""

    id: str
    version: str
    description: str = ""
    files: tuple[str, ...] = ()
    """Paths below `var/tftpboot`; directories that were made for them end with a slash."""
    depends: tuple[str, ...] = ()
    explicit_install: bool = True
    marks: dict[str, Mark] = {}
    """Empty where it was not the shelf that wrote the record."""
    change: str = ""
    """Of the change that wrote it."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Files only."""
        return tuple(path for path in self.files if not path.endswith("/"))

    @property
    def directories(self) -> tuple[str, ...]:
        """Directories that were made, without the slash."""
        return tuple(path.rstrip("/") for path in self.files if path.endswith("/"))

    def told(self) -> InstalledPackage:
        """As the port has it."""
        return InstalledPackage(self.id, self.version, self.description, self.paths)


def read_record(path: Path) -> Record | None:
    """A record; None where there is none, or what is there is none."""
    try:
        record = msgspec.json.decode(read_small(path, MAX_RECORD), type=Record)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return record if all(_is_below(file) for file in record.files) and record.id == path.name else None


def read_records(folder: Path) -> dict[str, Record]:
    """Every record in a directory, by the id of the package; what else is there is left out."""
    try:
        names = sorted(path.name for path in folder.iterdir() if NAME.fullmatch(path.name))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    read = ((name, read_record(folder / name)) for name in names[:MAX_RECORDS])
    return {name: record for name, record in read if record is not None}


def mark_of(path: Path) -> Mark | None:
    """The mark of a file; None where nothing is."""
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_size, found.st_mtime_ns


def _is_below(file: str) -> bool:
    """Whether a path of a record, which anybody could have written, leads nowhere else."""
    return not file.startswith("/") and all(part not in ("", ".", "..") for part in file.rstrip("/").split("/"))
