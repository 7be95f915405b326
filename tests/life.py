"""One life of the server's objects on simulated engines: from open to close, or to a crash."""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from argon2 import PasswordHasher
from tests.clock import ManualClock
from tests.inline_operations import InlineOperations
from tests.ports import free_port
from tests.slots import OneServer

from busyout.domain.configuration.tables import (
    Classification,
    Interface,
    Peer,
    Route,
    Tables,
    Trunk,
    TrunkSet,
)
from busyout.domain.operator import Caller, Level
from busyout.drivers.registry import Registry
from busyout.drivers.simulated.network import SimulatedNetwork
from busyout.ports.operations import Advance, DurableOperations
from busyout.server.context import context_rules_of
from busyout.server.duties import attend
from busyout.server.exports import Folder
from busyout.server.faces import FACES
from busyout.server.first_start import operators_of
from busyout.server.front import Front
from busyout.server.house import House, build
from busyout.server.imports import Inbox
from busyout.server.outside import Outside
from busyout.server.process import OwnProcess
from busyout.server.provision import supply_of
from busyout.server.run import open_house, sealing_keys_of
from busyout.services.duties.rounds import again_and_again
from busyout.settings import (
    ContextSettings,
    ElementSettings,
    FaceSettings,
    OperatorSettings,
    ProvisioningSettings,
    ServerSettings,
    Settings,
    StoreSettings,
)
from busyout.store import Store, open_store

PASSWORD = "correct horse"
"""Of every operator."""

HASH = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
"""A cheap hash, so that tests are quick; the real cost is the business of its own tests."""

OPERATORS = (
    OperatorSettings(name="admin", password_hash=HASH, level="security-administrator"),
    OperatorSettings(name="operator", password_hash=HASH, level="administrator"),
    OperatorSettings(name="watcher", password_hash=HASH, level="monitor"),
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
    operators: Sequence[OperatorSettings] = OPERATORS
    context: ContextSettings = field(default_factory=ContextSettings)
    provisioning: ProvisioningSettings = field(default_factory=ProvisioningSettings)
    faces: Mapping[str, FaceSettings] = field(default_factory=dict)
    """Those that are set otherwise than in `settings`."""

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
            faces={name: FaceSettings(element="sbc" if name == "mediant" else None) for name in FACES}
            | dict(self.faces),
            operators=tuple(self.operators),
            elements=tuple(self.elements),
            provisioning=self.provisioning,
            context=self.context,
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

    def _outside(self) -> Outside:
        """What `busyout.server.run` makes of the settings, on simulated engines and time."""
        context = context_rules_of(self._settings.context)
        return Outside(
            store=self.store,
            drivers=Registry(self._clock, self._network),
            durable=self.durable,
            clock=self._clock,
            supply=supply_of(self._settings.provisioning, self._settings.server.data / "provisioning", self._clock),
            slots=OneServer(),
            context=context,
            exports=None if context.export_directory is None else Folder(context.export_directory),
            imports=None if context.import_directory is None else Inbox(context.import_directory),
            process=OwnProcess(),
            home=self._settings.server.data / "engines",
            drain_warning=self._plan.drain_warning,
            operations_kept=self._plan.keep_operations,
            events_kept=self._plan.keep_events,
        )

    async def live(self) -> None:
        """What `busyout.server.run` does, in the same order, without signals."""
        self.store = await asyncio.to_thread(open_store, self._plan.store_url, sealing_keys_of(self._settings))
        operators = await operators_of(self._settings, self.store.operators, self._clock, os.environ)
        async with asyncio.TaskGroup() as tasks:
            self.house = build(self._outside(), operators, tasks)
            await open_house(self.house, self._settings)
            serving = tasks.create_task(self.front.serve(self.house), name="front")
            await self.durable.open(self.house.services.operations.advance)
            duties = tasks.create_task(attend(self.house), name="duties") if self._plan.duties else None
            await self._watch_duties()
            self.front.ready = True
            await self._over.wait()
            await self.front.close(self.house, serving)
            if duties is not None:
                duties.cancel()
            await self.durable.close()
            await self.house.close()

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
