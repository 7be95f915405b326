"""The services in this process as the server has them, on one simulated element. No duty runs, and nothing listens."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from busyout.domain.operator import Caller, Level
from busyout.durable.operations import DbosOperations
from busyout.http.services import Services
from busyout.server.house import build
from busyout.server.run import close_house, open_house, outside_of, sealing_keys_of
from busyout.settings import Settings, load
from busyout.store import open_store

ELEMENT: Final = "sbc"
CALLER: Final = Caller("admin", Level.SECURITY_ADMINISTRATOR, "native", "127.0.0.1")

SETTINGS: Final = """
[faces.mediant]
element = "sbc"

[[elements]]
name = "sbc"
kind = "sbc"
driver = "simulated"
"""


def _settings(home: Path, text: str) -> Settings:
    home.mkdir(parents=True)
    file = home / "busyout.toml"
    file.write_text(text, "utf-8")
    return load(file, environ=os.environ, given={"server.data": str(home)})


@asynccontextmanager
async def opened(home: Path, text: str = SETTINGS) -> AsyncIterator[Services]:
    """The services until the end of the block; `text` are the settings."""
    settings = _settings(home, text)
    durable = DbosOperations(settings.store.url)
    async with AsyncExitStack() as stack:
        await durable.hold()
        stack.push_async_callback(durable.close)
        store = await asyncio.to_thread(open_store, settings.store.url, sealing_keys_of(settings))
        stack.push_async_callback(store.close)
        async with asyncio.TaskGroup() as tasks:
            house = build(outside_of(settings, store, durable), (), tasks)
            await open_house(house, settings)
            await durable.open(house.services.operations.advance)
            yield house.services
            await durable.close()
            await close_house(house, settings)
