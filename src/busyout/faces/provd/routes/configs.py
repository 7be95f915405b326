"""The configuration manager (wire notes, 1.7): what devices are configured with."""

from collections.abc import Iterator
from dataclasses import dataclass

from busyout.faces.provd.routes.base import EMPTY, GONE, Base
from busyout.faces.provd.routes.listing import listed
from busyout.faces.provd.translate import asked, documents
from busyout.http import Reply, Request, Route
from busyout.wire.provd.messages import Created, encoded


@dataclass(frozen=True, slots=True)
class Configs:
    """The handlers."""

    base: Base

    async def all(self, request: Request[None, documents.Asked]) -> Reply:
        """GET configs."""
        found = self.base.services.profiles.query(documents.query_of(request.query))
        return await listed("configs", found, request.gone)

    async def create(self, request: Request[object, None]) -> Reply:
        """POST configs."""
        document = asked.member_of(request.body, "config")
        profile = await self.base.services.profiles.create(request.caller, document)
        return self.base.created("cfg_mgr/configs", profile.id, Created(profile.id))

    async def get(self, request: Request[None, None]) -> Reply:
        """GET configs/<id>."""
        profile = await self.base.services.profiles.get(request.path["id"])
        return Reply(body=encoded({"config": profile.view}))

    async def raw(self, request: Request[None, None]) -> Reply:
        """GET configs/<id>/raw."""
        return Reply(body=encoded({"raw_config": await self.base.services.profiles.raw(request.path["id"])}))

    async def replace(self, request: Request[object, None]) -> Reply:
        """PUT configs/<id>."""
        document = asked.member_of(request.body, "config")
        await self.base.services.profiles.replace(request.caller, request.path["id"], document)
        return EMPTY

    async def delete(self, request: Request[None, None]) -> Reply:
        """DELETE configs/<id>."""
        await self.base.services.profiles.delete(request.caller, request.path["id"])
        return GONE

    async def autocreate(self, request: Request[object, None]) -> Reply:
        """POST autocreate."""
        profile = await self.base.services.profiles.autocreate(request.caller)
        return self.base.created("cfg_mgr/configs", profile.id, Created(profile.id))


def routes(base: Base) -> Iterator[Route]:
    """Configurations."""
    service = Configs(base)
    yield base.ask("/cfg_mgr/configs", service.all, "Configs", documents.Asked)
    yield base.act("POST", "/cfg_mgr/configs", service.create, "A new config")
    yield base.get("/cfg_mgr/configs/{id}", service.get, "A config")
    yield base.get("/cfg_mgr/configs/{id}/raw", service.raw, "A config over all that it inherits from")
    yield base.act("PUT", "/cfg_mgr/configs/{id}", service.replace, "Replace a config")
    yield base.act("DELETE", "/cfg_mgr/configs/{id}", service.delete, "Forget a config")
    yield base.act("POST", "/cfg_mgr/autocreate", service.autocreate, "A new config made after a template")
