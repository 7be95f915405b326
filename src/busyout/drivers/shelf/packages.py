"""Installs packages of a plug-in: checks what was downloaded, runs the filters, puts the result in place."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

from busyout.domain.archive import Amount
from busyout.domain.errors import InvalidRecipe, NoSuchPackage, NoSuchPlugin, UnsafeArchive
from busyout.domain.recipe import Recipe
from busyout.domain.recipe_file import read_recipes
from busyout.drivers.shelf.budget import Budget
from busyout.drivers.shelf.change import Change, Plan
from busyout.drivers.shelf.durable import is_directory, remove, there_is
from busyout.drivers.shelf.filters import Filtering, paths_of
from busyout.drivers.shelf.own import share
from busyout.drivers.shelf.places import Places
from busyout.drivers.shelf.plugin import read_info, read_small
from busyout.drivers.shelf.records import Record, mark_of, read_record, read_records
from busyout.drivers.shelf.trust import check_content
from busyout.ports.shelf import Expected

MAX_FILES: Final = 100
"""Most files in the directory of a plug-in's packages."""


@dataclass(frozen=True, slots=True)
class Packages:
    """The packages of one plug-in; one thread at a time."""

    places: Places
    search: str | None
    """Where programs are looked for; None for the PATH."""

    def recipes(self) -> dict[str, Recipe]:
        """What the plug-in offers; see `ports.shelf.PackageShelf.recipes`."""
        folder = self.places.live / "pkgs"
        if not is_directory(folder):
            return {}
        names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
        if len(names) > MAX_FILES:
            raise InvalidRecipe(f"there are more than {MAX_FILES} package files")
        return read_recipes({name: _text(folder / name) for name in names})

    def install(self, package: str) -> Record:
        """Put a package in place; see `ports.shelf.PackageShelf.install_package`."""
        recipes = self.recipes()
        if package not in recipes:
            raise NoSuchPackage(f"plug-in {self.places.plugin} has no package {package!r}")
        remove(self.places.scratch)
        try:
            return self._install(recipes[package])
        finally:
            remove(self.places.scratch)

    def uninstall(self, package: str) -> None:
        """Take away what a package put in place; nothing where it is not in place."""
        records = read_records(self.places.records)
        record = records.pop(package, None)
        if record is None:
            return
        others = {path for other in records.values() for path in other.files}
        taken = tuple(path for path in record.paths if path not in others and self._is_ours(path, record))
        left = tuple(folder for folder in record.directories if f"{folder}/" not in others)
        Change(self.places).carry_out(Plan(package, None, (), taken, (), left), None)

    def _install(self, recipe: Recipe) -> Record:
        filtering = Filtering(self.places.scratch, self.search, Budget())
        self._gather(recipe, filtering.source())
        result = filtering.run(recipe)
        self._separate(result, filtering)
        plan = self._plan(recipe, result)
        Change(self.places).carry_out(plan, result)
        record = read_record(self.places.records / recipe.id)
        if record is None:
            raise NoSuchPackage(f"the record of {recipe.id} is gone")
        return record

    def _gather(self, recipe: Recipe, source: Path) -> None:
        """Bring the downloaded files together, each checked again."""
        source.mkdir(parents=True)
        for file in recipe.files:
            cached, taken = self.places.cache / file.filename, source / file.filename
            hand = "" if file.url else f"; it has to be got from the vendor and put to {cached} by hand"
            expected = Expected(file.sha1, file.sha256, file.size)
            check_content(cached, expected, hint=hand)
            share(cached, taken)

    def _separate(self, result: Path, filtering: Filtering) -> None:
        """Let each file of the result be one of its own: what is done to one later is not to be seen in the cache."""
        taken = {path.stat().st_ino for path in filtering.source().iterdir()}
        for path in (result / name for name in paths_of(result)):
            if path.is_file() and path.stat().st_ino in taken:
                filtering.budget.spend(Amount(path.stat().st_size, 1))
                copy = self.places.scratch / "copy"
                shutil.copyfile(path, copy)
                copy.replace(path)
            taken.add(path.stat().st_ino)

    def _plan(self, recipe: Recipe, result: Path) -> Plan:
        records = read_records(self.places.records)
        before = records.pop(recipe.id, None) or Record(recipe.id, "")
        others = {path for other in records.values() for path in other.files}
        found = paths_of(result)
        folders = [path for path in found if is_directory(result / path)]
        files = tuple(path for path in found if not is_directory(result / path))
        made = tuple(path for path in folders if not there_is(self.places.tftpboot / path))
        ours = sorted({*made, *(folder for folder in before.directories if folder in folders)})
        gone = [path for path in before.paths if path not in files and path not in others]
        left = tuple(path for path in before.directories if path not in folders and f"{path}/" not in others)
        record = Record(
            id=recipe.id,
            version=recipe.version,
            description=recipe.description,
            files=(*(f"{path}/" for path in ours), *files),
            depends=recipe.depends,
            marks={path: mark for path in files if (mark := mark_of(result / path))},
            change=uuid4().hex,
        )
        return Plan(recipe.id, record, files, tuple(path for path in gone if self._is_ours(path, before)), made, left)

    def _is_ours(self, path: str, record: Record) -> bool:
        """Whether a file is there as the package left it."""
        mark = mark_of(self.places.tftpboot / path)
        return mark is not None and record.marks.get(path, mark) == mark


def require_plugin(places: Places) -> None:
    """Refuse what is asked of a plug-in that is not in place."""
    try:
        read_info(places.live)
    except UnsafeArchive as error:
        raise NoSuchPlugin(f"plug-in {places.plugin} is not in place") from error


def _text(path: Path) -> str:
    try:
        return read_small(path).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRecipe(f"{path.name}: {error}") from error
