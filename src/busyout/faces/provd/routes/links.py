"""The documents that only point to others (wire notes, 1.3)."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from busyout.faces.provd.routes.base import Base
from busyout.faces.provd.translate import told
from busyout.http import Handler, Reply, Request, Route
from busyout.wire.provd.messages import BusHealth, Health, encoded

LINKS: Final[Mapping[str, Mapping[str, str]]] = {
    "": {"dev": "dev_mgr", "cfg": "cfg_mgr", "pg": "pg_mgr", "status": "status", "srv.configure": "configure"},
    "/dev_mgr": {
        "dev.synchronize": "synchronize",
        "dev.reconfigure": "reconfigure",
        "dev.dhcpinfo": "dhcpinfo",
        "dev.devices": "devices",
    },
    "/cfg_mgr": {"cfg.configs": "configs", "cfg.autocreate": "autocreate"},
    "/pg_mgr": {"srv.install": "install", "pg.plugins": "plugins", "pg.reload": "reload"},
    "/pg_mgr/install": {
        f"srv.install.{name}": name
        for name in ("install", "uninstall", "installed", "installable", "upgrade", "update")
    },
}
"""By path: rel and last segment, in the order of the document."""

PLUGIN: Final = {"pg.info": "info", "srv.install": "install"}

PLUGIN_INSTALL: Final = {
    f"srv.install.{name}": name for name in ("install", "uninstall", "installed", "installable", "upgrade")
}
"""The document leaves upgrade and update to each service; packages of plug-ins have no update."""

HEALTHY: Final = Reply(body=encoded(Health("ok", BusHealth("ok"))))
"""There is no bus whose state could be another."""


def routes(base: Base) -> Iterator[Route]:
    """Link documents, and the health of the Wazo dialect."""
    for path, services in LINKS.items():
        yield base.get(path, _fixed(Reply(body=encoded(told.links(base.prefix + path, services)))), "Links")
    plugin = "/pg_mgr/plugins/{plugin}"
    yield base.get(plugin, _of_plugin(base, "", PLUGIN), "Links of a plug-in", within=base.in_place)
    yield base.get(
        f"{plugin}/install", _of_plugin(base, "/install", PLUGIN_INSTALL), "Links of its packages", within=base.in_place
    )
    yield base.get("/status", _fixed(HEALTHY), "Health")


def _fixed(reply: Reply) -> Handler:
    async def answer(_request: Request[Any, Any]) -> Reply:
        return reply

    return answer


def _of_plugin(base: Base, path: str, services: Mapping[str, str]) -> Handler:
    async def answer(request: Request[Any, Any]) -> Reply:
        place = f"{base.prefix}/pg_mgr/plugins/{request.path['plugin']}{path}"
        return Reply(body=encoded(told.links(place, services)))

    return answer
