"""The configuration service (sections "Get the Configuration" and following); below Wazo's prefix with a key more."""

from collections.abc import Iterator
from dataclasses import dataclass

from busyout.faces.provd.routes.base import EMPTY, Base
from busyout.faces.provd.translate import asked, told
from busyout.http import Reply, Request, Route
from busyout.wire.provd.messages import encoded


@dataclass(frozen=True, slots=True)
class Configure:
    """The handlers."""

    base: Base

    async def all(self, request: Request[None, None]) -> Reply:
        """GET configure."""
        settings = self.base.services.parameters.all(tenant=self.base.tenant(request))
        place = f"{self.base.prefix}/configure"
        return self.base.kept("configure", settings, lambda known: told.params(place, known), request)

    async def one(self, request: Request[None, None]) -> Reply:
        """GET configure/NAT."""
        setting = self.base.services.parameters.get(request.path["id"], tenant=self.base.tenant(request))
        return Reply(body=encoded(told.param(setting)))

    async def set(self, request: Request[object, None]) -> Reply:
        """PUT configure/NAT."""
        id, value, tenant = request.path["id"], asked.value_of(request.body), self.base.tenant(request)
        await self.base.services.parameters.set(request.caller, id, value, tenant=tenant)
        return EMPTY


def routes(base: Base) -> Iterator[Route]:
    """The parameters and each of them."""
    service = Configure(base)
    yield base.get("/configure", service.all, "Parameters")
    yield base.get("/configure/{id}", service.one, "A parameter")
    yield base.act("PUT", "/configure/{id}", service.set, "Set a parameter")
