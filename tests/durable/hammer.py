"""A server reduced to its modes, under load: `hammer.py STORE_URL HOME NAME`, to be killed or ended by closing stdin.

Requests of both classes are tried all the time; what is in progress when is written to HOME/NAME.log, with a clock
that all processes share. Reads commands from stdin and answers each with a line:
`switch MODE`, `mode`, `slow CLASS` (one request that stays), `release` (it ends).
"""

import asyncio
import itertools
import os
import sys
import time
from pathlib import Path
from typing import Final

from tests.durable.node import say
from tests.keys import KEYS

from busyout.domain.context.errors import GateShut, ModeNotAllowed, ModeSwitching
from busyout.domain.errors import BusyoutError
from busyout.domain.mode import Mode, RequestClass
from busyout.domain.operator import Caller, Level
from busyout.durable import DbosOperations
from busyout.server.duties import attend
from busyout.server.house import House, build
from busyout.server.run import open_house, outside_of
from busyout.settings import ElementSettings, FaceSettings, ServerSettings, Settings, StoreSettings
from busyout.store.database import Database
from busyout.store.opening import open_database, open_store
from busyout.store.tables.modes import hold_mode

ADMIN: Final = Caller("admin", Level.SECURITY_ADMINISTRATOR, "test", "")
MODES: Final = {RequestClass.DATA: Mode.PRODUCTION, RequestClass.SCHEMA: Mode.MAINTENANCE}
CLIENTS: Final = 3
"""Of each class."""

PAUSE: Final = 0.005
"""Seconds between two requests of a client."""


class Hammer:
    """Requests without end."""

    def __init__(self, house: House, database: Database, log: Path) -> None:
        self._gate = house.services.gate
        self._modes = house.services.modes
        self._database = database
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._serial = itertools.count()
        self._release = asyncio.Event()
        self.slow: list[asyncio.Task[None]] = []

    async def client(self, kind: RequestClass) -> None:
        """Ask again and again."""
        while True:
            await self._request(kind)
            await asyncio.sleep(PAUSE)

    async def obey(self, command: str) -> str:
        """Do what a command says."""
        match command.split():
            case ["switch", mode]:
                return await self._switch(Mode(mode))
            case ["mode"]:
                return self._mode()
            case ["slow", kind]:
                came = asyncio.Event()
                self.slow.append(asyncio.create_task(self._slow(RequestClass(kind), came)))
                await came.wait()
                return "in"
            case _:
                self._release.set()
                return "released"

    async def _request(self, kind: RequestClass, came: asyncio.Event | None = None) -> bool:
        try:
            with self._gate.enter(kind):
                number = next(self._serial)
                self._tell(kind, number, "begin")
                try:
                    await self._work(MODES[kind], came)
                finally:
                    self._tell(kind, number, "end")
        except (ModeNotAllowed, ModeSwitching, GateShut):
            return False
        return True

    async def _work(self, mode: Mode, came: asyncio.Event | None) -> None:
        """Write something in a mode; one that says that it `came` stays until it is released."""
        if came is not None:
            came.set()
            await self._release.wait()
        await self._database.run(lambda connection: hold_mode(connection, mode))

    async def _slow(self, kind: RequestClass, came: asyncio.Event) -> None:
        while not await self._request(kind, came):
            await asyncio.sleep(PAUSE)

    async def _switch(self, mode: Mode) -> str:
        try:
            await self._modes.switch(ADMIN, mode)
        except BusyoutError as error:
            return f"{type(error).__name__} {error}"
        return "done"

    def _mode(self) -> str:
        if self._gate.switching:
            return "switching"
        try:
            return self._gate.mode.value
        except GateShut:
            return "shut"

    def _tell(self, kind: RequestClass, number: int, moment: str) -> None:
        os.write(self._log, f"{kind.value} {number} {moment} {time.monotonic_ns()}\n".encode("ascii"))


async def serve(store_url: str, home: Path, name: str) -> None:
    """Open a server, let it be hammered, and do what stdin says until it ends."""
    settings = Settings(
        server=ServerSettings(data=home / name),
        store=StoreSettings(store_url, sealing_key_file=KEYS),
        faces={"native": FaceSettings()},
        elements=(ElementSettings(name="context", kind="context", driver="inside"),),
    )
    settings.server.data.mkdir()
    durable = DbosOperations(store_url)
    await durable.hold()
    store = open_store(store_url, KEYS)
    async with asyncio.TaskGroup() as tasks:
        house = build(outside_of(settings, store, durable), (), tasks)
        await open_house(house, settings)
        await durable.open(house.services.operations.carry)
        work = [tasks.create_task(attend(house))]
        hammer = Hammer(house, open_database(store_url), home / f"{name}.log")
        for kind in MODES:
            work += [tasks.create_task(hammer.client(kind)) for _ in range(CLIENTS)]
        say("open")
        while command := await asyncio.to_thread(sys.stdin.readline):
            say(await hammer.obey(command))
        for task in (*work, *hammer.slow):
            task.cancel()
        await durable.close()
        await house.close()
    await store.close()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
