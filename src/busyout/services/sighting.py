"""How each element was when it was last looked at."""

from msgspec.structs import replace

from busyout.domain.element import Element, ElementStatus, admits, usage_of
from busyout.domain.engine import EngineInfo
from busyout.domain.errors import ElementUnreachable, NoSuchElement
from busyout.domain.event import Event
from busyout.domain.states import AdministrativeState, OperationalState, UsageState
from busyout.domain.traffic import Load
from busyout.ports.clock import Clock
from busyout.ports.driver import Driver
from busyout.services.configuration import Configuration
from busyout.services.events import Events


class Sightings:
    """Keeps the last status of each element, and tells when states change."""

    def __init__(self, configuration: Configuration, events: Events, clock: Clock) -> None:
        self._configuration = configuration
        self._events = events
        self._clock = clock
        self._last: dict[str, ElementStatus] = {}

    def last(self, name: str) -> ElementStatus:
        """The status at the last look.

        Raises:
            NoSuchElement: It was dropped.
        """
        try:
            return self._last[name]
        except KeyError:
            raise NoSuchElement(f"there is no element {name!r}") from None

    def forget(self, name: str) -> None:
        """Drop an element."""
        self._last.pop(name, None)

    def take_in(self, status: ElementStatus) -> None:
        """Keep the status of a new element."""
        self._last[status.element.name] = status

    async def expected(self, element: Element, driver: Driver) -> ElementStatus:
        """The status of an element that has not been looked at: disabled until it answers."""
        running, startup = await self._configuration.digests(element.name)
        return ElementStatus(
            element=element,
            operational=OperationalState.DISABLED,
            usage=UsageState.IDLE,
            load=None,
            version="",
            pid=0,
            up_since=None,
            capabilities=tuple(sorted(driver.capabilities, key=lambda capability: capability.value)),
            obeys=False,
            effective_digest="",
            running_digest=running,
            startup_digest=startup,
            seen_at=self._clock.now(),
        )

    def decided(self, element: Element) -> None:
        """Take in what was decided about an element."""
        self._last[element.name] = replace(self._last[element.name], element=element)

    async def configured(self, element: str) -> None:
        """Take in that what is running or saved of an element has changed."""
        running, startup = await self._configuration.digests(element)
        self._last[element] = replace(self.last(element), running_digest=running, startup_digest=startup)

    def administrative_change(
        self, element: Element, state: AdministrativeState, *, because: str, operation: str
    ) -> Event:
        """The event of a decision, to be stored with it."""
        return self._events.new(
            "element.state", element=element.name, operation=operation, administrative=state.value, because=because
        )

    def publish(self, event: Event) -> None:
        """Tell everybody of a stored event."""
        self._events.publish((event,))

    async def look(self, element: Element, driver: Driver) -> ElementStatus:
        """Read an element's state now.

        Raises:
            ElementUnreachable: It does not answer; its status is disabled from now on.
        """
        try:
            info, load = await driver.info(), await driver.load()
        except ElementUnreachable:
            await self._see(element, None, None)
            raise
        return await self._see(element, info, load)

    async def _see(self, element: Element, info: EngineInfo | None, load: Load | None) -> ElementStatus:
        running, startup = await self._configuration.digests(element.name)
        before = self.last(element.name)
        seen = replace(
            before,
            operational=OperationalState.DISABLED if info is None else OperationalState.ENABLED,
            usage=usage_of(load),
            load=load,
            version=before.version if info is None else info.version,
            pid=0 if info is None else info.pid,
            up_since=None if info is None else info.epoch,
            obeys=info is not None and info.admitting is admits(element),
            effective_digest="" if info is None else info.digest,
            running_digest=running,
            startup_digest=startup,
            seen_at=self._clock.now(),
        )
        self._last[element.name] = seen
        if (seen.operational, seen.usage) != (before.operational, before.usage):
            await self._events.append(
                self._events.new(
                    "element.state",
                    element=element.name,
                    operational=seen.operational.value,
                    usage=seen.usage.value,
                    administrative=seen.element.administrative.value,
                )
            )
        return seen
