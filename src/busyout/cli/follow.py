"""Follows an operation to its end, also over a restart of the server."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from busyout.cli.exits import NotReachable, NotReady
from busyout.wire.native import Event, Operation, Progress

if TYPE_CHECKING:
    from busyout.cli.client import Client

LOOK_AGAIN = 5.0
"""Seconds without an event after which the operation is asked for, in case that one was lost."""

RECONNECT = (0.2, 0.5, 1.0, 2.0)
"""Seconds before each new try to reach the server; the last one again and again."""

PATIENCE = 300.0
"""Seconds without the server after which following is given up."""


class Sight(Struct, frozen=True):
    """An operation as it was seen last."""

    operation: Operation
    silent_for: float | None = None
    """Seconds since the server was last heard; None while it is there."""


async def follow(client: "Client", operation: Operation, *, patience: float = PATIENCE) -> AsyncIterator[Sight]:
    """Every change of an operation until it has settled; a server that is away is waited for.

    Raises:
        NotReachable: The server was away for longer than `patience` seconds.
    """
    yield Sight(operation)
    reading = _Reading(client, operation)
    heard_at, tries = time.monotonic(), 0
    while not reading.operation.settled:
        try:
            async for sight in reading.along():
                heard_at, tries = time.monotonic(), 0
                yield sight
        except (NotReachable, NotReady):
            away = time.monotonic() - heard_at
            if away > patience:
                raise
            yield Sight(reading.operation, silent_for=away)
            await asyncio.sleep(RECONNECT[min(tries, len(RECONNECT) - 1)])
            tries += 1


async def happenings(client: "Client", *, after: int | None, patience: float = PATIENCE) -> AsyncIterator[Event]:
    """Events as they happen, without end; a server that goes away is waited for, and nothing it stored is missed.

    Raises:
        NotReachable: The server was away for longer than `patience` seconds, or was not there to begin with.
    """
    stream = await client.events(after=after)
    heard_at, tries = time.monotonic(), 0
    while True:
        try:
            for event in await stream.next():
                after = event.id or after
                yield event
            heard_at, tries = time.monotonic(), 0
        except (NotReachable, NotReady):
            stream.close()
            if time.monotonic() - heard_at > patience:
                raise
            await asyncio.sleep(RECONNECT[min(tries, len(RECONNECT) - 1)])
            tries += 1
            with suppress(NotReachable, NotReady):
                stream = await client.events(after=after)


class _Reading:
    """One operation, and how far in the event log we are."""

    def __init__(self, client: "Client", operation: Operation) -> None:
        self.operation = operation
        self._client = client
        self._last_event: int | None = None

    async def along(self) -> AsyncIterator[Sight]:
        """Every change while the connection lasts, to the end of the operation."""
        stream = await self._client.events(after=self._last_event)
        try:
            self.operation = await self._client.operation(self.operation.id)
            yield Sight(self.operation)
            while not self.operation.settled:
                events = await stream.next(within=LOOK_AGAIN)
                self._last_event = max((event.id for event in events if event.id), default=self._last_event)
                before, self.operation = self.operation, await _after(self._client, self.operation, events)
                if self.operation != before:
                    yield Sight(self.operation)
        finally:
            stream.close()


async def _after(client: "Client", operation: Operation, events: list[Event]) -> Operation:
    """The operation after some events: progress is in the event, everything else is asked for."""
    concerning = [event for event in events if event.operation == operation.id]
    if events and not concerning:
        return operation
    if not concerning or any(event.type != "operation.progress" for event in concerning):
        return await client.operation(operation.id)
    return with_progress(operation, concerning[-1])


def with_progress(operation: Operation, event: Event) -> Operation:
    """The operation with the progress of an event; unchanged when it carries none for a step that runs."""
    try:
        progress = msgspec.convert(event.data.get("progress"), Progress)
    except msgspec.ValidationError:
        return operation
    label = event.data.get("step")
    steps = tuple(
        replace(step, progress=progress) if step.label == label and step.state == "running" else step
        for step in operation.steps
    )
    return replace(operation, steps=steps)
