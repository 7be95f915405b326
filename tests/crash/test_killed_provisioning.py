"""The server is killed in each step of what is done to plug-ins: what is in place is the old or the new, whole."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.live.api import Api, Json, moved
from tests.live.server import Server
from tests.services.repository import SampleRepository

pytestmark = pytest.mark.anyio

ACME = "acme-phone"
FILES = 200
"""Files of each version, each of which says of which version it is."""

SETTINGS = """
[store]
url = "{store}"

[provisioning]
plugin_server = "{repository}"

[[elements]]
name = "provisioning"
kind = "provisioning"
driver = "inside"
"""

INSTALL = ("download", "verify", "put in place", "finish")
UPDATE = ("download the index", "check it whole", "replace it")

SHORT = {
    "install_plugin": INSTALL,
    "upgrade_plugin": ("put in place",),
    "uninstall_plugin": ("take away",),
    "update_plugins": ("replace it",),
}
"""Commands, and steps of them in which the server is killed each time."""

ALL = {
    "install_plugin": INSTALL,
    "upgrade_plugin": INSTALL,
    "uninstall_plugin": ("take away", "finish"),
    "update_plugins": UPDATE,
}
"""Commands and all their steps."""

INSTANTS = (0.0, 0.004, 0.008, 0.012, 0.02, 0.03, 0.05, 0.08)
"""Seconds after the acknowledgement."""


@dataclass(slots=True)
class Shop:
    """A server with a repository, whose offer has another version each time."""

    server: Server
    api: Api
    repository: SampleRepository
    version: int = 0
    offered: list[bytes] = field(default_factory=list)
    """Every index there was."""

    def offer(self) -> str:
        """Offer the next version."""
        self.version += 1
        files = {f"templates/{number}": f"version {self.version}.0".encode() for number in range(FILES)}
        self.repository.offer(ACME, f"{self.version}.0", files=files)
        self.offered.append((self.repository.folder / "plugins.db").read_bytes())
        return f"{self.version}.0"

    def in_place(self) -> str | None:
        """The version on disk, whole; None where there is none."""
        home = self.server.data / "provisioning" / "plugins" / ACME
        if not home.exists():
            return None
        version = str(json.loads((home / "plugin-info").read_bytes())["version"])
        contents = [(home / "templates" / str(number)).read_bytes() for number in range(FILES)]
        assert set(contents) == {f"version {version}".encode()}, "some files are of another version"
        return version

    def index(self) -> bytes | None:
        """The index in effect; None before the first."""
        path = self.server.data / "provisioning" / "plugins.db"
        return path.read_bytes() if path.exists() else None

    async def ask(self, kind: str, *, key: str = "") -> Json:
        """Begin a command."""
        command = {"type": kind} if kind == "update_plugins" else {"type": kind, "plugin": ACME}
        return await self.api.ask("POST", "/v1/elements/provisioning/operations", command, status=202, key=key)

    async def do(self, kind: str) -> None:
        """Carry a command to its end."""
        operation = await self.api.settled(await self.ask(kind))
        assert operation["state"] == "succeeded", operation["reason"]

    async def prepare(self, kind: str) -> set[Any]:
        """Bring everything into the state that a command begins with; what may be found after it, old and new."""
        old = self.in_place()
        if kind == "update_plugins":
            before = self.index()
            self.offer()
            return {before, self.offered[-1]}
        if kind == "install_plugin" and old is not None:
            await self.do("uninstall_plugin")
            old = None
        version = self.offer()
        await self.do("update_plugins")
        if kind == "uninstall_plugin" and old is None:
            await self.do("install_plugin")
            old = version
        if kind == "upgrade_plugin" and old is None:
            await self.do("install_plugin")
            old, version = version, self.offer()
            await self.do("update_plugins")
        return {old, None} if kind == "uninstall_plugin" else {old, version}

    def found(self, kind: str) -> Any:
        """What a command changes, as it is on disk now."""
        return self.index() if kind == "update_plugins" else self.in_place()

    async def survive(self, kind: str, step: str | None, moment: str | float) -> None:
        """Kill the server in a step, or so many seconds after the acknowledgement; start it and see all end well."""
        either = await self.prepare(kind)
        before = self.found(kind)
        key = f"{kind} {step} {moment} {self.version}"
        async with self.api.events() as heard:
            operation = await self.ask(kind, key=key)
            if step is None:
                await asyncio.sleep(float(moment))
            else:
                await heard.when(moved(operation, step, str(moment)))
            await self.server.kill()
        assert self.found(kind) in either | {None}, "between two renames it is nowhere, until the server starts"
        await self.server.start()
        assert (await self.ask(kind, key=key))["id"] == operation["id"]
        settled = await self.api.settled(operation)
        assert (settled["state"], settled["reason"]) == ("succeeded", None)
        assert self.found(kind) in either - {before}
        await self._shown(kind)

    async def _shown(self, kind: str) -> None:
        """What the server shows is what is on disk, and nothing half-made lies about."""
        home = self.server.data / "provisioning"
        assert {path.name for path in (home / "plugins").iterdir()} <= {ACME, ".shelf"}
        left = [path for path in (home / "cache").rglob("*") if path.name.endswith((".part", ".half"))]
        assert left == [], f"after {kind}"


@pytest.fixture
async def shop(store: str, tmp_path: Path) -> AsyncIterator[Shop]:
    """A server that is ready, with an index; gone after the test."""
    repository = SampleRepository(tmp_path / "repository")
    server = Server(tmp_path, SETTINGS.format(store=store, repository=repository.url))
    async with Api.of(server) as api:
        shop = Shop(server, api, repository)
        shop.offer()
        try:
            await server.start()
            await shop.do("update_plugins")
            yield shop
        finally:
            await server.stop()
            print(server.last_lines())


@pytest.mark.parametrize("kind", SHORT)
async def test_each_step_killed_leaves_the_old_or_the_new(shop: Shop, kind: str) -> None:
    for step in SHORT[kind]:
        await shop.survive(kind, step, "running")


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
async def test_the_first_and_the_last_step_killed_on_postgresql(shop: Shop) -> None:
    for step in (INSTALL[0], INSTALL[-1]):
        await shop.survive("install_plugin", step, "running")


@pytest.mark.long
@pytest.mark.parametrize("store", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("kind", ALL)
async def test_every_moment_leaves_the_old_or_the_new(shop: Shop, kind: str) -> None:
    for step in ALL[kind]:
        for state in ("running", "done"):
            await shop.survive(kind, step, state)
    for instant in INSTANTS:
        await shop.survive(kind, None, instant)
