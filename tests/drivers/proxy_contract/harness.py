"""The driver contract's harness for the embedded proxy: its real process, real SIP over UDP."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import monotonic

from msgspec.structs import replace
from tests.contracts.driver import Answer
from tests.drivers.proxy_contract.messages import Message
from tests.drivers.proxy_contract.parties import Caller, Party
from tests.drivers.simulated.harness import TABLES
from tests.ports import free_port

from busyout.domain.element import Element
from busyout.drivers.registry import Registry
from busyout.ports.driver import Driver
from busyout.server.clock import SystemClock

WITHIN = 8.0
"""Seconds that a condition may take to come true."""

LOOK_AGAIN = 0.02
"""Seconds between two looks."""


class ProxyHarness:
    """Implements `tests.contracts.driver.Harness`."""

    def __init__(self) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="busyout-engine-"))
        self._port = free_port()
        self._caller = Caller(("127.0.0.1", self._port))
        self._callees = (Party(), Party())
        self._drivers: list[Driver] = []
        self._ringing: dict[str, asyncio.Task[Message]] = {}
        self.tables = TABLES

    async def open(self) -> None:
        """Let the parties take their ports."""
        for party in (self._caller, *self._callees):
            await party.open()
        trunks = zip(TABLES.trunk, self._callees, strict=True)
        self.tables = replace(
            TABLES,
            interface=(replace(TABLES.interface[0], port=self._port),),
            trunk=tuple(replace(trunk, port=callee.address[1]) for trunk, callee in trunks),
        )

    async def close(self) -> None:
        """End the engine and everything else."""
        await self.make().stop()
        for driver in self._drivers:
            await driver.close()
        for party in (self._caller, *self._callees):
            party.close()
        shutil.rmtree(self._home)

    def make(self) -> Driver:
        element = Element(name="sbc", kind="sbc", driver="proxy")
        driver = Registry(SystemClock()).make(element, self._home)
        self._drivers.append(driver)
        return driver

    async def place(self) -> str:
        call = self._caller.new_call()
        answer = await self._caller.invite(call)
        assert answer.status == 200, answer
        return call

    async def ring(self) -> str:
        call = self._caller.new_call()
        self._callees[0].picks_up = False
        self._ringing[call] = asyncio.create_task(self._caller.invite(call))

        async def rings() -> bool:
            return call in self._caller.ringing

        await self.wait(rings)
        self._callees[0].picks_up = True
        return call

    async def pick_up(self, call: str) -> bool:
        callee = self._callees[0]
        callee.reply(callee.ringing.pop(call), "200 OK", ("127.0.0.1", self._port))
        answer = await self._ringing.pop(call)
        return answer.status == 200

    async def hang_up(self, call: str) -> bool:
        answer = await self._caller.bye(call)
        return answer.status == 200 and any(call in callee.ended for callee in self._callees)

    async def offer(self) -> Answer:
        answer = await self._caller.invite(self._caller.new_call())
        if answer.status == 200:
            await self._caller.bye(answer["Call-ID"])
        retry_after = answer.all("Retry-After")
        return Answer(answer.status or 0, int(retry_after[0]) if retry_after else None)

    async def both_told(self, call: str) -> bool:
        ringing = self._ringing.pop(call, None)
        if ringing is not None:
            answer = await ringing
            assert (answer.status or 0) >= 400, answer

        async def told() -> bool:
            caller_told = ringing is not None or call in self._caller.ended
            return caller_told and any(call in callee.ended for callee in self._callees)

        await self.wait(told)
        return True

    async def trunk_answers(self, answers: bool) -> None:
        self._callees[0].answers = answers

    async def kill(self) -> None:
        os.kill((await self.make().info()).pid, signal.SIGKILL)

    async def wait(self, condition: Callable[[], Awaitable[bool]]) -> None:
        until = monotonic() + WITHIN
        while not await condition():
            if monotonic() > until:
                raise TimeoutError(f"not within {WITHIN:g} s")
            await asyncio.sleep(LOOK_AGAIN)
