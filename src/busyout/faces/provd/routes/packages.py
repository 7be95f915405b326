"""The installation service of each plug-in: its packages (wire notes, 1.6)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from busyout.faces.provd import errors
from busyout.faces.provd.routes import following
from busyout.faces.provd.routes.base import EMPTY, Base
from busyout.faces.provd.routes.plugins import REMOVAL_PATIENCE
from busyout.faces.provd.translate import asked, told
from busyout.http import Reply, Request, Route

SERVICE: Final = "pg_mgr/plugins/{plugin}/install"


@dataclass(frozen=True, slots=True)
class Packages:
    """The handlers."""

    base: Base

    async def installable(self, request: Request[None, None]) -> Reply:
        """GET installable."""
        plugin = request.path["plugin"]
        listing = await self.base.services.plugins.installable_packages(plugin)
        return self.base.kept(f"installable {plugin}", listing, told.packages, request)

    async def installed(self, request: Request[None, None]) -> Reply:
        """GET installed."""
        plugin = request.path["plugin"]
        listing = await self.base.services.plugins.installed_packages(plugin)
        return self.base.kept(f"installed {plugin}", listing, told.packages, request)

    async def install(self, request: Request[object, None]) -> Reply:
        """POST install."""
        plugin, package = request.path["plugin"], asked.id_of(request.body)
        with errors.while_in_progress(busy("an install operation", plugin, package)):
            operation = await self.base.services.plugins.install_package(request.caller, plugin, package)
        return await following.opened(
            self.base, request.caller, f"pg_mgr/plugins/{plugin}/install/install", operation.id
        )

    async def upgrade(self, request: Request[object, None]) -> Reply:
        """POST upgrade."""
        plugin, package = request.path["plugin"], asked.id_of(request.body)
        with errors.while_in_progress(busy("an upgrade operation", plugin, package)):
            operation = await self.base.services.plugins.upgrade_package(request.caller, plugin, package)
        return await following.opened(
            self.base, request.caller, f"pg_mgr/plugins/{plugin}/install/upgrade", operation.id
        )

    async def uninstall(self, request: Request[object, None]) -> Reply:
        """POST uninstall; answers when it is done."""
        plugin, package = request.path["plugin"], asked.id_of(request.body)
        with errors.while_in_progress(busy("an operation", plugin, package)):
            operation = await self.base.services.plugins.uninstall_package(request.caller, plugin, package)
        asked.finished(await self.base.services.operations.wait_settled(operation.id, timeout=REMOVAL_PATIENCE))
        return EMPTY


def busy(what: str, plugin: str, package: str) -> str:
    """Begins as clients know it; but the packages of a plug-in wait for each other, so that it may be another one."""
    return f"{what} for pkg {package} is already in progress, or another one for plugin {plugin}"


def routes(base: Base) -> Iterator[Route]:
    """The packages of plug-ins that are in place."""
    service, path, within = Packages(base), f"/{SERVICE}", base.in_place
    yield base.get(f"{path}/installable", service.installable, "Packages of a plug-in", within=within)
    yield base.get(f"{path}/installed", service.installed, "Its packages that are in place", within=within)
    yield base.act("POST", f"{path}/install", service.install, "Install a package", within=within)
    yield base.act("POST", f"{path}/upgrade", service.upgrade, "Upgrade a package", within=within)
    yield base.act("POST", f"{path}/uninstall", service.uninstall, "Uninstall a package", within=within)
    for collection in ("install", "upgrade"):
        yield from following.routes(base, f"{path}/{collection}")
