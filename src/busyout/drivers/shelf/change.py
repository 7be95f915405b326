"""A change of what devices fetch: files put in place and taken away together with the record that says so.

Everything that a change needs is made first; then it appears as one directory, the change is carried out, and the
record decides: as long as it is not written, the change can be taken back, and once it is, it can only be finished.
"""

from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec import Struct

from busyout.domain.errors import FilterFailed
from busyout.drivers.shelf.durable import (
    half_of,
    is_directory,
    move,
    remove,
    sync_directory,
    sync_tree,
    there_is,
    write_file,
)
from busyout.drivers.shelf.places import Places
from busyout.drivers.shelf.plugin import MAX_RECORD, read_small
from busyout.drivers.shelf.records import Record, read_record
from busyout.drivers.shelf.unpack import make_directories

PLAN = "plan.json"
NEW, OLD = "new", "old"


class Plan(Struct, frozen=True):
    """What a change does."""

    package: str
    record: Record | None
    """Written at the end; None for a package that is taken away."""
    place: tuple[str, ...]
    """Files that come from `new`."""
    take: tuple[str, ...]
    """Files that go."""
    made: tuple[str, ...]
    """Directories that have to be made, the outer before the inner."""
    left: tuple[str, ...]
    """Directories that go when nothing is left in them."""


@dataclass(frozen=True, slots=True)
class Change:
    """The change of one plug-in's packages; one thread at a time."""

    places: Places

    def carry_out(self, plan: Plan, result: Path | None) -> None:
        """Do it; `result` is the directory of the new files, which are moved out of it."""
        self._require_real_directories(plan)
        half = self.places.scratch / "change"
        remove(half)
        (half / OLD).mkdir(parents=True)
        if result is not None:
            result.rename(half / NEW)
        (half / PLAN).write_bytes(msgspec.json.encode(plan))
        sync_tree(half)
        move(half, self.places.change)
        try:
            self._exchange(plan)
            self._finish(plan)
        except OSError:
            self.recover()
            if not self._is_decided(plan):
                raise

    def recover(self) -> None:
        """Finish or take back what a crash, or a disk, has interrupted."""
        if not there_is(self.places.change):
            return
        try:
            plan = msgspec.json.decode(read_small(self.places.change / PLAN, MAX_RECORD), type=Plan)
        except (OSError, msgspec.DecodeError):
            remove(self.places.change)
            return
        if self._is_decided(plan):
            self._finish(plan)
        else:
            self._take_back(plan)

    def _take_back(self, plan: Plan) -> None:
        """Undo what has been done of a change that has not been decided."""
        change, tftpboot = self.places.change, self.places.tftpboot
        for path in plan.place:
            if not there_is(change / NEW / path) and there_is(tftpboot / path):
                (tftpboot / path).rename(change / NEW / path)
        for path in (*plan.place, *plan.take):
            if there_is(change / OLD / path):
                (change / OLD / path).rename(tftpboot / path)
        self._drop_empty(plan.made)
        remove(half_of(self.places.records / plan.package))
        self._dismiss()

    def _exchange(self, plan: Plan) -> None:
        change, tftpboot = self.places.change, self.places.tftpboot
        tftpboot.mkdir(parents=True, exist_ok=True)
        for folder in plan.made:
            make_directories(tftpboot, tuple(folder.split("/")))
        for path in (*plan.take, *plan.place):
            if there_is(tftpboot / path):
                make_directories(change / OLD, tuple(path.split("/")[:-1]))
                (tftpboot / path).rename(change / OLD / path)
        sync_tree(change / OLD)
        for path in plan.place:
            (change / NEW / path).rename(tftpboot / path)
        for changed in {tftpboot / folder for folder in _folders((*plan.place, *plan.take))}:
            sync_directory(changed)

    def _finish(self, plan: Plan) -> None:
        record = self.places.records / plan.package
        if plan.record is not None:
            self.places.records.mkdir(exist_ok=True)
            write_file(record, msgspec.json.encode(plan.record))
        elif there_is(record):
            record.unlink()
            sync_directory(self.places.records)
        self._drop_empty(plan.left)
        self._dismiss()

    def _is_decided(self, plan: Plan) -> bool:
        record = self.places.records / plan.package
        if plan.record is None:
            return not there_is(record)
        found = read_record(record)
        return found is not None and found.change == plan.record.change

    def _drop_empty(self, folders: tuple[str, ...]) -> None:
        for folder in sorted(folders, reverse=True):
            path = self.places.tftpboot / folder
            if is_directory(path) and not any(path.iterdir()):
                path.rmdir()

    def _dismiss(self) -> None:
        remove(self.places.scratch)
        self.places.scratch.mkdir()
        move(self.places.change, self.places.scratch / "done")
        remove(self.places.scratch)

    def _require_real_directories(self, plan: Plan) -> None:
        """Refuse to write through a link, or over a directory, that somebody has put there."""
        tftpboot = self.places.tftpboot
        for folder in _folders(plan.place):
            path = tftpboot / folder
            if there_is(path) and not is_directory(path):
                raise FilterFailed(f"{path.relative_to(self.places.live)} is there and is no directory")
        for file in plan.place:
            if is_directory(tftpboot / file):
                raise FilterFailed(f"{file!r} is a directory in var/tftpboot already")


def _folders(paths: tuple[str, ...]) -> set[str]:
    """Every directory on the way to a file, and the one that they all begin in."""
    return {"."} | {
        "/".join(parts[:end]) for path in paths for parts in [path.split("/")] for end in range(1, len(parts))
    }
