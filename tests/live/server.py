"""The real server in a process of its own: started, killed, started again, stopped with its engines."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

import aiohttp
from tests.ports import free_port

T = TypeVar("T")

PATIENCE: Final = 60.0
"""Seconds for anything that happens at once on a machine that is not busy."""

PASSWORD: Final = "a-password-for-tests"
"""Of the operator `admin`."""

CONTEXT: Final = """
[[elements]]
name = "context"
kind = "context"
driver = "inside"
"""
"""Settings, TOML: context services, and no other element."""

LAST_LINES: Final = 60
"""Lines of the log that are shown when a test fails."""


def context_on(store: str) -> str:
    """Settings, TOML: context services on a database."""
    return f'[store]\nurl = "{store}"\n{CONTEXT}'


async def until(look: Callable[[], Awaitable[T]], *, seconds: float = PATIENCE, every: float = 0.05) -> T:
    """What a look shows as soon as it is true.

    Raises:
        TimeoutError: It was never true.
    """
    deadline = time.monotonic() + seconds
    while True:
        if seen := await look():
            return seen
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s: {getattr(look, '__name__', look)}")
        await asyncio.sleep(every)


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


@dataclass(slots=True)
class Server:
    """A server with its data and its settings under `home`."""

    home: Path
    settings: str
    """TOML."""
    port: int = field(default_factory=free_port)
    stop_engines: bool = True
    """Whether the server stops its engines when it is ended in good order."""
    process: asyncio.subprocess.Process | None = None
    """None before the first start."""
    engines: set[int] = field(default_factory=set)
    """Process ids of engines that were seen."""

    @property
    def url(self) -> str:
        """Where every face answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """Everything that it wrote, over all its starts."""
        return self.home / "server.log"

    async def start(self) -> float:
        """Start it; returns the seconds until it was ready."""
        self.home.mkdir(parents=True, exist_ok=True)
        config = self.home / "busyout.toml"
        config.write_text(self.settings, "utf-8")
        begun = time.monotonic()
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "busyout", "serve", *(("--stop-engines",) if self.stop_engines else ())),
                *("--config", str(config), "--data", str(self.data), "--listen", f"127.0.0.1:{self.port}"),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=_environment(),
            )
        await self._ready()
        return time.monotonic() - begun

    async def kill(self) -> None:
        """End it as a crash does."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    async def end(self) -> None:
        """End it in good order. Idempotent."""
        if self.process is not None and self.process.returncode is None:
            self.process.terminate()
            try:
                await asyncio.wait_for(self.process.wait(), PATIENCE)
            except TimeoutError:
                await self.kill()

    async def stop(self) -> None:
        """End it and its engines, by process id. Idempotent."""
        await self.end()
        for pid in self.engines:
            if alive(pid) and self._is_ours(pid):
                os.kill(pid, signal.SIGKILL)

    def last_lines(self) -> str:
        """The end of the log."""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-LAST_LINES:])

    async def _ready(self) -> None:
        async with aiohttp.ClientSession() as http:

            async def ready() -> bool:
                assert self.process is not None
                assert self.process.returncode is None, f"the server ended:\n{self.last_lines()}"
                try:
                    async with http.get(f"{self.url}/readyz") as answer:
                        return answer.status == 200
                except aiohttp.ClientError:
                    return False

            await until(ready)

    def _is_ours(self, pid: int) -> bool:
        return str(self.home).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()


def _environment() -> dict[str, str]:
    """That of this process; compiled modules are kept, as for every user, or each start would compile them anew."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**inherited, "BUSYOUT_ADMIN_PASSWORD": PASSWORD}
