"""The shelf: plug-ins as directories below a root, one change of a plug-in at a time, all work in threads."""

import asyncio
import logging
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeVar

from busyout.domain.errors import NoSuchPlugin, UnsafeArchive
from busyout.domain.plugin import ID, MAX_PLUGINS
from busyout.drivers.shelf.change import Change
from busyout.drivers.shelf.durable import is_directory, storing
from busyout.drivers.shelf.packages import Packages, require_plugin
from busyout.drivers.shelf.places import BACKROOM, Places
from busyout.drivers.shelf.plugin import Mark, mark_of, read_info
from busyout.drivers.shelf.records import read_records
from busyout.drivers.shelf.switch import Switch
from busyout.ports.shelf import InstalledPackage, InstalledPlugin

T = TypeVar("T")

log = logging.getLogger(__name__)

LOCKS: Final = 64
"""Plug-ins share so many locks: two that share one wait for each other, nothing worse."""

AT_A_TIME: Final = 4
"""Files that wait for the disk side by side."""

NAMED: Final = 10
"""Most stray entries that one line of the log names."""


class FolderShelf:
    """Implements `ports.shelf.Shelf` and `ports.shelf.PackageShelf`. What a crash left is put right at the first use.

    A task that is cancelled leaves its thread to finish: what comes next for the plug-in waits for it.
    """

    def __init__(self, root: Path, *, search: str | None = None) -> None:
        """`root` is made when it is not there; `search` is where unrar and 7z are looked for, None for the PATH."""
        self._root = root
        self._search = search
        self._locks = tuple(Lock() for _ in range(LOCKS))
        self._unseen = Lock()
        self._opening = Lock()
        self._syncing = ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="shelf-sync")
        self._open = False
        self._strays: frozenset[str] = frozenset()
        self._read: dict[str, tuple[Mark, InstalledPlugin]] = {}
        """What was read of each plug-in, and what it is known by as long as it is the same."""

    async def open(self) -> None:
        """Put right what a crash left, now rather than at the first use."""
        await self._in_thread(lambda: None)

    async def installed(self) -> tuple[InstalledPlugin, ...]:
        """Every plug-in in place, by id."""
        return await self._in_thread(self._installed)

    async def place(self, plugin: str, archive: Path, *, version: str) -> None:
        """Make the content of an archive the plug-in."""
        if not ID.fullmatch(plugin):
            raise UnsafeArchive(f"no plug-in can be called {plugin!r}")
        await self._change(plugin, lambda places: self._switch(places).place(archive, version))

    async def restore(self, plugin: str) -> None:
        """Take back the last `place` or `remove`."""
        await self._change(plugin, lambda places: self._switch(places).restore())

    async def settle(self, plugin: str) -> None:
        """Forget what `restore` would bring back."""
        await self._change(plugin, lambda places: self._switch(places).settle())

    async def remove(self, plugin: str) -> None:
        """Take a plug-in away."""
        await self._change(plugin, lambda places: self._switch(places).remove())

    async def recipes(self, plugin: str) -> dict[str, Any]:
        """The packages that a plug-in offers, by id."""
        return await self._look(plugin, lambda places: dict(self._packages(places).recipes()))

    async def installed_packages(self, plugin: str) -> tuple[InstalledPackage, ...]:
        """The packages of a plug-in that are in place, by id."""
        records = await self._look(plugin, lambda places: read_records(places.records))
        return tuple(record.told() for record in records.values())

    async def cache(self, plugin: str) -> Path:
        """The directory that downloads of a plug-in's packages go to."""

        def made(places: Places) -> Path:
            places.cache.mkdir(parents=True, exist_ok=True)
            return places.cache

        return await self._look(plugin, made)

    async def install_package(self, plugin: str, package: str) -> InstalledPackage:
        """Run the filters of a package's recipe and put the result in place."""

        def install(places: Places) -> InstalledPackage:
            require_plugin(places)
            return self._packages(places).install(package).told()

        return await self._change(plugin, install)

    async def uninstall_package(self, plugin: str, package: str) -> None:
        """Take away what a package put in place."""

        def uninstall(places: Places) -> None:
            require_plugin(places)
            self._packages(places).uninstall(package)

        await self._change(plugin, uninstall)

    def _switch(self, places: Places) -> Switch:
        return Switch(places, self._unseen, self._syncing)

    def _packages(self, places: Places) -> Packages:
        return Packages(places, self._search)

    async def _change(self, plugin: str, act: Callable[[Places], T]) -> T:
        """Change a plug-in, nobody else changing it meanwhile, after what a failure has left of the last change."""
        places = self._places(plugin)

        def changed() -> T:
            with self._locks[zlib.crc32(plugin.encode()) % LOCKS]:
                self._recover(places)
                try:
                    return act(places)
                except OSError:
                    self._recover(places)
                    raise

        return await self._in_thread(changed)

    async def _look(self, plugin: str, act: Callable[[Places], T]) -> T:
        places = self._places(plugin)

        def looked() -> T:
            with self._unseen:
                require_plugin(places)
                return act(places)

        return await self._in_thread(looked)

    async def _in_thread(self, act: Callable[[], T]) -> T:
        def acted() -> T:
            with storing():
                self._put_right()
                return act()

        return await asyncio.to_thread(acted)

    def _places(self, plugin: str) -> Places:
        if not ID.fullmatch(plugin):
            raise NoSuchPlugin(f"no plug-in can be called {plugin!r}")
        return Places(self._root, plugin)

    def _put_right(self) -> None:
        """Recover every plug-in once."""
        with self._opening:
            if self._open:
                return
            backroom = self._root / BACKROOM
            backroom.mkdir(parents=True, exist_ok=True)
            for path in backroom.iterdir():
                if ID.fullmatch(path.name) and is_directory(path):
                    self._recover(Places(self._root, path.name))
            self._open = True

    def _recover(self, places: Places) -> None:
        self._switch(places).recover()
        Change(places).recover()

    def _installed(self) -> tuple[InstalledPlugin, ...]:
        found: list[InstalledPlugin] = []
        strays: list[str] = []
        with self._unseen:
            for name in sorted({path.name for path in self._root.iterdir()} - {BACKROOM}):
                plugin = self._plugin(name)
                if plugin is None:
                    strays.append(name)
                else:
                    found.append(plugin)
            self._read = {plugin.id: self._read[plugin.id] for plugin in found if plugin.id in self._read}
        self._tell(frozenset(strays))
        return tuple(found[:MAX_PLUGINS])

    def _plugin(self, name: str) -> InstalledPlugin | None:
        if not ID.fullmatch(name) or not is_directory(self._root / name):
            return None
        mark = mark_of(self._root / name)
        known = self._read.get(name)
        if known is not None and known[0] == mark:
            return known[1]
        try:
            info = read_info(self._root / name)
        except UnsafeArchive:
            return None
        plugin = InstalledPlugin(name, info["version"], info)
        if mark is not None:
            self._read[name] = mark, plugin
        return plugin

    def _tell(self, strays: frozenset[str]) -> None:
        """Log what lies about, each once."""
        new = sorted(strays - self._strays)
        self._strays = strays
        if new:
            log.warning("stray_entries", extra={"root": str(self._root), "count": len(new), "names": new[:NAMED]})
