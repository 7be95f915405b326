"""The services, made of the ports and connected."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from busyout.domain.operator import Operator
from busyout.http.services import Services
from busyout.ports.clock import Clock
from busyout.ports.driver import Drivers
from busyout.ports.operations import DurableOperations
from busyout.ports.store import AlarmList, AuditTrail, ConfigurationArchive, ElementRegister, EventLog
from busyout.services.alarms import Alarms
from busyout.services.audit import Audit
from busyout.services.configuration import Configuration
from busyout.services.duties.expire import Expiry
from busyout.services.duties.supervise import Supervision
from busyout.services.events import Events
from busyout.services.inventory import Inventory
from busyout.services.job import Means
from busyout.services.operations import Journal, Operations
from busyout.services.operators import Operators
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What the services stand on."""

    store: Kept
    drivers: Drivers
    durable: DurableOperations
    clock: Clock
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

    async def open(self) -> None:
        """Take in what the store knows."""
        await self.services.events.open()
        await self.services.alarms.open()
        await self.services.inventory.open()

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
    alarms = Alarms(store.alarms, events, clock)
    configuration = Configuration(store.configuration, events, clock)
    sightings = Sightings(configuration, events, clock)
    inventory = Inventory(store.elements, outside.drivers, configuration, sightings, outside.home)
    means = Means(inventory, configuration, alarms, events, clock, outside.drain_warning)
    operations = Operations(store.operations, outside.durable, audit, means, tasks)
    services = Services(
        operations=operations,
        inventory=inventory,
        traffic=Traffic(inventory, audit),
        roster=Roster(store.elements, inventory, configuration, events, audit),
        configuration=configuration,
        events=events,
        alarms=alarms,
        audit=audit,
        clock=clock,
    )
    return House(
        services=services,
        operators=Operators(operators, clock),
        supervision=Supervision(inventory, configuration, operations, alarms, clock),
        expiry=Expiry(operations, store.events, clock, keep=(outside.operations_kept, outside.events_kept)),
    )
