"""The device manager (wire notes, 1.7)."""

from collections.abc import Iterator
from dataclasses import dataclass

from busyout.faces.provd import errors
from busyout.faces.provd.routes import following
from busyout.faces.provd.routes.base import EMPTY, GONE, Base, tenant_of
from busyout.faces.provd.routes.listing import listed
from busyout.faces.provd.translate import asked, documents
from busyout.http import Reply, Request, Route
from busyout.services.provisioning import keeper
from busyout.wire.provd.messages import Created, encoded

SYNCHRONIZE = "dev_mgr/synchronize"


@dataclass(frozen=True, slots=True)
class Devices:
    """The handlers; a tenant is the one that the header names, or the main one."""

    base: Base

    async def all(self, request: Request[None, documents.Asked]) -> Reply:
        """GET devices."""
        tenant, query = tenant_of(request), documents.query_of(request.query)
        found = self.base.services.devices.query(query, tenant=tenant, recurse=documents.recurse(request.query))
        return await listed("devices", found, request.gone)

    async def create(self, request: Request[object, None]) -> Reply:
        """POST devices."""
        tenant, document = tenant_of(request), asked.member_of(request.body, "device")
        device = await self.base.services.devices.create(request.caller, document, tenant=tenant)
        return self.base.created("dev_mgr/devices", device.id, Created(device.id))

    async def get(self, request: Request[None, None]) -> Reply:
        """GET devices/<id>."""
        tenant = tenant_of(request)
        device = await self.base.services.devices.get(request.path["id"], tenant=tenant)
        return Reply(body=encoded({"device": device.view}))

    async def replace(self, request: Request[object, None]) -> Reply:
        """PUT devices/<id>."""
        tenant, document = tenant_of(request), asked.member_of(request.body, "device")
        await self.base.services.devices.replace(request.caller, request.path["id"], document, tenant=tenant)
        return EMPTY

    async def delete(self, request: Request[None, None]) -> Reply:
        """DELETE devices/<id>."""
        tenant = tenant_of(request)
        await self.base.services.devices.delete(request.caller, request.path["id"], tenant=tenant)
        return GONE

    async def synchronize(self, request: Request[object, None]) -> Reply:
        """POST synchronize."""
        device, services = asked.id_of(request.body), self.base.services
        await services.devices.get(device, tenant=tenant_of(request))
        element = keeper(services.inventory.statuses())
        with errors.while_in_progress(f"a synchronize operation for device {device} is already in progress"):
            operation = await services.operations.start(request.caller, element, documents.synchronize(device))
        return await following.opened(self.base, request.caller, SYNCHRONIZE, operation.id)

    async def reconfigure(self, request: Request[object, None]) -> Reply:
        """POST reconfigure."""
        device, tenant = asked.id_of(request.body), tenant_of(request)
        with errors.unknown_device_is_a_wrong_value():
            await self.base.services.devices.get(device, tenant=tenant)
            await self.base.services.devices.reconfigure(request.caller, device)
        return EMPTY

    async def dhcp(self, request: Request[object, None]) -> Reply:
        """POST dhcpinfo."""
        await self.base.services.devices.dhcp(request.caller, documents.lease_of(request.caller, request.body))
        return EMPTY


def routes(base: Base) -> Iterator[Route]:
    """Devices."""
    service = Devices(base)
    yield base.ask("/dev_mgr/devices", service.all, "Devices", documents.Asked)
    yield base.act("POST", "/dev_mgr/devices", service.create, "A new device")
    yield base.get("/dev_mgr/devices/{id}", service.get, "A device")
    yield base.act("PUT", "/dev_mgr/devices/{id}", service.replace, "Replace a device")
    yield base.act("DELETE", "/dev_mgr/devices/{id}", service.delete, "Forget a device")
    yield base.act("POST", f"/{SYNCHRONIZE}", service.synchronize, "Bring a device up to date")
    yield from following.routes(base, f"/{SYNCHRONIZE}")
    yield base.act("POST", "/dev_mgr/reconfigure", service.reconfigure, "Render a device's configuration anew")
    yield base.act("POST", "/dev_mgr/dhcpinfo", service.dhcp, "Take in a lease")
