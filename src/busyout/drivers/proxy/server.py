"""The engine's side of the control socket."""

import asyncio
import os
import socket
import time
from collections.abc import Callable
from logging import Logger
from pathlib import Path
from typing import Any, Protocol

from busyout.domain.engine import EngineEvent, EngineInfo
from busyout.domain.errors import BusyoutError, EngineRefused, InvalidConfiguration
from busyout.domain.traffic import Counters, Ended
from busyout.drivers.proxy import control, home
from busyout.drivers.proxy.core import Proxy
from busyout.drivers.proxy.findings import findings_of
from busyout.drivers.proxy.state import Send

END_POLL = 0.01
"""Seconds between two looks at whether the calls that are ended have gone."""

MAX_BACKLOG = 1 << 20
"""Bytes that a listener to events may be behind; then events are lost, and it is told so."""


class Served(Protocol):
    """What the control server answers for."""

    home: Path
    epoch: float
    log: Logger
    proxy: Proxy

    def info(self) -> EngineInfo:
        """Who answers."""

    def stop(self) -> None:
        """End at once."""

    def transmit(self, sends: list[Send]) -> None:
        """Send datagrams."""

    def hand_over(self, connection: socket.socket) -> bool:
        """Give everything to another process."""


class ControlServer:
    """Answers requests, and pushes events to those who asked for them."""

    def __init__(self, engine: Served) -> None:
        self._engine = engine
        self._server: asyncio.Server | None = None
        self._listeners: dict[asyncio.StreamWriter, bool] = {}
        self._connections: set[asyncio.StreamWriter] = set()
        self._left = False
        self._handlers: dict[type, Callable[[Any], object]] = {
            control.AskInfo: lambda ask: engine.info(),
            control.AskAdmit: self._admit,
            control.AskLoad: lambda ask: engine.proxy.load(),
            control.AskCalls: lambda ask: engine.proxy.calls(ask.limit, ask.after),
            control.AskCounters: self._counters,
            control.AskApply: self._apply,
            control.AskTrunks: lambda ask: engine.proxy.trunks(),
            control.AskSetTrunk: lambda ask: engine.proxy.set_trunk(ask.trunk, ask.enabled),
            control.AskStop: lambda ask: engine.stop(),
        }

    async def open(self) -> None:
        """Listen."""
        listener = home.listen(self._engine.home)
        self._server = await asyncio.start_unix_server(self._serve, sock=listener, limit=control.MAX_LINE)

    async def close(self) -> None:
        """Stop listening and let everybody go."""
        if self._server is not None:
            self._server.close()
        gone = EngineEvent("gone", time.time(), "", {})
        for writer in list(self._connections):
            if writer in self._listeners and not self._left:
                writer.write(control.encode(gone))
            writer.close()
        if not self._left:
            (self._engine.home / home.CONTROL).unlink(missing_ok=True)
        await asyncio.sleep(0)

    def leave(self) -> None:
        """The socket's name belongs to another process from now on."""
        self._left = True

    def publish(self) -> None:
        """Push what has happened to those who listen."""
        if not self._listeners:
            return
        events = self._engine.proxy.events()
        if not events:
            return
        lines = b"".join(control.encode(event) for event in events)
        for writer, behind in self._listeners.items():
            if writer.transport.get_write_buffer_size() > MAX_BACKLOG:
                self._listeners[writer] = True
                continue
            if behind:
                writer.write(control.encode(EngineEvent("resync", time.time(), "", {})))
                self._listeners[writer] = False
            writer.write(lines)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        try:
            while line := await reader.readline():
                await self._respond(line, writer)
        except (ConnectionError, ValueError):
            self._engine.log.info("control_connection_broken")
        finally:
            self._connections.discard(writer)
            self._listeners.pop(writer, None)
            self._engine.proxy.watch(bool(self._listeners))
            writer.close()

    async def _respond(self, line: bytes, writer: asyncio.StreamWriter) -> None:
        try:
            ask = control.decode_ask(line)
            if isinstance(ask, control.AskHandOver):
                self._hand_over(writer)
                return
            result = await self._end(ask) if isinstance(ask, control.AskEnd) else self._handle(ask)
        except BusyoutError as error:
            writer.write(control.encode(control.refused(error)))
        else:
            writer.write(control.encode(control.answer(result)))
            if isinstance(ask, control.AskEvents):
                self._listeners[writer] = False
                self._engine.proxy.watch(True)
        await writer.drain()

    def _handle(self, ask: control.Ask) -> object:
        if isinstance(ask, control.AskEvents):
            return None
        return self._handlers[type(ask)](ask)

    def _admit(self, ask: control.AskAdmit) -> None:
        self._engine.proxy.admit(ask.admitting, ask.retry_after, time.monotonic())
        self._engine.log.info("admission", extra={"fields": {"admitting": ask.admitting}})

    def _counters(self, ask: control.AskCounters) -> Counters:
        del ask
        return Counters(self._engine.epoch, time.time(), self._engine.proxy.counters())

    def _apply(self, ask: control.AskApply) -> object:
        findings = findings_of(ask.tables)
        if findings:
            raise InvalidConfiguration(findings)
        return self._engine.proxy.apply(ask.tables, time.monotonic(), dry_run=ask.dry_run)

    async def _end(self, ask: control.AskEnd) -> Ended:
        proxy = self._engine.proxy
        asked, sends = proxy.end(ask.ids, time.monotonic())
        self._engine.transmit(sends)
        until = time.monotonic() + control.END_WAIT
        left = asked
        while left and time.monotonic() < until:
            await asyncio.sleep(END_POLL)
            left = proxy.in_progress(left)
        return Ended(asked=len(asked), ended=len(asked) - len(left), failed=len(left))

    def _hand_over(self, writer: asyncio.StreamWriter) -> None:
        transport = writer.transport
        if not isinstance(transport, asyncio.ReadTransport):
            raise EngineRefused("this connection cannot carry a hand-over")
        transport.pause_reading()
        shared = socket.socket(fileno=os.dup(writer.get_extra_info("socket").fileno()))
        with shared:
            self._engine.hand_over(shared)
        transport.resume_reading()
