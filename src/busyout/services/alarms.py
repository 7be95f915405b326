"""Alarms: raised once, cleared once, told to everybody who reads along."""

from collections.abc import Collection
from typing import Final

from busyout.domain.alarm import Alarm
from busyout.ports.clock import Clock
from busyout.ports.store import AlarmList
from busyout.services.events import Events

PAGE: Final = 1000
"""Alarms taken in at once."""


class Alarms:
    """Raises and clears alarms."""

    def __init__(self, store: AlarmList, events: Events, clock: Clock) -> None:
        self._store = store
        self._events = events
        self._clock = clock
        self._known: set[tuple[str, str, str]] = set()
        self._changes = 0

    async def refresh(self) -> None:
        """Take in which alarms are active, also those that another server raised or cleared."""
        known: set[tuple[str, str, str]] = set()
        after, before = 0, self._changes
        while page := await self._store.active(after=after, limit=PAGE):
            known.update((alarm.element, alarm.source, alarm.name) for alarm in page)
            after = page[-1].id
        if self._changes == before:  # else what was read may be older than what was done meanwhile
            self._known = known

    async def raise_(self, alarm: Alarm) -> None:
        """Raise an alarm; one that is active already stays as it is and nobody is told again."""
        if (alarm.element, alarm.source, alarm.name) in self._known:
            return
        event = self._events.new(
            "alarm.raised",
            element=alarm.element,
            name=alarm.name,
            source=alarm.source,
            severity=alarm.severity.value,
            text=alarm.text,
        )
        self._changes += 1
        _, stored = await self._store.raise_(alarm, event)
        self._known.add((alarm.element, alarm.source, alarm.name))
        self._changes += 1
        if stored is not None:
            self._events.publish((stored,))

    async def clear(self, element: str, source: str, name: str) -> None:
        """Clear the active alarm of that name; nothing when there is none."""
        if (element, source, name) not in self._known:
            return
        self._changes += 1
        self._events.publish(await self._store.clear(element, source, name, at=self._clock.now()))
        self._known.discard((element, source, name))
        self._changes += 1

    async def clear_of_others(self, elements: Collection[str]) -> None:
        """Clear every active alarm of an element that is none of these."""
        for element, source, name in sorted(self._known):
            if element not in elements:
                await self.clear(element, source, name)

    def sources(self, element: str, name: str) -> frozenset[str]:
        """Parts of an element that have an active alarm of that name."""
        return frozenset(s for e, s, n in self._known if e == element and n == name)

    async def active(self, *, after: int = 0, limit: int = 100) -> tuple[Alarm, ...]:
        """Active alarms by id."""
        return await self._store.active(after=after, limit=limit)
