"""The engine process: `python -m busyout.drivers.proxy.process --home DIR [--take-over]`.

Reads its set-up on standard input, writes one line on standard output when it carries calls or cannot, and then lives
until it is told to stop, whoever started it.
"""

import asyncio
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from busyout import __version__
from busyout.domain.engine import EngineInfo
from busyout.domain.errors import BusyoutError, EngineRefused, InvalidConfiguration
from busyout.drivers.proxy import home as files
from busyout.drivers.proxy.control import StartSetup, answer, encode, refused
from busyout.drivers.proxy.core import Proxy
from busyout.drivers.proxy.findings import findings_of
from busyout.drivers.proxy.handover import Estate, Heir, give
from busyout.drivers.proxy.journal import open_log
from busyout.drivers.proxy.seal import Seal
from busyout.drivers.proxy.server import ControlServer
from busyout.drivers.proxy.sockets import bind, source_of
from busyout.drivers.proxy.state import Admission, Send

TICK = 0.05
"""Seconds between two ticks of the machine."""

BATCH = 64
"""Most datagrams that are read from one socket before the others have their turn."""

NAME = "busyout-proxy"


class Engine:
    """The machine, its sockets and the time."""

    def __init__(self, home: Path, setup: StartSetup, heir: Heir | None) -> None:
        """Take hold of everything.

        Raises:
            InvalidConfiguration: The tables are not acceptable, or an address is taken.
            AlreadyRunning: Another process runs in this directory.
        """
        findings = findings_of(setup.tables)
        if findings:
            raise InvalidConfiguration(findings)
        self.home = home
        self.log = open_log(home)
        self._lock = files.lock(home) if heir is None else heir.lock
        self._sockets = bind(setup.tables.interface, heir.sockets if heir is not None else {})
        self.epoch = time.time() if heir is None else heir.estate.epoch
        self._key = files.key(home) if heir is None else heir.estate.key
        offset = time.time() - time.monotonic()
        admission = Admission(setup.admitting, setup.retry_after, setup.capacity)
        self.proxy = Proxy(Seal(self._key), admission, clock_offset=offset, source_of=source_of)
        if heir is not None:
            self.proxy.restore(heir.estate.memoir)
        self.proxy.configure(setup.tables, time.monotonic())
        self._loop = asyncio.get_running_loop()
        self._server = ControlServer(self)
        self._ended = asyncio.Event()

    async def run(self, heir: Heir | None) -> None:
        """Carry calls until told to stop."""
        await self._server.open()
        if heir is not None:
            files.sign(self._lock)
            heir.accept(self._sockets.values())
        self._listen()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self.stop)
        self.log.info("started", extra={"fields": {"pid": os.getpid(), "taken_over": heir is not None}})
        _tell(encode(answer(self.info())))
        self._tick()
        await self._ended.wait()
        self._deafen()
        await self._server.close()
        self.log.info("stopped", extra={"fields": {"pid": os.getpid()}})

    def stop(self) -> None:
        """End at once."""
        self._ended.set()

    def info(self) -> EngineInfo:
        """Who we are."""
        return EngineInfo(
            name=NAME,
            version=__version__,
            pid=os.getpid(),
            epoch=self.epoch,
            admitting=self.proxy.admitting(),
            digest=self.proxy.digest(),
        )

    def hand_over(self, connection: socket.socket) -> bool:
        """Give everything to another process; false when it did not take it, and we go on."""
        self._deafen()
        addresses = [one.getsockname() for one in self._sockets.values()]
        estate = Estate(self.epoch, self._key, addresses, self.proxy.memoir())
        descriptors = [self._lock, *(one.fileno() for one in self._sockets.values())]
        if give(connection, estate, descriptors):
            self._server.leave()
            self.stop()
            return True
        files.sign(self._lock)
        self.log.warning("hand_over_failed")
        self._listen()
        return False

    def transmit(self, sends: list[Send]) -> None:
        """Send datagrams; what the system does not take counts as lost on the way."""
        for data, address, interface in sends:
            try:
                self._sockets[interface].sendto(data, address)
            except OSError:
                self.proxy.count("unsent")

    def _listen(self) -> None:
        for index, udp in self._sockets.items():
            self._loop.add_reader(udp, self._readable, index, udp)

    def _deafen(self) -> None:
        for udp in self._sockets.values():
            self._loop.remove_reader(udp)

    def _readable(self, index: int, udp: socket.socket) -> None:
        receive, now = self.proxy.receive, time.monotonic()
        for _ in range(BATCH):
            try:
                data, source = udp.recvfrom(65_535)
            except BlockingIOError:
                break
            self.transmit(receive(data, source, index, now))
        self._server.publish()

    def _tick(self) -> None:
        self._loop.call_later(TICK, self._tick)
        self.transmit(self.proxy.tick(time.monotonic()))
        self._server.publish()


def _tell(line: bytes) -> None:
    """Say how the start went, and let go of the standard streams. Whoever started us may have died meanwhile."""
    with suppress(BrokenPipeError):
        os.write(1, line)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)


async def _run(home: Path, setup: StartSetup, heir: Heir | None) -> None:
    await Engine(home, setup, heir).run(heir)


def main(arguments: list[str]) -> int:
    """Run the engine; 0 when it was stopped, 1 when it could not start."""
    os.umask(0o077)
    home = Path(arguments[arguments.index("--home") + 1]).absolute()
    try:
        setup = msgspec.json.decode(sys.stdin.buffer.read(), type=StartSetup)
        heir = Heir(home) if "--take-over" in arguments else None
        asyncio.run(_run(home, setup, heir))
    except BusyoutError as error:
        _tell(encode(refused(error)))
        return 1
    except (files.AlreadyRunning, msgspec.DecodeError) as error:
        _tell(encode(refused(EngineRefused(str(error)))))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
