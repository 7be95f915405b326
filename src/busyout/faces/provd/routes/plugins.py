"""The plug-in manager and its installation service (sections "Installation Service")."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from busyout.faces.provd import errors
from busyout.faces.provd.routes import following
from busyout.faces.provd.routes.base import EMPTY, Base
from busyout.faces.provd.translate import asked, told
from busyout.http import Reply, Request, Route
from busyout.wire.provd.messages import PluginInfo, encoded

INSTALL: Final = "pg_mgr/install/install"
UPGRADE: Final = "pg_mgr/install/upgrade"
UPDATE: Final = "pg_mgr/install/update"

REMOVAL_PATIENCE: Final = 60.0
"""Longest wait for the end of what is answered by 204, in seconds."""


@dataclass(frozen=True, slots=True)
class Manager:
    """The handlers."""

    base: Base

    async def installable(self, request: Request[None, None]) -> Reply:
        """GET installable."""
        return self.base.kept("installable", self.base.services.plugins.installable(), told.packages, request)

    async def installed(self, request: Request[None, None]) -> Reply:
        """GET installed."""
        return self.base.kept("installed", self.base.services.plugins.installed(), told.packages, request)

    async def install(self, request: Request[object, None]) -> Reply:
        """POST install."""
        plugin = asked.id_of(request.body)
        with errors.while_in_progress(f"an install/upgrade operation for plugin {plugin} is already in progress"):
            operation = await self.base.services.plugins.install(request.caller, plugin)
        return await following.opened(self.base, request.caller, INSTALL, operation.id)

    async def upgrade(self, request: Request[object, None]) -> Reply:
        """POST upgrade."""
        plugin = asked.id_of(request.body)
        with errors.while_in_progress(f"an install/upgrade operation for plugin {plugin} is already in progress"):
            operation = await self.base.services.plugins.upgrade(request.caller, plugin)
        return await following.opened(self.base, request.caller, UPGRADE, operation.id)

    async def update(self, request: Request[object, None]) -> Reply:
        """POST update; one that is asked for while another runs follows that one."""
        try:
            running = (await self.base.services.plugins.update(request.caller)).id
        except errors.ElementBusy as busy:
            if busy.holder is None:
                raise
            running = busy.holder
        return await following.opened(self.base, request.caller, UPDATE, running)

    async def uninstall(self, request: Request[object, None]) -> Reply:
        """POST uninstall; answers when it is done."""
        plugin = asked.id_of(request.body)
        with errors.while_in_progress(f"an operation for plugin {plugin} is already in progress"):
            operation = await self.base.services.plugins.uninstall(request.caller, plugin)
        asked.finished(await self.base.services.operations.wait_settled(operation.id, timeout=REMOVAL_PATIENCE))
        return EMPTY

    async def plugins(self, request: Request[None, None]) -> Reply:
        """GET pg_mgr/plugins."""
        place = f"{self.base.prefix}/pg_mgr/plugins"
        ids = self.base.services.plugins.plugins()
        return self.base.kept("plugins", ids, lambda known: told.plugins(place, known), request)

    async def info(self, request: Request[None, None]) -> Reply:
        """GET plugins/<id>/info."""
        return Reply(body=encoded(PluginInfo(self.base.services.plugins.info(request.path["plugin"]))))

    async def reload(self, request: Request[object, None]) -> Reply:
        """POST reload."""
        await self.base.services.plugins.reload(request.caller, asked.id_of(request.body))
        return EMPTY


def routes(base: Base) -> Iterator[Route]:
    """The plug-in manager."""
    manager = Manager(base)
    service = "/pg_mgr/install"
    yield base.get(f"{service}/installable", manager.installable, "Plug-ins that the repository offers")
    yield base.get(f"{service}/installed", manager.installed, "Plug-ins that are in place")
    yield base.act("POST", f"{service}/install", manager.install, "Install a plug-in")
    yield base.act("POST", f"{service}/upgrade", manager.upgrade, "Upgrade a plug-in")
    yield base.act("POST", f"{service}/update", manager.update, "Update the list of installable plug-ins")
    yield base.act("POST", f"{service}/uninstall", manager.uninstall, "Uninstall a plug-in")
    yield base.get("/pg_mgr/plugins", manager.plugins, "Plug-ins")
    yield base.get("/pg_mgr/plugins/{plugin}/info", manager.info, "A plug-in", within=base.in_place)
    yield base.act("POST", "/pg_mgr/reload", manager.reload, "Look at a plug-in anew")
    for collection in (INSTALL, UPGRADE, UPDATE):
        yield from following.routes(base, f"/{collection}")
