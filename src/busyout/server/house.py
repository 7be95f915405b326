"""The services, made of the ports and connected."""

import asyncio
from dataclasses import dataclass

from busyout.domain.operator import Operator
from busyout.http.services import Services
from busyout.server.outside import Outside
from busyout.services.agreement import Agreement
from busyout.services.alarms import Alarms
from busyout.services.audit import Audit
from busyout.services.configuration import Configuration
from busyout.services.context.book import Definitions, SchemaBook
from busyout.services.context.business import BusinessAttributes
from busyout.services.context.course_queries import CourseQueries
from busyout.services.context.courses import Courses
from busyout.services.context.customers import Customers
from busyout.services.context.errands import Errands
from busyout.services.context.exporting import Exporting
from busyout.services.context.importing import Importing
from busyout.services.context.interactions import Interactions
from busyout.services.context.purging import Purging
from busyout.services.context.schemas import ContextSchemas
from busyout.services.devices import Devices, Surroundings
from busyout.services.duties.clear import Clearance
from busyout.services.duties.expire import Expiry
from busyout.services.duties.supervise import Supervision
from busyout.services.events import Events
from busyout.services.gate import Gate
from busyout.services.inventory import Inventory
from busyout.services.job import Means
from busyout.services.library import Library
from busyout.services.modes import Modes
from busyout.services.monitors import Monitors
from busyout.services.operations import Operations
from busyout.services.operators import Operators
from busyout.services.parameters import Parameters
from busyout.services.plugins import Plugins
from busyout.services.profiles import Profiles
from busyout.services.provisioning import Provisioning
from busyout.services.roster import Roster
from busyout.services.sighting import Sightings
from busyout.services.traffic import Traffic


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The services with all that keeps them going."""

    services: Services
    """What faces may call."""
    operators: Operators
    supervision: Supervision
    expiry: Expiry
    clearance: Clearance
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
        await self.services.context_schemas.refresh()
        await self.agreement.open(self.services.modes.first)
        await self.services.customers.open()

    async def refresh(self) -> None:
        """Take in what another server on the same store has decided meanwhile."""
        await self.services.inventory.refresh()
        await self.services.alarms.refresh()
        await self.services.parameters.open()
        await self.services.context_schemas.refresh()

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
    services = services_on(outside, means, operations, Errands(operations, means.inventory), audit)
    keep = (outside.operations_kept, outside.events_kept)
    return House(
        services=services,
        operators=Operators(operators, clock),
        supervision=Supervision(means.inventory, means.configuration, operations, means.alarms, clock),
        clearance=Clearance(store.context_remains),
        expiry=Expiry(operations, services.monitors, store.events, clock, keep=keep),
        library=means.provisioning.library,
        agreement=means.agreement,
    )


def means_on(outside: Outside, events: Events, audit: Audit) -> Means:
    """What operations work with."""
    store, clock = outside.store, outside.clock
    configuration = Configuration(store.configuration, events, clock)
    sightings = Sightings(configuration, events, clock)
    book = SchemaBook(store.context_schemas, outside.context.core)
    return Means(
        inventory=Inventory(store.elements, outside.drivers, configuration, sightings, outside.home),
        configuration=configuration,
        alarms=Alarms(store.alarms, events, clock),
        events=events,
        clock=clock,
        provisioning=provisioning_on(outside, events, audit),
        definitions=Definitions(
            book, store.context_schemas, store.context_purge, store.context_keys, store.context_remains
        ),
        agreement=Agreement(Gate(clock), store.modes, outside.slots, clock, prepare=book.refresh),
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


def services_on(outside: Outside, means: Means, operations: Operations, errands: Errands, audit: Audit) -> Services:
    """What faces may call."""
    store, inventory, provisioning, clock = outside.store, means.inventory, means.provisioning, outside.clock
    business, context_schemas = business_on(outside), schemas_on(outside, means, errands, audit)
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
        monitors=Monitors(store.monitors, operations, outside.supply.monitors, clock),
        devices=provisioning.devices,
        profiles=Profiles(store.profiles, provisioning.devices, audit),
        context_rules=outside.context,
        context_schemas=context_schemas,
        business=business,
        customers=customers_on(outside, context_schemas, audit),
        courses=Courses(store.courses, context_schemas, business, audit, clock),
        course_queries=CourseQueries(store.courses, context_schemas, business),
        interactions=Interactions(store.interactions, audit),
        exporting=Exporting(store.courses, outside.exports, business, audit, clock),
        purging=Purging(errands, means.agreement.gate),
        process=outside.process,
        modes=Modes(means.agreement.gate, errands, outside.context),
        clock=clock,
    )


def business_on(outside: Outside) -> BusinessAttributes:
    """What the settings say of business attributes."""
    return BusinessAttributes(outside.context.business_attributes, map_names=outside.context.map_names)


def schemas_on(outside: Outside, means: Means, errands: Errands, audit: Audit) -> ContextSchemas:
    """Extensions and keys."""
    in_production = outside.context.schema_create_in_production
    return ContextSchemas(means.definitions.book, errands, audit, create_in_production=in_production)


def customers_on(outside: Outside, schemas: ContextSchemas, audit: Audit) -> Customers:
    """Customers, one by one and in files."""
    store, slots = outside.store, outside.slots
    importing = Importing(store.intake, outside.imports, schemas, slots, audit)
    return Customers(store.customers, schemas, audit, outside.clock, importing)
