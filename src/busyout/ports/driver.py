"""What an engine or device must offer to be managed. Graceful logic lives in the services, never in a driver."""

from collections.abc import AsyncIterator, Collection
from pathlib import Path
from typing import Protocol

from busyout.domain.configuration.tables import Tables
from busyout.domain.element import Element
from busyout.domain.engine import (
    Applied,
    Capability,
    EngineEvent,
    EngineInfo,
    EngineSetup,
    Stopped,
    TrunkStatus,
)
from busyout.domain.traffic import Call, Counters, Ended, Load


class Lifecycle(Protocol):
    """Start and stop."""

    async def start(self, setup: EngineSetup) -> EngineInfo:
        """Spawn the engine, or attach to the one that runs; return when it answers.

        Idempotent: an engine that runs is neither restarted nor reconfigured.

        Raises:
            ElementUnreachable: It did not answer in time, or ended at once; the message says why.
            InvalidConfiguration: The engine refuses the tables, or an address is taken.
        """

    async def info(self) -> EngineInfo:
        """Who answers now.

        Raises:
            EngineGone: The process has ended or was never started.
            ElementUnreachable: It exists and does not answer.
        """

    async def stop(self, *, kill_after: float = 10.0) -> Stopped | None:
        """End the engine at once and return when its process is gone; None when it was gone already.

        Never drains. Idempotent. `kill_after` is in seconds.

        Raises:
            StopTimeout: The process is there even after it was killed.
        """

    async def take_over(self, setup: EngineSetup) -> EngineInfo:
        """Replace the process by a new one that keeps calls and counts.

        Raises:
            NotSupported: The engine lacks `Capability.TAKEOVER`.
        """


class Admission(Protocol):
    """Whether new calls are let in."""

    async def admit(self, admitting: bool, *, retry_after: int) -> None:
        """Open or close; return when every worker obeys. Idempotent. `retry_after` is in seconds.

        Closed means: an INVITE that starts a call and an OPTIONS to the engine itself get 503 with Retry-After.
        Calls in progress keep working.
        """


class Traffic(Protocol):
    """Calls in progress."""

    async def load(self) -> Load:
        """Work in progress now."""

    async def calls(self, *, limit: int = 1000, after: str | None = None) -> tuple[Call, ...]:
        """Calls in progress, oldest first; `after` is the id of the last one of the previous page."""

    async def end(self, ids: Collection[str] | None) -> Ended:
        """End calls with BYE (or CANCEL) to both sides; None for all of them. Idempotent.

        Raises:
            NoSuchCall: One single id was given and it is not in progress.
        """

    async def counters(self) -> Counters:
        """Counters since the engine's epoch."""


class Routing(Protocol):
    """Configuration and trunks."""

    async def apply(self, tables: Tables, *, dry_run: bool = False) -> Applied:
        """Put tables into effect live as far as possible; all or nothing. Idempotent.

        Raises:
            InvalidConfiguration: The engine refuses them; nothing has changed.
        """

    async def trunks(self) -> tuple[TrunkStatus, ...]:
        """Every trunk and its state."""

    async def set_trunk(self, trunk: str, *, enabled: bool) -> None:
        """Use a trunk for new calls or not, until the next start. Idempotent.

        Raises:
            NoSuchTrunk: There is none of that id.
        """

    def events(self) -> AsyncIterator[EngineEvent]:
        """Hints that something changed, until the connection breaks; then ask for them anew."""


class Driver(Lifecycle, Admission, Traffic, Routing, Protocol):
    """Everything a managed engine offers. A method whose capability is missing raises `NotSupported`.

    Every method raises `EngineGone` or `ElementUnreachable` when the engine does not answer within a few seconds,
    and `EngineRefused` when it answers with an error.
    """

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What the engine can do beyond the necessary."""

    async def close(self) -> None:
        """Let go of the engine without ending it."""


class Drivers(Protocol):
    """The drivers there are."""

    def make(self, element: Element, home: Path) -> Driver:
        """The driver of an element; `home` is a directory of its own for sockets and logs.

        Raises:
            InvalidValue: There is no driver of that name, or its options are wrong.
        """
