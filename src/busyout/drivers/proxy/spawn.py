"""Starting the engine's process and seeing it end."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Self

import msgspec

import busyout
from busyout.domain.engine import EngineInfo, Stopped
from busyout.domain.errors import ElementUnreachable, StopTimeout
from busyout.drivers.proxy import control, home

START_PATIENCE = 10.0
"""Seconds that a new process has to say that it carries calls."""

KILL_PATIENCE = 5.0
"""Seconds that a killed process has to disappear."""

MODULE = "busyout.drivers.proxy.process"


class Nursery:
    """The processes that this one has started; they are looked after so that none stays behind as a zombie."""

    def __init__(self, directory: Path) -> None:
        self._home = directory
        self._children: list[subprocess.Popen[bytes]] = []

    async def start(self, setup: control.StartSetup, *, take_over: bool) -> EngineInfo:
        """Start a process and wait until it carries calls.

        Raises:
            ElementUnreachable: It ended, or said nothing in time.
            BusyoutError: What it says that it cannot start for.
        """
        child = self._spawn(setup, ["--take-over"] if take_over else [])
        self._children.append(child)
        try:
            line = await asyncio.wait_for(_first_line(child), START_PATIENCE)
        except TimeoutError as error:
            child.kill()
            raise ElementUnreachable(f"the engine did not start within {START_PATIENCE:g} s") from error
        if not line:
            words = home.last_words(self._home)
            raise ElementUnreachable(f"the engine ended at once: {words or 'it said nothing'}")
        return msgspec.json.decode(control.decode_answer(line), type=EngineInfo)

    def reap(self) -> None:
        """Take note of children that have ended."""
        self._children = [child for child in self._children if child.poll() is None]

    def _spawn(self, setup: control.StartSetup, extra: list[str]) -> "subprocess.Popen[bytes]":
        home.prepare(self._home)
        source = os.fspath(Path(busyout.__file__).parent.parent)
        command = [sys.executable, "-P", "-m", MODULE, "--home", os.fspath(self._home), *extra]
        with tempfile.TemporaryFile() as words, home.standard_error(self._home) as errors:
            words.write(msgspec.json.encode(setup))
            words.seek(0)
            return subprocess.Popen(  # noqa: S603 - our own module, no shell
                command,
                stdin=words,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd="/",
                env={**os.environ, "PYTHONPATH": source},
                start_new_session=True,
            )


async def _first_line(child: "subprocess.Popen[bytes]") -> bytes:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), child.stdout)
    try:
        return await reader.readline()
    finally:
        transport.close()


class Exit:
    """Sees one process end, whoever its parent is."""

    def __init__(self, pid: int) -> None:
        """Hold on to the process of that id."""
        self._pid = pid
        self._descriptor: int | None = None
        with contextlib.suppress(ProcessLookupError):
            self._descriptor = os.pidfd_open(pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    async def stopped(self, kill_after: float) -> Stopped:
        """Wait for the end; kill the process when it takes longer than `kill_after` seconds.

        Raises:
            StopTimeout: It is there even after it was killed.
        """
        if await self._ended(kill_after):
            return Stopped(self._pid, killed=False)
        self.send(signal.SIGKILL)
        if await self._ended(KILL_PATIENCE):
            return Stopped(self._pid, killed=True)
        raise StopTimeout(f"process {self._pid} is there {KILL_PATIENCE:g} s after it was killed")

    def send(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens when the process has ended."""
        if self._descriptor is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._descriptor, number)

    async def _ended(self, patience: float) -> bool:
        if self._descriptor is None:
            return True
        loop = asyncio.get_running_loop()
        over = asyncio.Event()
        loop.add_reader(self._descriptor, over.set)
        try:
            await asyncio.wait_for(over.wait(), patience)
        except TimeoutError:
            return False
        finally:
            loop.remove_reader(self._descriptor)
        return True
