"""Elements that come and go while the server runs."""

from busyout.domain.configuration.check import check
from busyout.domain.configuration.tables import Tables
from busyout.domain.element import INSIDE, KINDS, Element, valid_name
from busyout.domain.errors import InvalidConfiguration, InvalidValue
from busyout.domain.operator import Caller, Level, require
from busyout.ports.store import ElementRegister
from busyout.services.audit import Audit
from busyout.services.configuration import Configuration
from busyout.services.events import Events
from busyout.services.inventory import Inventory

MAX_ELEMENTS = 10_000
"""Most elements of one server."""


class Roster:
    """Adds and removes elements."""

    def __init__(
        self,
        register: ElementRegister,
        inventory: Inventory,
        configuration: Configuration,
        events: Events,
        audit: Audit,
    ) -> None:
        self._register = register
        self._inventory = inventory
        self._configuration = configuration
        self._events = events
        self._audit = audit

    async def add(self, caller: Caller, element: Element, tables: Tables) -> Element:
        """Take in a new element; its engine is started by the supervision.

        Raises:
            NotPermitted: The caller is no administrator.
            InvalidValue: The name is taken or not allowed, the driver is unknown, or there are too many elements.
            InvalidConfiguration: The tables are wrong.
        """
        require(caller, Level.ADMINISTRATOR)
        self._judge(element, tables)
        await self._inventory.probe(element)
        audit = self._audit.entry(caller, "element.add", element.name, after=element)
        if not await self._register.add(element, self._configuration.first(element.name, tables), audit=audit):
            raise InvalidValue(f"there is an element {element.name!r} already")
        await self._inventory.take_in(element)
        await self._events.append(self._events.new("element.added", element=element.name))
        return element

    async def remove(self, caller: Caller, name: str) -> None:
        """Forget an element and end its engine.

        Raises:
            NotPermitted: The caller is no administrator.
            NoSuchElement: There is none of that name.
            ElementBusy: An unsettled operation holds it.
        """
        require(caller, Level.ADMINISTRATOR)
        element, driver = self._inventory.element(name), self._inventory.driver(name)
        await self._register.remove(name, audit=self._audit.entry(caller, "element.remove", name, before=element))
        await driver.stop()
        await self._inventory.let_go(name)
        await self._events.append(self._events.new("element.removed", element=name))

    def _judge(self, element: Element, tables: Tables) -> None:
        if not valid_name(element.name):
            raise InvalidValue("an element's name is up to 64 letters, digits, dots, dashes and underscores")
        if element.kind not in KINDS:
            raise InvalidValue(f"there is no kind of element {element.kind!r}; there are {', '.join(KINDS)}")
        if element.kind in INSIDE and any(one.element.kind == element.kind for one in self._inventory.statuses()):
            raise InvalidValue(f"there is an element of kind {element.kind} already, and there can be only one")
        if not 1 <= element.retry_after <= 300:
            raise InvalidValue("retry_after is between 1 and 300 seconds")
        if len(self._inventory.names()) >= MAX_ELEMENTS:
            raise InvalidValue(f"a server has at most {MAX_ELEMENTS} elements")
        if findings := check(tables):
            raise InvalidConfiguration(findings)
