"""The store as the services see it: one part for each."""

from typing import Protocol

from busyout.ports.context_courses import CourseIndex, CourseRegister, Remains, ServicePurge
from busyout.ports.context_intake import CustomerIntake
from busyout.ports.context_interactions import InteractionLog
from busyout.ports.context_schemas import ExtensionRemoval, KeyBuilding, SchemaRegister
from busyout.ports.modes import ModeRegister
from busyout.ports.store import (
    AlarmList,
    AuditTrail,
    ConfigurationArchive,
    ElementRegister,
    EventLog,
    MonitorList,
    ParameterList,
)
from busyout.services.context.customers import CustomerStore
from busyout.services.devices import DeviceStore
from busyout.services.operations import Journal
from busyout.services.profiles import ProfileStore


class SchemaStore(SchemaRegister, ExtensionRemoval, Protocol):
    """What extensions are kept in."""


class CourseStore(CourseRegister, CourseIndex, Protocol):
    """What services are kept in."""


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

    @property
    def context_schemas(self) -> SchemaStore:
        """Extensions of profiles and services, and the identification keys that can be used."""

    @property
    def context_purge(self) -> ServicePurge:
        """Old services that go."""

    @property
    def context_remains(self) -> Remains:
        """What is left of customers and services that are gone."""

    @property
    def context_keys(self) -> KeyBuilding:
        """Identification keys that come or go."""

    @property
    def intake(self) -> CustomerIntake:
        """Customers on their way in from a file."""

    @property
    def customers(self) -> CustomerStore:
        """Customers."""

    @property
    def courses(self) -> CourseStore:
        """Services with their states and tasks."""

    @property
    def interactions(self) -> InteractionLog:
        """What was said."""
