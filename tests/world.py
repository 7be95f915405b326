"""The real server on simulated engines, in simulated time.

    async with World.opened(tmp_path) as world:
        world.sbc.call(seconds=20)
        answer = await world.client.post("/api/v1/actions/reset", json={"gracefulTimeout": 1})
        await world.clock.advance(21)
        assert world.sbc.restarts == 1

Everything but the engines, the clock and the durable engine is what a user runs: store, services, duties, faces, HTTP.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from argon2 import PasswordHasher
from tests.client import Client
from tests.clock import REAL_PATIENCE, ManualClock
from tests.inline_operations import InlineOperations

from busyout.domain.commands import Command
from busyout.domain.configuration.tables import (
    Classification,
    Interface,
    Peer,
    Route,
    Tables,
    Trunk,
    TrunkSet,
)
from busyout.domain.element import ElementStatus
from busyout.domain.errors import ElementUnreachable
from busyout.domain.operation import Operation
from busyout.domain.operator import Caller, Level
from busyout.drivers.registry import Registry
from busyout.drivers.simulated.engine import SimulatedEngine
from busyout.drivers.simulated.network import SimulatedNetwork
from busyout.http.services import Services
from busyout.ports.operations import Advance, DurableOperations
from busyout.server.duties import attend
from busyout.server.faces import FACES
from busyout.server.first_start import operators_of, take_in_new
from busyout.server.front import Front
from busyout.server.house import House, Outside, build
from busyout.services.duties.rounds import again_and_again
from busyout.settings import (
    ElementSettings,
    FaceSettings,
    OperatorSettings,
    ServerSettings,
    Settings,
    StoreSettings,
)
from busyout.store import Store, open_store

PASSWORD = "correct horse"
"""Of every operator."""

HASH = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
"""A cheap hash, so that tests are quick; the real cost is the business of its own tests."""

OPERATORS = tuple(
    OperatorSettings(name=name, password_hash=HASH, level=level)
    for name, level in (
        ("admin", "security-administrator"),
        ("operator", "administrator"),
        ("watcher", "monitor"),
    )
)

ADMIN = Caller("admin", Level.SECURITY_ADMINISTRATOR, "native", "127.0.0.1")
OPERATOR = Caller("operator", Level.ADMINISTRATOR, "native", "127.0.0.1")
WATCHER = Caller("watcher", Level.MONITOR, "native", "127.0.0.1")

TABLES = Tables(
    interface=(Interface(0, "sip", "127.0.0.1", 5060),),
    trunk_set=(TrunkSet(0, "carrier", keep_alive=True, keep_alive_interval=10.0),),
    trunk=(Trunk(0, "carrier", "127.0.0.1", 5080),),
    peer=(Peer(0, "users"), Peer(1, "trunk", "carrier")),
    classification=(Classification(0, "everyone", "users"),),
    route=(Route(0, "out", "trunk"),),
)
"""What an element is configured with where a test does not care."""


def element(name: str = "sbc", tables: Tables = TABLES, **options: str) -> ElementSettings:
    """An SBC on a simulated engine with these driver options."""
    rows = msgspec.to_builtins(tables)
    return ElementSettings(name=name, kind="sbc", driver="simulated", options=options, configuration=rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What kind of world."""

    store_url: str
    elements: Sequence[ElementSettings] = (element(),)
    duties: bool = True
    """Whether supervision, sweep and the other duties run: five wakings for each second that passes."""
    durable: Callable[[str], DurableOperations] = lambda url: InlineOperations()
    """Makes the durable engine of a store."""
    drain_warning: float = 4 * 3600.0
    keep_operations: float = 30 * 86400.0
    keep_events: int = 100_000

    def settings(self, home: Path) -> Settings:
        """As a settings file would say it."""
        return Settings(
            server=ServerSettings(
                data=home,
                listen=f"127.0.0.1:{free_port()}",
                drain_warning=self.drain_warning,
                keep_operations=self.keep_operations,
                keep_events=self.keep_events,
            ),
            store=StoreSettings(self.store_url),
            faces={name: FaceSettings(element="sbc" if name == "mediant" else None) for name in FACES},
            operators=OPERATORS,
            elements=tuple(self.elements),
        )


class WatchedOperations:
    """A durable engine whose work time waits for from its first step on."""

    def __init__(self, inner: DurableOperations, clock: ManualClock) -> None:
        self.start, self.forget, self.close = inner.start, inner.forget, inner.close
        self._inner = inner
        self._clock = clock

    async def open(self, advance: Advance) -> None:
        """Begin to work."""

        async def watched(operation: str) -> bool:
            task = asyncio.current_task()
            assert task is not None
            self._clock.watch(task)
            return await advance(operation)

        await self._inner.open(watched)


class Life:
    """One life of the server's objects on a world: from open to crash or close."""

    def __init__(self, settings: Settings, plan: Plan, clock: ManualClock, network: SimulatedNetwork) -> None:
        self._settings = settings
        self._plan = plan
        self._clock = clock
        self._network = network
        self._over = asyncio.Event()
        self.house: House
        self.store: Store
        self.front = Front(settings)
        self.durable = WatchedOperations(plan.durable(plan.store_url), clock)

    async def live(self) -> None:
        """What `busyout.server.run` does, in the same order, without signals."""
        self.store = await asyncio.to_thread(open_store, self._plan.store_url)
        operators = await operators_of(self._settings, self.store.operators, self._clock, os.environ)
        outside = Outside(
            store=self.store,
            drivers=Registry(self._clock, self._network),
            durable=self.durable,
            clock=self._clock,
            home=self._settings.server.data / "engines",
            drain_warning=self._plan.drain_warning,
            operations_kept=self._plan.keep_operations,
            events_kept=self._plan.keep_events,
        )
        async with asyncio.TaskGroup() as tasks:
            self.house = build(outside, operators, tasks)
            await self._open()
            serving = tasks.create_task(self.front.serve(self.house), name="front")
            await self.durable.open(self.house.services.operations.advance)
            duties = tasks.create_task(attend(self.house), name="duties") if self._plan.duties else None
            await self._watch_duties()
            self.front.ready = True
            await self._over.wait()
            self.front.ready = False
            self.house.services.events.close()
            self.front.end()
            await serving
            if duties is not None:
                duties.cancel()
            await self.durable.close()
            await self.house.close()

    async def _open(self) -> None:
        await self.house.open()
        names = self.house.services.inventory.names
        await take_in_new(self._settings, self.house.services.roster, names())
        for name in names():
            try:
                await self.house.services.inventory.start(name)
            except ElementUnreachable:
                continue  # as in the real start: the supervision takes care of it

    async def _watch_duties(self) -> None:
        """Let time wait for the duties from their first round on."""
        await asyncio.sleep(0)
        for task in asyncio.all_tasks():
            if getattr(task.get_coro(), "__qualname__", "") == again_and_again.__qualname__:
                self._clock.watch(task)

    def end(self) -> None:
        """Let `live` return, in good order."""
        self._over.set()

    async def drop(self) -> None:
        """Give back what only the operating system would; nothing is told to anybody."""
        self.front.release()
        await self.durable.close()
        if hasattr(self, "house"):
            self.house.operators.close()
        if hasattr(self, "store"):
            await self.store.close()


class World:
    """Engines that carry calls, and a server that manages them and may die."""

    def __init__(self, home: Path, plan: Plan) -> None:
        self.clock = ManualClock()
        self.network = SimulatedNetwork(self.clock)
        self.client: Client
        """Asks as `admin`."""
        self._home = home
        self._plan = plan
        self._life: Life | None = None
        self._living: asyncio.Task[None] | None = None
        self._clients: AsyncExitStack
        self._base = ""

    @classmethod
    @asynccontextmanager
    async def opened(cls, home: Path, plan: Plan | None = None) -> AsyncIterator["World"]:
        """A world with a server that is ready; what is kept is under `home`, unless the plan says otherwise."""
        world = cls(home, plan or Plan(store_url=f"sqlite:///{home}/busyout.db"))
        try:
            await world.reopen()
            yield world
            await world.close()
        finally:
            await world.crash()

    @property
    def sbc(self) -> SimulatedEngine:
        """The engine of the element `sbc`."""
        return self.network.engine("sbc")

    def engine(self, name: str) -> SimulatedEngine:
        """The engine of any element."""
        return self.network.engine(name)

    @property
    def house(self) -> House:
        """The services and what keeps them going."""
        assert self._life is not None, "the server is down"
        return self._life.house

    @property
    def services(self) -> Services:
        """What faces call."""
        return self.house.services

    @property
    def store(self) -> Store:
        """Where everything is kept."""
        assert self._life is not None, "the server is down"
        return self._life.store

    @property
    def status(self) -> ElementStatus:
        """How the element `sbc` was at the last look."""
        return self.services.inventory.status("sbc")

    def client_of(self, name: str | None, password: str = PASSWORD) -> Client:
        """A client that asks as an operator; without credentials where `name` is None."""
        return Client(self._base, (name, password) if name else None, self._clients)

    async def start(self, command: Command, *, on: str = "sbc", key: str | None = None) -> Operation:
        """Start an operation in the name of `admin`."""
        return await self.services.operations.start(ADMIN, on, command, key=key)

    async def settled(self, operation: str, *, within: float = 3600.0) -> Operation:
        """Let time pass until an operation has settled."""

        async def over() -> bool:
            return (await self.services.operations.find(operation)).settled

        await self.clock.run_until(over, within=within)
        return await self.services.operations.find(operation)

    async def done(self, command: Command, *, on: str = "sbc", within: float = 3600.0) -> Operation:
        """Start an operation and let time pass until it has settled."""
        return await self.settled((await self.start(command, on=on)).id, within=within)

    async def crash(self) -> None:
        """Let the server die on the spot: nothing is finished, told or cleaned up. Engines go on. Idempotent.

        Raises what the server had died of before, if it had.
        """
        if self._living is None or self._life is None:
            return
        life, living = self._life, self._living
        self._life = self._living = None
        living.cancel()
        await asyncio.wait({living})
        await life.drop()
        await self._clients.aclose()
        if not living.cancelled():
            await living

    async def reopen(self) -> None:
        """Start the server anew, on the same store and engines; return when it is ready."""
        assert self._life is None, "the server is up"
        settings = self._plan.settings(self._home)
        self._base = f"http://{settings.server.listen}"
        self._clients = AsyncExitStack()
        self._life = life = Life(settings, self._plan, self.clock, self.network)
        self._living = living = asyncio.create_task(life.live(), name="server")
        await self.clock.run_until(lambda: life.front.ready or living.done())
        if living.done():
            await self.crash()
        self.client = self.client_of("admin")

    async def close(self) -> None:
        """Stop the server in good order; raises what went wrong in it."""
        if self._life is not None and self._living is not None:
            self._life.end()
            await self._clients.aclose()
            await asyncio.wait({self._living}, timeout=REAL_PATIENCE)
            assert self._living.done(), "the server did not stop"
            await self.crash()


WorldOn = Callable[..., AbstractAsyncContextManager[World]]
"""Opens a world on `sqlite` or `postgres`; keywords are those of `Plan`."""


def free_port() -> int:
    """A TCP port of the loopback interface that nobody uses at present."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
