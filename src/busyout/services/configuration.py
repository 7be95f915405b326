"""Configuration in its datastores, with the digests at hand."""

from busyout.domain.configuration.datastore import Datastore, Revision
from busyout.domain.configuration.tables import Tables, digest
from busyout.domain.errors import ConfigurationChanged
from busyout.ports.clock import Clock
from busyout.ports.store import ConfigurationArchive
from busyout.services.events import Events


class Configuration:
    """Reads and replaces what the datastores of an element hold."""

    def __init__(self, archive: ConfigurationArchive, events: Events, clock: Clock) -> None:
        self._archive = archive
        self._events = events
        self._clock = clock

    async def read(self, element: str, datastore: Datastore) -> Revision:
        """What the datastore holds.

        Raises:
            NoSuchElement: There is none of that name.
        """
        return await self._archive.current(element, datastore)

    async def digests(self, element: str) -> tuple[str, str]:
        """Digests of running and startup; equal when nothing is unsaved."""
        return await self._archive.digests(element)

    async def expect(self, element: str, expected: str | None) -> None:
        """Let a change pass that was made on the running configuration.

        Raises:
            ConfigurationChanged: Running has another digest than `expected`; None expects nothing.
        """
        if expected is not None and expected != (await self.digests(element))[0]:
            raise ConfigurationChanged

    async def replace(self, element: str, datastore: Datastore, tables: Tables) -> None:
        """Make `tables` the datastore's content; nothing when they are already."""
        fingerprint = digest(tables)
        if (await self.read(element, datastore)).digest == fingerprint:
            return
        now = self._clock.now()
        revision = Revision(element=element, datastore=datastore, tables=tables, digest=fingerprint, saved_at=now)
        event = self._events.new(
            "element.configuration", element=element, datastore=datastore.value, digest=fingerprint
        )
        self._events.publish((await self._archive.replace(revision, event),))

    def first(self, element: str, tables: Tables) -> tuple[Revision, ...]:
        """The datastores of a new element: running and startup alike."""
        now = self._clock.now()
        return tuple(
            Revision(element=element, datastore=datastore, tables=tables, digest=digest(tables), saved_at=now)
            for datastore in (Datastore.RUNNING, Datastore.STARTUP)
        )
