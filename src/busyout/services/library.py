"""Which plug-ins the repository offers and which are in place, as they were when one of the two last changed."""

import asyncio
import logging
from collections.abc import Mapping

from busyout.domain.errors import NoSuchPlugin, NotTrusted
from busyout.domain.plugin import PluginEntry, PluginIndex, read_index
from busyout.ports.depot import Depot
from busyout.ports.shelf import InstalledPlugin, Shelf

log = logging.getLogger(__name__)


class Library:
    """Knows the index and the shelf without asking the disk."""

    def __init__(self, shelf: Shelf, depot: Depot) -> None:
        self._shelf = shelf
        self._depot = depot
        self._index = PluginIndex({})
        self._installed: dict[str, InstalledPlugin] = {}
        self.edition = 0
        """Another number after each change."""

    @property
    def index(self) -> Mapping[str, PluginEntry]:
        """What the repository offers, in its order."""
        return self._index.plugins

    @property
    def installed(self) -> Mapping[str, InstalledPlugin]:
        """What is in place."""
        return self._installed

    async def open(self) -> None:
        """Take both in. An index that somebody has damaged is none, until the next update."""
        await self.look()
        try:
            await self.take_index()
        except NotTrusted as error:
            log.warning("index_damaged", extra={"reason": str(error)})

    async def look(self) -> None:
        """Take in what is in place now."""
        self._installed = {plugin.id: plugin for plugin in await self._shelf.installed()}
        self.edition += 1

    async def take_index(self) -> None:
        """Take in the index that is in effect now.

        Raises:
            NotTrusted: It is damaged.
        """
        content = await self._depot.index()
        self._index = PluginIndex({}) if content is None else await asyncio.to_thread(read_index, content)
        self.edition += 1

    def offered(self, plugin: str) -> PluginEntry:
        """What the repository offers under an id.

        Raises:
            NoSuchPlugin: Nothing.
        """
        try:
            return self._index.plugins[plugin]
        except KeyError:
            raise NoSuchPlugin(f"the index has no plug-in {plugin!r}; it may have to be updated") from None

    def in_place(self, plugin: str) -> InstalledPlugin:
        """A plug-in that is in place.

        Raises:
            NoSuchPlugin: It is not.
        """
        try:
            return self._installed[plugin]
        except KeyError:
            raise NoSuchPlugin(f"plugin {plugin} is not installed") from None
