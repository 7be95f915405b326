"""Puts a plug-in in place, takes it away and takes either back, each as one switch that a crash cannot halve.

A switch is two renames, noted in `undo.json` before. Until it is settled that note stays, and with it the way back.
`recover` reads from what is there how far a crash let it come.
"""

from collections.abc import Iterable
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from busyout.domain.archive import PLUGIN_BOUNDS
from busyout.domain.errors import UnsafeArchive
from busyout.drivers.shelf.durable import (
    below,
    half_of,
    is_directory,
    move,
    remove,
    sync,
    sync_directory,
    sync_tree,
    there_is,
)
from busyout.drivers.shelf.own import carry_over
from busyout.drivers.shelf.places import MANIFEST, Places
from busyout.drivers.shelf.plugin import check_plugin, digest_of, make_manifest, read_manifest, read_small
from busyout.drivers.shelf.unpack import unpack_tar


class Undo(Struct, frozen=True):
    """The last switch, which has not been settled."""

    kind: Literal["place", "remove"]
    had: bool
    """Whether something was in place before."""
    archive: str
    """SHA-256 of the package that was put in place; empty for none."""


@dataclass(frozen=True, slots=True)
class Switch:
    """The switch of one plug-in; one thread at a time."""

    places: Places
    unseen: AbstractContextManager[object]
    """Held while nobody may look, because the plug-in is for a moment nowhere."""
    pool: Executor
    """What waits for the disk."""

    def place(self, archive: Path, version: str) -> None:
        """Make the content of an archive the plug-in; see `ports.shelf.Shelf.place`."""
        digest = digest_of(archive)
        undo = self._undo()
        if undo is not None and undo.archive == digest:
            return
        self.settle()
        try:
            made = self._stage(archive, version, digest)
            self._note(Undo("place", there_is(self.places.live), digest), below(self.places.staged))
            with self.unseen:
                if there_is(self.places.live):
                    self.places.live.rename(self.places.previous)
                made.rename(self.places.live)
            sync((self.places.work, self.places.root), self.pool)
        finally:
            remove(self.places.staged)

    def remove(self) -> None:
        """Take the plug-in away; see `ports.shelf.Shelf.remove`."""
        if not there_is(self.places.live):
            return
        self.settle()
        self._note(Undo("remove", had=True, archive=""))
        with self.unseen:
            move(self.places.live, self.places.previous)

    def restore(self) -> None:
        """Take the last switch back; nothing where there is none."""
        undo = self._undo()
        if undo is None:
            return
        with self.unseen:
            if undo.kind == "place":
                move(self.places.live, self.places.discarded)
            if undo.had:
                move(self.places.previous, self.places.live)
        self._forget()
        remove(self.places.discarded)

    def settle(self) -> None:
        """Give up the way back."""
        undo = self._undo()
        if undo is None:
            return
        if undo.kind == "remove":
            move(self.places.previous, self.places.removed)
        elif undo.had:
            move(self.places.previous, self.places.discarded)
        self._forget()
        self._lay_by()
        remove(self.places.discarded)
        if undo.kind == "place":
            remove(self.places.kept)

    def recover(self) -> None:
        """Finish or take back what a crash has interrupted."""
        places = self.places
        undo = self._undo()
        halfway = there_is(places.previous) and not there_is(places.live)
        if halfway and (undo is None or undo.kind == "place"):
            with self.unseen:
                move(places.previous, places.live)
        if undo is not None and self._is_over(undo):
            self._forget()
        elif undo is None:
            remove(places.previous)
        for half in (places.staged, places.discarded, places.scratch, half_of(places.undo)):
            remove(half)
        self._lay_by()

    def _is_over(self, undo: Undo) -> bool:
        """Whether a switch was not begun, or has been settled or taken back, but for its note."""
        places = self.places
        if undo.kind == "remove":
            return not there_is(places.previous)
        if undo.had:
            return there_is(places.live) and not there_is(places.previous)
        return not there_is(places.live)

    def _stage(self, archive: Path, version: str, digest: str) -> Path:
        """A whole plug-in in a place of its own, with the operator's files in it; not yet made to last."""
        places = self.places
        remove(places.staged)
        places.staged.mkdir(parents=True)
        unpack_tar(archive, places.staged, PLUGIN_BOUNDS, top=places.plugin)
        made = places.staged / places.plugin
        check_plugin(made, places.plugin, version)
        _complete(made, digest)
        if is_directory(places.live):
            carry_over(places.var, read_manifest(places.live).shipped, made / "var")
        else:
            carry_over(places.kept, {}, made / "var")
        return made

    def _lay_by(self) -> None:
        """Keep the operator's own files of a plug-in that was taken away."""
        places = self.places
        if not there_is(places.removed):
            return
        var = places.removed / "var"
        if is_directory(var):
            half = places.work / "staged"
            remove(half)
            carry_over(var, read_manifest(places.removed).shipped, half)
            sync_tree(half)
            remove(places.kept)
            move(half, places.kept)
        remove(places.removed)

    def _undo(self) -> Undo | None:
        try:
            return msgspec.json.decode(read_small(self.places.undo), type=Undo)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def _note(self, undo: Undo, with_it: Iterable[Path] = ()) -> None:
        """Write the note, after what it speaks of has been made to last."""
        self.places.work.mkdir(parents=True, exist_ok=True)
        half = half_of(self.places.undo)
        half.write_bytes(msgspec.json.encode(undo))
        sync((*with_it, half, self.places.work.parent), self.pool)
        half.replace(self.places.undo)
        sync_directory(self.places.work)

    def _forget(self) -> None:
        self.places.undo.unlink(missing_ok=True)
        sync_directory(self.places.work)


def _complete(made: Path, digest: str) -> None:
    """Add to an unpacked plug-in what it does not bring: the list of what it brought, and its folders."""
    manifest = make_manifest(made, digest)
    if there_is(made / MANIFEST):
        raise UnsafeArchive(f"it brings a {MANIFEST} of its own")
    for folder in ("", "templates", "tftpboot", "cache", "installed"):
        path = made / "var" / folder
        if there_is(path) and not is_directory(path):
            raise UnsafeArchive(f"its {path.relative_to(made)} is no directory")
        path.mkdir(exist_ok=True)
    (made / MANIFEST).write_bytes(msgspec.json.encode(manifest))
