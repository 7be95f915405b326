"""The services, made of the ports and connected."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from busyout.domain.monitor import MonitorBounds
from busyout.domain.operator import Operator
from busyout.http.services import Services
from busyout.ports.clock import Clock
from busyout.ports.depot import Depot
from busyout.ports.driver import Drivers
from busyout.ports.modes import ModeRegister, Slots
from busyout.ports.operations import DurableOperations
from busyout.ports.repository import Repository
from busyout.ports.shelf import PackageShelf, Shelf, Trust
from busyout.ports.store import (
    AlarmList,
    AuditTrail,
    ConfigurationArchive,
    ElementRegister,
    EventLog,
    MonitorList,
    ParameterList,
)
from busyout.services.agreement import Agreement
from busyout.services.alarms import Alarms
from busyout.services.audit import Audit
from busyout.services.configuration import Configuration
from busyout.services.devices import Devices, DeviceStore, Surroundings
from busyout.services.duties.expire import Expiry
from busyout.services.duties.supervise import Supervision
from busyout.services.events import Events
from busyout.services.gate import Gate
from busyout.services.inventory import Inventory
from busyout.services.job import Means
from busyout.services.library import Library
from busyout.services.modes import Modes, Patience
from busyout.services.monitors import Monitors
from busyout.services.operations import Journal, Operations
from busyout.services.operators import Operators
from busyout.services.parameters import Parameters
from busyout.services.plugins import Plugins
from busyout.services.profiles import Profiles, ProfileStore
from busyout.services.provisioning import Provisioning
from busyout.services.roster import Roster
from busyout.services.sighting import Sightings
from busyout.services.traffic import Traffic


class Kept(Protocol):
    """The store: one part for each service."""

    @property
    def operations(self) -> Journal:
        """Operations."""

    @property
    def elements(self) -> ElementRegister:
        """Elements."""

    @property
    def configuration(self) -> ConfigurationArchive:
        """Their datastores."""

    @property
    def events(self) -> EventLog:
        """What happened."""

    @property
    def alarms(self) -> AlarmList:
        """What is wrong."""

    @property
    def audit(self) -> AuditTrail:
        """Who did what."""

    @property
    def parameters(self) -> ParameterList:
        """What was set of the provisioning."""

    @property
    def monitors(self) -> MonitorList:
        """Numbers by which operations are followed."""

    @property
    def devices(self) -> DeviceStore:
        """Devices."""

    @property
    def profiles(self) -> ProfileStore:
        """What devices are configured with."""

    @property
    def modes(self) -> ModeRegister:
        """The mode of the context services."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """What the provisioning stands on."""

    repository: Repository
    trust: Trust
    shelf: Shelf
    packages: PackageShelf
    depot: Depot
    plugin_server: str | None
    """URL of the repository, until somebody sets another one; None for none."""
    monitors: MonitorBounds


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeSupply:
    """What the modes of the context services stand on."""

    slots: Slots
    patience: Patience
    profile_schema: Callable[[], bool]
    """Whether there is a profile schema, without which there is no production."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What the services stand on."""

    store: Kept
    drivers: Drivers
    durable: DurableOperations
    clock: Clock
    supply: Supply
    modes: ModeSupply
    home: Path
    """Directory of the engines."""
    drain_warning: float
    """Seconds after which a drain without a deadline warns."""
    operations_kept: float
    """Seconds for which a settled operation can be looked up."""
    events_kept: int
    """Most events in the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The services with all that keeps them going."""

    services: Services
    """What faces may call."""
    operators: Operators
    supervision: Supervision
    expiry: Expiry
    library: Library
    agreement: Agreement

    async def open(self) -> None:
        """Take in what the store knows."""
        await self.services.events.open()
        await self.services.alarms.refresh()
        await self.services.parameters.open()
        await self.library.open()
        await self.services.devices.catch_up()
        await self.services.inventory.open()
        await self.agreement.open(self.services.modes.first)

    async def refresh(self) -> None:
        """Take in what another server on the same store has decided meanwhile."""
        await self.services.inventory.refresh()
        await self.services.alarms.refresh()
        await self.services.parameters.open()

    async def close(self) -> None:
        """Let go of the engines and stop hashing."""
        self.services.events.close()
        self.operators.close()
        await self.services.inventory.close()


def build(outside: Outside, operators: tuple[Operator, ...], tasks: asyncio.TaskGroup) -> House:
    """Make the services and connect them; `tasks` is where those belong that outlive a request."""
    store, clock = outside.store, outside.clock
    events = Events(store.events, clock)
    audit = Audit(store.audit, clock)
    means = means_on(outside, events, audit)
    operations = Operations(store.operations, outside.durable, audit, means, tasks)
    services = services_on(outside, means, operations, audit)
    keep = (outside.operations_kept, outside.events_kept)
    return House(
        services=services,
        operators=Operators(operators, clock),
        supervision=Supervision(means.inventory, means.configuration, operations, means.alarms, clock),
        expiry=Expiry(operations, services.monitors, store.events, clock, keep=keep),
        library=means.provisioning.library,
        agreement=means.agreement,
    )


def means_on(outside: Outside, events: Events, audit: Audit) -> Means:
    """What operations work with."""
    store, clock = outside.store, outside.clock
    configuration = Configuration(store.configuration, events, clock)
    sightings = Sightings(configuration, events, clock)
    return Means(
        inventory=Inventory(store.elements, outside.drivers, configuration, sightings, outside.home),
        configuration=configuration,
        alarms=Alarms(store.alarms, events, clock),
        events=events,
        clock=clock,
        provisioning=provisioning_on(outside, events, audit),
        agreement=Agreement(Gate(clock), store.modes, outside.modes.slots, clock),
        drain_warning=outside.drain_warning,
    )


def provisioning_on(outside: Outside, events: Events, audit: Audit) -> Provisioning:
    """What the steps of the provisioning work with."""
    supply = outside.supply
    library = Library(supply.shelf, supply.depot)
    parameters = Parameters(outside.store.parameters, events, audit, plugin_server=supply.plugin_server)
    surroundings = Surroundings(
        base={}, plugins=lambda: frozenset(library.installed), behind_nat=lambda: parameters.behind_nat
    )
    return Provisioning(
        repository=supply.repository,
        trust=supply.trust,
        shelf=supply.shelf,
        packages=supply.packages,
        depot=supply.depot,
        library=library,
        parameters=parameters,
        devices=Devices(outside.store.devices, surroundings, audit, outside.clock),
    )


def services_on(outside: Outside, means: Means, operations: Operations, audit: Audit) -> Services:
    """What faces may call."""
    store, inventory, provisioning = outside.store, means.inventory, means.provisioning
    return Services(
        operations=operations,
        inventory=inventory,
        traffic=Traffic(inventory, audit),
        roster=Roster(store.elements, inventory, means.configuration, means.events, audit),
        configuration=means.configuration,
        events=means.events,
        alarms=means.alarms,
        audit=audit,
        plugins=Plugins(provisioning, inventory, operations),
        parameters=provisioning.parameters,
        monitors=Monitors(store.monitors, operations, outside.supply.monitors, outside.clock),
        devices=provisioning.devices,
        profiles=Profiles(store.profiles, provisioning.devices, audit),
        gate=means.agreement.gate,
        modes=modes_on(outside, means, operations),
        clock=outside.clock,
    )


def modes_on(outside: Outside, means: Means, operations: Operations) -> Modes:
    """What switches the mode of the context services."""
    supply = outside.modes
    gate, inventory = means.agreement.gate, means.inventory
    return Modes(gate, inventory, operations, supply.patience, profile_schema=supply.profile_schema)
