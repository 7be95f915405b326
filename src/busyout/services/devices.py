"""Devices: kept, found, told of by DHCP, and rendered whenever what they are configured with changes.

A rendered configuration is JSON in the store. Making a vendor's files of it is the work of the plug-in's own tools,
outside of this server, which never runs a plug-in's code.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol
from uuid import uuid4

from busyout.domain.device import INDEXED, MAIN, Device, Rendering, device_of
from busyout.domain.dhcp import DhcpInfo, Lease
from busyout.domain.document import Document
from busyout.domain.errors import InvalidValue, NoSuchDevice
from busyout.domain.operator import Caller, Level, require
from busyout.domain.selector import Query
from busyout.ports.clock import Clock
from busyout.ports.directory import DeviceIndex, DeviceRegister, Ground
from busyout.services.audit import Audit
from busyout.services.documents import found, new_id

SLICE: Final = 100
"""Most devices rendered in one unit of work, so that others wait a few milliseconds at the most."""

PROMPT: Final = 1000
"""Most devices rendered before whoever changed something is answered; the others follow at once, by a duty."""


class DeviceStore(DeviceRegister, DeviceIndex, Protocol):
    """What devices are kept in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What devices need to know of the rest of the server."""

    base: Mapping[str, Any]
    """Raw configuration that every profile lies over."""
    plugins: Callable[[], frozenset[str] | None]
    """Ids of the plug-ins that are in place; None where any will do."""
    behind_nat: Callable[[], bool]
    """Whether several devices may have the same address."""


class Devices:
    """Keeps devices and their rendered configurations."""

    def __init__(self, store: DeviceStore, surroundings: Surroundings, audit: Audit, clock: Clock) -> None:
        self._store = store
        self._surroundings = surroundings
        self._audit = audit
        self._clock = clock

    async def create(self, caller: Caller, document: object, *, tenant: str = MAIN) -> Device:
        """Keep a new device, configured at once if it can be; its id is its own, or a new one where it has none.

        Raises:
            NotPermitted: The caller is no administrator.
            InvalidValue: It is no device, its id is no plain name, or an address is not in its normal form.
            DocumentExists: There is one of that id.
        """
        require(caller, Level.ADMINISTRATOR)
        device = device_of(document, id=new_id(document), tenant=tenant)
        audit = self._audit.entry(caller, "device.create", device.id, after=self._audit.document(device.view))
        return await self._store.add(device, ground=self._ground(), audit=audit)

    async def get(self, id: str, *, tenant: str = MAIN) -> Device:
        """One device.

        Raises:
            NoSuchDevice: There is none of that id, or it is another tenant's.
        """
        device = await self._store.find(id)
        if tenant not in (MAIN, device.tenant):
            raise _none(id)
        return device

    async def replace(self, caller: Caller, id: str, document: object, *, tenant: str = MAIN) -> Device:
        """Put a document in the place of a device's, and render it. A device of the main tenant becomes the asker's.

        Raises:
            NotPermitted: The caller is no administrator.
            NoSuchDevice: There is none of that id, or it is another tenant's.
            InvalidValue: It is no device, or an address is not in its normal form.
        """
        require(caller, Level.ADMINISTRATOR)
        before = await self._store.find(id)
        if tenant not in (MAIN, before.tenant) and before.tenant != MAIN:
            raise _none(id)
        device = device_of(document, id=id, tenant=tenant if before.tenant == MAIN else before.tenant)
        trail = {"before": self._audit.document(before.view), "after": self._audit.document(device.view)}
        audit = self._audit.entry(caller, "device.replace", id, **trail)
        return await self._store.replace(device, ground=self._ground(), audit=audit)

    async def delete(self, caller: Caller, id: str, *, tenant: str = MAIN) -> None:
        """Forget a device, and the profile that was made for it alone.

        Raises:
            NotPermitted: The caller is no administrator.
            NoSuchDevice: There is none of that id, or it is another tenant's.
        """
        require(caller, Level.ADMINISTRATOR)
        before = await self.get(id, tenant=tenant)
        await self._store.remove(
            id, audit=self._audit.entry(caller, "device.delete", id, before=self._audit.document(before.view))
        )

    def query(self, query: Query, *, tenant: str = MAIN, recurse: bool = False) -> AsyncIterator[Document]:
        """Documents of a tenant's devices that match, one after the other.

        With `recurse` those of the tenants below it too: every tenant is below the main one, and none below another.
        """
        within = {} if recurse and tenant == MAIN else {"tenant_uuid": tenant}
        return found(self._store, query, indexed=INDEXED, within=within)

    async def reconfigure(self, caller: Caller, id: str) -> Device:
        """Render a device's configuration now; returns the device, configured or not.

        Raises:
            NotPermitted: The caller is no administrator.
            NoSuchDevice: There is none of that id.
        """
        require(caller, Level.ADMINISTRATOR)
        audit = self._audit.entry(caller, "device.reconfigure", id)
        return await self._store.render(id, ground=self._ground(), audit=audit)

    async def synchronize(self, id: str) -> Rendering:
        """Render a configured device's configuration anew, for the operation that does it; it may do it twice.

        Raises:
            NoSuchDevice: There is none of that id.
            InvalidValue: It is not configured, or cannot be any more.
        """
        device = await self._store.find(id)
        if device.configured:
            device = await self._store.render(id, ground=self._ground(), audit=None)
        rendering = await self._store.rendering(id) if device.configured else None
        if rendering is None:
            raise InvalidValue(f"device {id} is not configured: its plug-in or its config is missing, or not usable")
        return rendering

    async def rendering(self, id: str) -> Rendering | None:
        """The rendered configuration of a device; None where it is not configured."""
        return await self._store.rendering(id)

    async def dhcp(self, caller: Caller, info: DhcpInfo) -> Device | None:
        """Take in what a DHCP server tells: the device of that MAC has that address, and is kept if it was not known.

        Behind no NAT the address is taken from every other device. None where a lease has ended: that changes nothing.

        Raises:
            NotPermitted: The caller is no administrator.
            InvalidValue: There are too many devices.
        """
        require(caller, Level.ADMINISTRATOR)
        if info.lease is not Lease.COMMIT:
            return None
        told = {"mac": info.mac, "ip": info.ip, "added": "auto"}
        if info.vendor_class is not None:
            told["vendor_class"] = info.vendor_class
        device = device_of(told, id=uuid4().hex, tenant=MAIN)
        audit = self._audit.entry(caller, "device.sight", info.mac, after={"mac": info.mac, "ip": info.ip})
        alone = not self._surroundings.behind_nat()
        return await self._store.sight(device, info, alone=alone, ground=self._ground(), audit=audit)

    async def plugin_changed(self, plugin: str) -> None:
        """Let the devices of a plug-in follow that has come, changed or gone; without it none of them is configured."""
        await self._store.outdate(plugin)
        await self.catch_up()

    async def catch_up(self) -> bool:
        """Render devices whose profile or plug-in has changed, but not for long; true when none is left."""
        for _ in range(PROMPT // SLICE):
            if await self._store.render_outdated(ground=self._ground(), limit=SLICE) < SLICE:
                return True
        return False

    async def settle(self) -> None:
        """Render every device whose profile or plug-in has changed, here or on another server, or before a crash."""
        while not await self.catch_up():
            pass

    def _ground(self) -> Ground:
        surroundings = self._surroundings
        return Ground(base=surroundings.base, plugins=surroundings.plugins(), at=self._clock.now())


def _none(id: str) -> NoSuchDevice:
    return NoSuchDevice(f'invalid device ID "{id}"')
