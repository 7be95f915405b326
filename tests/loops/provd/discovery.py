"""How clients find a service: the old ones by the `rel` of links, from the root on; the new ones by its path."""

from collections.abc import Awaitable, Callable

from tests.loops.provd.client import ProvdClient

Find = Callable[[ProvdClient, str], Awaitable[str]]
"""The path of a service below the prefix."""

INSTALL = ("pg", "srv.install")

SERVICES: dict[str, tuple[tuple[str, ...], str]] = {
    "configure": (("srv.configure",), "/configure"),
    "devices": (("dev", "dev.devices"), "/dev_mgr/devices"),
    "synchronize": (("dev", "dev.synchronize"), "/dev_mgr/synchronize"),
    "reconfigure": (("dev", "dev.reconfigure"), "/dev_mgr/reconfigure"),
    "dhcpinfo": (("dev", "dev.dhcpinfo"), "/dev_mgr/dhcpinfo"),
    "configs": (("cfg", "cfg.configs"), "/cfg_mgr/configs"),
    "autocreate": (("cfg", "cfg.autocreate"), "/cfg_mgr/autocreate"),
    "plugins": (("pg", "pg.plugins"), "/pg_mgr/plugins"),
    "reload": (("pg", "pg.reload"), "/pg_mgr/reload"),
    "update": ((*INSTALL, "srv.install.update"), "/pg_mgr/install/update"),
    "install": ((*INSTALL, "srv.install.install"), "/pg_mgr/install/install"),
    "upgrade": ((*INSTALL, "srv.install.upgrade"), "/pg_mgr/install/upgrade"),
    "uninstall": ((*INSTALL, "srv.install.uninstall"), "/pg_mgr/install/uninstall"),
    "installed": ((*INSTALL, "srv.install.installed"), "/pg_mgr/install/installed"),
    "installable": ((*INSTALL, "srv.install.installable"), "/pg_mgr/install/installable"),
}
"""By name: the links that lead to it, and its path."""


async def by_path(client: ProvdClient, name: str) -> str:
    """As the new ones do: `pg_mgr/plugins/ID/install/NAME` for packages, written as `ID NAME`."""
    plugin, space, service = name.partition(" ")
    if space:
        return f"/pg_mgr/plugins/{plugin}/install/{service}"
    return SERVICES[name][1]


async def by_rel(client: ProvdClient, name: str) -> str:
    """As the old ones do, who ask for each document on the way."""
    plugin, space, service = name.partition(" ")
    if space:
        listed = await client.ask("GET", await by_rel(client, "plugins"))
        [link] = listed["plugins"][plugin]["links"]
        assert link["rel"] == "pg.plugin"
        return await followed(client, client.below(link["href"]), ("srv.install", f"srv.install.{service}"))
    return await followed(client, "", SERVICES[name][0])


async def followed(client: ProvdClient, path: str, rels: tuple[str, ...]) -> str:
    """Where links of those names lead from a path, one after the other."""
    for rel in rels:
        links = (await client.ask("GET", path))["links"]
        [href] = [link["href"] for link in links if link["rel"] == rel]
        path = client.below(href)
    return path
