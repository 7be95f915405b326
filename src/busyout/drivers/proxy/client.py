"""The manager's side of the control socket: a connection for each request, so that nothing has to be kept alive."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeVar

import msgspec

from busyout.domain.engine import EngineEvent
from busyout.domain.errors import ElementUnreachable, EngineGone
from busyout.drivers.proxy import control, home

Result = TypeVar("Result")

PATIENCE = 3.0
"""Seconds that an answer is waited for."""

PAUSE = 0.05
"""Seconds before a broken request is made again; every request may be made twice."""


class ControlClient:
    """Asks the engine of one directory."""

    def __init__(self, directory: Path) -> None:
        self._home = directory

    async def ask(self, ask: control.Ask, kind: type[Result], *, patience: float = PATIENCE) -> Result:
        """The engine's answer.

        Raises:
            EngineGone: No engine runs.
            ElementUnreachable: It runs and does not answer in time.
            BusyoutError: What the engine refused the request with.
        """
        until = time.monotonic() + patience
        while True:
            try:
                async with asyncio.timeout(until - time.monotonic()):
                    line = await self._exchange(control.encode(ask))
                return msgspec.json.decode(control.decode_answer(line), type=kind)
            except TimeoutError as error:
                raise ElementUnreachable(f"the engine does not answer within {patience:g} s") from error
            except OSError as error:
                self._check_alive(error)
                if time.monotonic() + PAUSE >= until:
                    raise ElementUnreachable("the engine runs and takes no control connection") from error
            await asyncio.sleep(PAUSE)

    async def events(self) -> AsyncIterator[EngineEvent]:
        """Events until the connection breaks.

        Raises:
            EngineGone: No engine runs.
            ElementUnreachable: It runs and does not answer.
        """
        try:
            reader, writer = await self._open()
        except OSError as error:
            self._check_alive(error)
            raise ElementUnreachable("the engine runs and takes no control connection") from error
        try:
            writer.write(control.encode(control.AskEvents()))
            line = await asyncio.wait_for(reader.readline(), PATIENCE)
            if not line:
                return
            control.decode_answer(line)
            while (line := await reader.readline()).endswith(b"\n"):
                yield msgspec.json.decode(line, type=EngineEvent)
        except TimeoutError as error:
            raise ElementUnreachable("the engine does not answer") from error
        except ConnectionError:
            return
        finally:
            writer.close()

    async def _exchange(self, line: bytes) -> bytes:
        reader, writer = await self._open()
        try:
            writer.write(line)
            answer = await reader.readline()
        finally:
            writer.close()
        if not answer.endswith(b"\n"):
            raise ConnectionResetError("the connection broke off")
        return answer

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_unix_connection(sock=home.connect(self._home), limit=control.MAX_LINE)

    def _check_alive(self, error: OSError) -> None:
        if home.holder(self._home) is None:
            raise EngineGone("the engine's process is gone, or was never started") from error
