"""The real server on simulated engines, in simulated time.

    async with World.opened(tmp_path) as world:
        world.sbc.call(seconds=20)
        answer = await world.client.post("/api/v1/actions/reset", json={"gracefulTimeout": 1})
        await world.clock.advance(21)
        assert world.sbc.restarts == 1

Everything but the engines, the clock and the durable engine is what a user runs: store, services, duties, faces, HTTP.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path

from tests.client import Client
from tests.clock import REAL_PATIENCE, ManualClock
from tests.life import ADMIN, OPERATOR, PASSWORD, TABLES, WATCHER, Life, Plan, element

from busyout.domain.commands import Command
from busyout.domain.element import ElementStatus
from busyout.domain.operation import Operation
from busyout.drivers.simulated.engine import SimulatedEngine
from busyout.drivers.simulated.network import SimulatedNetwork
from busyout.http.services import Services
from busyout.server.house import House
from busyout.store import Store

__all__ = ["ADMIN", "OPERATOR", "PASSWORD", "TABLES", "WATCHER", "Plan", "World", "WorldOn", "element"]


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
