"""The event log, and everybody who is reading along."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from busyout.domain.errors import TooManyStreams
from busyout.domain.event import Event
from busyout.ports.clock import Clock
from busyout.ports.store import EventLog

BACKLOG: Final = 1000
"""Most events that wait for one reader; a slower one catches up from the log and misses only progress."""

MAX_STREAMS: Final = 64
"""Most streams that are read at a time."""

MAX_STREAMS_OF_ONE: Final = 16
"""Most of them that one operator reads."""

REPLAY_PAGE: Final = 500
"""Events read from the log at once."""


class Events:
    """Publishes what happened to everybody who reads along, in the order of the log."""

    def __init__(self, log: EventLog, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        self._readers: dict[asyncio.Queue[Event | None], str] = {}
        """Each with the name of who reads."""
        self._newest = 0

    async def open(self) -> None:
        """Begin after what is in the log."""
        self._newest = await self._log.last_id()

    def new(self, kind: str, *, element: str = "", operation: str = "", **data: object) -> Event:
        """An event that happens now, not yet stored."""
        return Event(id=0, at=self._clock.now(), type=kind, element=element, operation=operation, data=data)

    def publish(self, events: tuple[Event, ...]) -> None:
        """Hand stored events, or progress, to the readers."""
        for event in events:
            self._newest = max(self._newest, event.id)
            for reader in self._readers:
                _offer(reader, event)

    async def append(self, *events: Event) -> None:
        """Store events and publish them."""
        self.publish(await self._log.append(events))

    async def relay(self) -> None:
        """Publish what other servers on the same store have logged since the last look."""
        while events := await self._log.since(self._newest, limit=REPLAY_PAGE):
            self.publish(events)

    async def since(self, after: int, *, limit: int) -> tuple[Event, ...]:
        """Stored events with an id above `after`, in order."""
        return await self._log.since(after, limit=limit)

    def stream(self, reader: str, *, after: int | None) -> AsyncIterator[Event]:
        """Events after the one of that id, then whatever happens; None begins with what happens now.

        Progress has id 0 and is not replayed. The iterator ends when `close` is called. It takes its place when it is
        begun, and ends at once where others have taken the last one since it was made.

        Raises:
            TooManyStreams: `reader`, or all operators together, read as many as they may.
        """
        self._room(reader)
        return self._read(reader, after)

    async def _read(self, name: str, after: int | None) -> AsyncIterator[Event]:
        try:
            self._room(name)
        except TooManyStreams:
            return
        reader: asyncio.Queue[Event | None] = asyncio.Queue(BACKLOG)
        self._readers[reader] = name
        try:
            last = self._newest if after is None else after
            async for event in self._missed(last):
                last = event.id
                yield event
            while (event_or_end := await reader.get()) is not None:
                if event_or_end.id == 0:
                    yield event_or_end
                elif event_or_end.id == last + 1:
                    last = event_or_end.id
                    yield event_or_end
                elif event_or_end.id > last:
                    async for event in self._missed(last):
                        last = event.id
                        yield event
        finally:
            del self._readers[reader]

    def close(self) -> None:
        """End every stream."""
        for reader in self._readers:
            while reader.full():
                reader.get_nowait()
            reader.put_nowait(None)

    def _room(self, name: str) -> None:
        """Let pass who may begin to read."""
        if len(self._readers) >= MAX_STREAMS:
            raise TooManyStreams(f"{MAX_STREAMS} streams of events are open, which is all there may be")
        if sum(reader == name for reader in self._readers.values()) >= MAX_STREAMS_OF_ONE:
            raise TooManyStreams(f"{name} has {MAX_STREAMS_OF_ONE} streams of events open, which is all one may have")

    async def _missed(self, last: int) -> AsyncIterator[Event]:
        while page := await self._log.since(last, limit=REPLAY_PAGE):
            for event in page:
                yield event
            last = page[-1].id


def _offer(reader: asyncio.Queue[Event | None], event: Event) -> None:
    """Put an event into a reader's queue; the oldest one gives way, and is read from the log later."""
    if reader.full():
        reader.get_nowait()
    reader.put_nowait(event)
