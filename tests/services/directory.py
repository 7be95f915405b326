"""Devices and profiles on a real store, with a NAT and plug-ins that a test sets as it likes.

The fixtures `directory` and `directory_url` are offered by the conftest beside this.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.clock import ManualClock
from tests.keys import KEYS

from busyout.domain.operator import Caller, Level
from busyout.domain.selector import read_query
from busyout.services.audit import Audit
from busyout.services.devices import Devices, Surroundings
from busyout.services.profiles import Profiles
from busyout.store import Store, open_store

ADMIN = Caller("admin", Level.ADMINISTRATOR, "provd", "127.0.0.1")
WATCHER = Caller("watcher", Level.MONITOR, "provd", "127.0.0.1")

MAC = "00:11:22:33:44:55"
BASE = {"http_base_url": "http://127.0.0.1:8667", "ntp": {"ip": "10.0.0.1", "enabled": True}}


class Directory:
    """What a test of devices and profiles stands on."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.plugins: frozenset[str] | None = None
        self.nat = False
        self.clock = ManualClock()
        self.audit = Audit(store.audit, self.clock)
        around = Surroundings(base=BASE, plugins=lambda: self.plugins, behind_nat=lambda: self.nat)
        self.devices = Devices(store.devices, around, self.audit, self.clock)
        self.profiles = Profiles(store.profiles, self.devices, self.audit, base=BASE)

    async def found(self, selector: object = None, **asked: Any) -> list[dict[str, Any]]:
        """Documents of devices that a query finds in all tenants."""
        query = read_query(selector, **asked)
        return [document async for document in self.devices.query(query, recurse=True)]

    async def ids(self, selector: object = None, **asked: Any) -> list[str]:
        """Their ids."""
        return [document["id"] for document in await self.found(selector, **asked)]

    async def actions(self) -> list[str]:
        """What the audit trail says that was done."""
        return [entry.record.action for entry in await self.audit.since(0, limit=1000)]

    async def profile(self, id: str, *parents: str, raw: dict[str, Any] | None = None, **more: Any) -> None:
        """Keep a profile."""
        await self.profiles.create(ADMIN, profile(id, *parents, raw=raw, **more))

    async def device(self, id: str, **members: Any) -> None:
        """Keep a device."""
        await self.devices.create(ADMIN, {"id": id, **members})

    async def configured(self, id: str) -> bool:
        """Whether a device is."""
        return (await self.devices.get(id)).configured


def profile(id: str, *parents: str, raw: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A profile's document."""
    return {"id": id, "parent_ids": list(parents), "raw_config": raw or {}, **more}


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Directory]:
    """A directory on the store of that URL."""
    store = open_store(url, KEYS)
    try:
        yield Directory(store)
    finally:
        await store.close()


@pytest.fixture(params=["sqlite", "postgres"])
def directory_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty store, on each database in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/busyout.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
async def directory(directory_url: str, anyio_backend: str) -> AsyncIterator[Directory]:
    """Devices and profiles, none of them there yet."""
    async with opened(directory_url) as directory:
        yield directory
