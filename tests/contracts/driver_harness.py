"""What the driver contract needs of an engine to be checked, and what its checks share."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

import anyio

from busyout.domain.configuration.tables import Tables
from busyout.domain.engine import EngineEvent, EngineSetup
from busyout.ports.driver import Driver


@dataclass(frozen=True, slots=True)
class Answer:
    """What a caller was told."""

    status: int
    """SIP status."""
    retry_after: int | None
    """Seconds; None where the answer has no Retry-After."""


class Harness(Protocol):
    """One engine, stopped at first, and the parties that make calls through it."""

    tables: Tables
    """Leads every call to trunk set `first` (one trunk, index 0, kept alive); `second` (trunk 1) is there too."""

    def make(self) -> Driver:
        """A new driver of the engine; every one made is of the same engine."""

    async def place(self) -> str:
        """Make a call that is answered at once and stays up; its id."""

    async def ring(self) -> str:
        """Make a call that rings until `pick_up`; its id."""

    async def pick_up(self, call: str) -> bool:
        """Answer a call that rings; whether its caller learnt of it."""

    async def hang_up(self, call: str) -> bool:
        """Let the caller end a call; whether both sides saw it end properly."""

    async def offer(self) -> Answer:
        """Offer a call and end it at once where it is answered."""

    async def both_told(self, call: str) -> bool:
        """Whether both parties were told that the engine ended the call: BYE, or CANCEL and an error while it rang."""

    async def trunk_answers(self, answers: bool) -> None:
        """Let the far end of trunk `first/0` answer from now on, or not."""

    async def kill(self) -> None:
        """End the engine's process as a crash does."""

    async def wait(self, condition: Callable[[], Awaitable[bool]]) -> None:
        """Wait until the condition holds; fail after a few seconds."""


def setup_of(harness: Harness, *, admitting: bool = True, retry_after: int = 7) -> EngineSetup:
    """What the engine is started with."""
    return EngineSetup(harness.tables, admitting, retry_after)


async def started(harness: Harness) -> Driver:
    """A driver whose engine runs and admits calls."""
    driver = harness.make()
    await driver.start(setup_of(harness))
    return driver


async def wait_quiet(harness: Harness, driver: Driver) -> None:
    """Wait until nothing is in progress."""

    async def quiet() -> bool:
        return (await driver.load()).quiet

    await harness.wait(quiet)


async def wait_trunk(harness: Harness, driver: Driver, operational: str) -> None:
    """Wait until trunk `first/0` is in that state."""

    async def there() -> bool:
        return {trunk.id: trunk.operational for trunk in await driver.trunks()}["first/0"] == operational

    await harness.wait(there)


@dataclass(slots=True)
class Heard:
    """What a listener has heard so far."""

    events: list[EngineEvent] = field(default_factory=list)
    over: bool = False
    """Whether the stream has ended by itself."""


@asynccontextmanager
async def listening(harness: Harness, driver: Driver) -> AsyncIterator[Heard]:
    """Collect the engine's events from now on."""
    heard = Heard()

    async def collect() -> None:
        async for event in driver.events():
            heard.events.append(event)
        heard.over = True

    async def begun() -> bool:
        await driver.admit(False, retry_after=1)
        await driver.admit(True, retry_after=1)
        return any(event.kind == "admission" for event in heard.events)

    async with anyio.create_task_group() as group:
        group.start_soon(collect)
        await harness.wait(begun)
        yield heard
        group.cancel_scope.cancel()
