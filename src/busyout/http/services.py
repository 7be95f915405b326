"""The services that faces call, in one parcel."""

from dataclasses import dataclass

from busyout.ports.clock import Clock
from busyout.ports.process import Process
from busyout.services.alarms import Alarms
from busyout.services.audit import Audit
from busyout.services.configuration import Configuration
from busyout.services.context.business import BusinessAttributes
from busyout.services.context.course_queries import CourseQueries
from busyout.services.context.courses import Courses
from busyout.services.context.customers import Customers
from busyout.services.context.exporting import Exporting
from busyout.services.context.interactions import Interactions
from busyout.services.context.purging import Purging
from busyout.services.context.rules import ContextRules
from busyout.services.context.schemas import ContextSchemas
from busyout.services.devices import Devices
from busyout.services.events import Events
from busyout.services.gate import Gate
from busyout.services.inventory import Inventory
from busyout.services.modes import Modes
from busyout.services.monitors import Monitors
from busyout.services.operations import Operations
from busyout.services.parameters import Parameters
from busyout.services.plugins import Plugins
from busyout.services.profiles import Profiles
from busyout.services.roster import Roster
from busyout.services.traffic import Traffic


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What a face may use."""

    operations: Operations
    inventory: Inventory
    traffic: Traffic
    roster: Roster
    configuration: Configuration
    events: Events
    alarms: Alarms
    audit: Audit
    plugins: Plugins
    parameters: Parameters
    monitors: Monitors
    devices: Devices
    profiles: Profiles
    modes: Modes
    context_rules: ContextRules
    context_schemas: ContextSchemas
    business: BusinessAttributes
    customers: Customers
    courses: Courses
    """Services with their states and tasks, written."""
    course_queries: CourseQueries
    """The same, read."""
    interactions: Interactions
    exporting: Exporting
    purging: Purging
    process: Process
    """What the system tells of our own process."""
    clock: Clock

    @property
    def gate(self) -> Gate:
        """Lets requests to the context services in, by what they touch."""
        return self.modes.gate
