"""The elements: their drivers, what was decided about them, and how they were at the last look."""

from pathlib import Path

from msgspec.structs import replace

from busyout.domain.configuration.datastore import Datastore
from busyout.domain.element import Element, ElementStatus, admits
from busyout.domain.engine import EngineSetup
from busyout.domain.errors import NoSuchElement
from busyout.domain.states import ADMINISTRATIVE_TRANSITIONS, AdministrativeEvent, AdministrativeState, move
from busyout.ports.driver import Driver, Drivers
from busyout.ports.store import ElementRegister
from busyout.services.configuration import Configuration
from busyout.services.sighting import Sightings

ALREADY = {
    AdministrativeEvent.UNLOCK: (AdministrativeState.UNLOCKED,),
    AdministrativeEvent.LOCK: (AdministrativeState.LOCKED,),
    AdministrativeEvent.SHUT_DOWN: (AdministrativeState.SHUTTING_DOWN, AdministrativeState.LOCKED),
    AdministrativeEvent.LAST_USER_QUIT: (AdministrativeState.LOCKED,),
}
"""States in which an event has nothing left to do, so that a step may be done twice."""


class Inventory:
    """Every element with its driver."""

    def __init__(
        self,
        register: ElementRegister,
        drivers: Drivers,
        configuration: Configuration,
        sightings: Sightings,
        home: Path,
    ) -> None:
        self._register = register
        self._drivers = drivers
        self._configuration = configuration
        self._sightings = sightings
        self._home = home
        self._elements: dict[str, Element] = {}
        self._made: dict[str, Driver] = {}

    async def open(self) -> None:
        """Take in the elements that the store knows. Starts nothing."""
        for element in await self._register.all():
            await self.take_in(element)

    async def close(self) -> None:
        """Let go of every engine without ending it."""
        for driver in self._made.values():
            await driver.close()

    def names(self) -> tuple[str, ...]:
        """Every element's name."""
        return tuple(self._elements)

    def element(self, name: str) -> Element:
        """What was decided about an element.

        Raises:
            NoSuchElement: There is none of that name.
        """
        try:
            return self._elements[name]
        except KeyError:
            raise NoSuchElement(f"there is no element {name!r}") from None

    def driver(self, name: str) -> Driver:
        """The driver of an element.

        Raises:
            NoSuchElement: There is none of that name.
        """
        self.element(name)
        return self._made[name]

    def status(self, name: str) -> ElementStatus:
        """How an element was at the last look.

        Raises:
            NoSuchElement: There is none of that name.
        """
        self.element(name)
        return self._sightings.last(name)

    def statuses(self) -> tuple[ElementStatus, ...]:
        """How every element was at the last look."""
        return tuple(self._sightings.last(name) for name in self._elements)

    async def look(self, name: str) -> ElementStatus:
        """Look at an element now; tells everybody when its states have changed.

        Raises:
            ElementUnreachable: It does not answer; the status says so from now on.
        """
        return await self._sightings.look(self.element(name), self.driver(name))

    async def configured(self, name: str) -> None:
        """Let the status say at once what is running and what is saved, without a look at the engine."""
        await self._sightings.configured(name)

    async def setup(self, name: str) -> EngineSetup:
        """What the element's engine is to be started with: running, and closed unless it is unlocked."""
        element = self.element(name)
        running = await self._configuration.read(name, Datastore.RUNNING)
        return EngineSetup(tables=running.tables, admitting=admits(element), retry_after=element.retry_after)

    async def start(self, name: str) -> None:
        """Start an element's engine, or attach to the one that runs, make it obey, and look at it.

        Raises:
            ElementUnreachable: It did not come up.
            InvalidConfiguration: It refuses its configuration.
        """
        driver = self.driver(name)
        await driver.start(await self.setup(name))
        element = self.element(name)  # as it is now: a drain may have begun while the engine came up
        await driver.admit(admits(element), retry_after=element.retry_after)
        await self.look(name)

    async def administrate(self, name: str, event: AdministrativeEvent, *, operation: str) -> AdministrativeState:
        """Move the administrative state and keep it; where the event has nothing left to do, the state stays.

        Raises:
            TransitionRefused: X.731 has no such transition.
        """
        element = self.element(name)
        if element.administrative in ALREADY[event]:
            return element.administrative
        state = move(ADMINISTRATIVE_TRANSITIONS, element.administrative, event)
        told = self._sightings.administrative_change(element, state, because=event.value, operation=operation)
        stored = await self._register.set_administrative(name, state, told)
        self._adopt(name, state)
        self._sightings.publish(stored)
        return state

    async def refresh(self) -> None:
        """Take in what another server on the same store has decided meanwhile.

        What was decided here while the store was read is newer than what was read, and stays.
        """
        before = dict(self._elements)
        known = {element.name: element for element in await self._register.all()}
        for name, element in known.items():
            mine = self._elements.get(name)
            if mine is not before.get(name):
                continue
            if mine is None:
                await self.take_in(element)
            elif element.administrative is not mine.administrative:
                self._adopt(name, element.administrative)
        for name in set(before) & set(self._elements) - set(known):
            await self.let_go(name)

    async def take_in(self, element: Element) -> None:
        """Make the driver of an element that the store knows; nothing where somebody else has done so meanwhile."""
        driver = self._drivers.make(element, self._home / element.name)
        expected = await self._sightings.expected(element, driver)
        if element.name in self._elements:
            await driver.close()
            return
        self._sightings.take_in(expected)
        self._made[element.name] = driver
        self._elements[element.name] = element

    async def probe(self, element: Element) -> None:
        """Find out whether an element could be taken in; changes nothing.

        Raises:
            InvalidValue: There is no driver of that name, or its options are wrong.
        """
        await self._drivers.make(element, self._home / element.name).close()

    async def let_go(self, name: str) -> None:
        """Drop the driver of an element that the store knows no longer. Idempotent."""
        driver = self._made.pop(name, None)
        self._elements.pop(name, None)
        self._sightings.forget(name)
        if driver is not None:
            await driver.close()

    def _adopt(self, name: str, state: AdministrativeState) -> None:
        self._elements[name] = replace(self._elements[name], administrative=state)
        self._sightings.decided(self._elements[name])
