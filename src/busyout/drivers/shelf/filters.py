"""Runs the filters of a recipe: each takes the files of one directory and leaves its own in another."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from busyout.domain.archive import Amount
from busyout.domain.errors import FilterFailed, UnsafeArchive
from busyout.domain.recipe import SOURCE, Filter, Recipe
from busyout.drivers.shelf.budget import Budget
from busyout.drivers.shelf.durable import DIRECTORY_MODE, is_directory, remove, there_is
from busyout.drivers.shelf.glob import excluded, included, matching
from busyout.drivers.shelf.own import share
from busyout.drivers.shelf.programs import PROGRAMS, unpack_with
from busyout.drivers.shelf.unpack import make_directories, unpack_tar, unpack_zip
from busyout.drivers.shelf.unsign import unsign


@dataclass(frozen=True, slots=True)
class Filtering:
    """One run of a recipe within a scratch directory."""

    scratch: Path
    search: str | None
    """Where programs are looked for; None for the PATH."""
    budget: Budget
    """What may be written."""

    def run(self, recipe: Recipe) -> Path:
        """Run all filters on the files in `source()`; the directory of the result.

        Raises:
            FilterFailed, UnsafeArchive: The message says which filter and why.
        """
        for one in recipe.filters:
            self.node(one.target).mkdir(parents=True)
            try:
                self._apply(one, self.node(one.source), self.node(one.target))
            except (FilterFailed, UnsafeArchive) as error:
                words = " ".join((one.name, *one.arguments))
                told = self.budget.told if isinstance(error, UnsafeArchive) else ""
                raise type(error)(f"{one.source}-{one.target}: {words}: {error.message}{told}") from error
        result = self.scratch / "result"
        result.mkdir()
        for one in recipe.filters:
            if one.target in recipe.terminals:
                self._bring(self.node(one.target), paths_of(self.node(one.target)), result)
        return result

    def node(self, name: str) -> Path:
        """The directory of a node."""
        return self.scratch / "nodes" / name

    def source(self) -> Path:
        """The directory that the downloaded files are to be put into."""
        return self.node(SOURCE)

    def _apply(self, one: Filter, source: Path, target: Path) -> None:
        paths = paths_of(source)
        match one.name:
            case "unzip" | "untar" | "unrar" | "7z":
                for path in _found(one.arguments, paths):
                    self._unpack(one.name, source / path, target)
            case "include":
                self._bring(source, included(one.arguments, paths), target)
            case "exclude":
                self._bring(source, excluded(one.arguments, paths), target)
            case "cp":
                self._copy(source, _found(one.arguments[:-1], paths), target, one.arguments[-1])
            case "unsign":
                path, *_ = _only(_found(one.arguments[:1], paths))
                self.budget.spend(Amount((source / path).stat().st_size, 1))
                unsign(source / path, _place(target, one.arguments[1]))

    def _unpack(self, name: str, archive: Path, into: Path) -> None:
        if name in PROGRAMS:
            self._with_program(name, archive, into)
            return
        unpack = unpack_zip if name == "unzip" else unpack_tar
        self.budget.spend(unpack(archive, into, self.budget.bounds))

    def _with_program(self, name: str, archive: Path, into: Path) -> None:
        made = self.scratch / "program"
        made.mkdir()
        self.budget.spend(unpack_with(name, archive, made, self.budget.bounds, search=self.search))
        self._bring(made, paths_of(made), into)
        remove(made)

    def _copy(self, source: Path, found: list[str], target: Path, name: str) -> None:
        """Copy to a directory where the name ends with a slash, else to a file."""
        if name.endswith("/") or name == ".":
            for path in found:
                self._copy_one(source / path, _place(target, f"{name}/{Path(path).name}"))
            return
        path = _only(found)[0]
        place = _place(target, name)
        if is_directory(source / path) or is_directory(place):
            raise FilterFailed(f"{name!r} would be a directory; a slash at its end says so")
        self._copy_one(source / path, place)

    def _copy_one(self, source: Path, target: Path) -> None:
        if is_directory(source):
            target.mkdir(DIRECTORY_MODE, exist_ok=True)
            self._bring(source, paths_of(source), target)
        else:
            _put(source, target)

    def _bring(self, source: Path, paths: Sequence[str], target: Path) -> None:
        """Make files and directories of one tree appear in another; the later file of two wins."""
        self.budget.spend(Amount(0, len(paths)))
        for path in paths:
            if is_directory(source / path):
                _directory(target / path)
            else:
                _put(source / path, _place(target, path))


def paths_of(directory: Path) -> list[str]:
    """Everything below a directory, sorted, directories before what is in them."""
    found = []
    for folder, folders, files in os.walk(directory):
        found += [str(Path(folder, name).relative_to(directory)) for name in (*folders, *files)]
    return sorted(found, key=lambda path: path.split("/"))


def _found(patterns: Sequence[str], paths: Sequence[str]) -> list[str]:
    found = matching(patterns, paths)
    if not found:
        raise FilterFailed("nothing there is called so")
    return found


def _only(found: list[str]) -> list[str]:
    if len(found) > 1:
        raise FilterFailed(f"one file is wanted; there are {len(found)}")
    return found


def _place(directory: Path, name: str) -> Path:
    """The path of a name in a directory, with the directories to it made."""
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    if not parts:
        raise FilterFailed(f"{name!r} is no name of a file")
    try:
        make_directories(directory, parts[:-1])
    except FileExistsError as error:
        raise FilterFailed(f"{name!r} leads through a file") from error
    return directory.joinpath(*parts)


def _directory(path: Path) -> None:
    if there_is(path) and not is_directory(path):
        raise FilterFailed(f"{path.name!r} is a file and a directory")
    path.mkdir(DIRECTORY_MODE, parents=True, exist_ok=True)


def _put(source: Path, target: Path) -> None:
    if is_directory(target):
        raise FilterFailed(f"{target.name!r} is a file and a directory")
    target.unlink(missing_ok=True)
    share(source, target)
