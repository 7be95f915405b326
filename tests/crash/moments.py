"""Moments at which the server is killed: as a step begins, or in the middle of what it does."""

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.live.api import Api, Json, Listener, moved, progress
from tests.live.server import alive, until

POLL: Final = 0.005
"""Seconds between two looks at processes: a new engine takes twenty times as long to come up."""

SIGTERM_BIT: Final = 1 << (signal.SIGTERM - 1)


@dataclass(frozen=True, slots=True)
class Scene:
    """What a moment is recognised by."""

    api: Api
    heard: Listener
    operation: Json
    step: str
    engine: int
    """Process id of the engine at the beginning."""

    async def begun(self) -> None:
        """Return as the step begins."""
        await self.heard.when(moved(self.operation, self.step, "running"))

    async def told(self, fits: Callable[[Json], bool]) -> None:
        """Return as something happens."""
        await self.heard.when(fits)


async def begin(scene: Scene) -> None:
    """The step was written down as begun; what it does may be still to come, or done."""
    await scene.begun()


async def done(scene: Scene) -> None:
    """The step was written down as done; the next one may have begun."""
    await scene.told(moved(scene.operation, scene.step, "done"))


async def waiting(scene: Scene) -> None:
    """New calls are refused, and a call is waited for."""
    await scene.told(progress(scene.operation))


async def stopping(scene: Scene) -> None:
    """The engine was told to end, and does not, because it is frozen."""
    await scene.begun()
    os.kill(scene.engine, signal.SIGSTOP)

    async def told_to_end() -> bool:
        return not alive(scene.engine) or bool(pending_signals(scene.engine) & SIGTERM_BIT)

    await until(told_to_end, every=POLL)


async def starting(scene: Scene) -> None:
    """The engine has ended, and a new one is on its way."""
    await scene.begun()

    async def gone() -> bool:
        return not alive(scene.engine)

    await until(gone, every=POLL)


async def asking(scene: Scene) -> None:
    """The engine was asked, and does not answer, because it was frozen before: the silence was noticed."""
    await scene.begun()
    await scene.told(lambda event: event["type"] == "element.state" and event["data"].get("operational") == "disabled")


async def handing_over(scene: Scene) -> None:
    """A new process is there that will take over."""
    await scene.begun()
    home = os.fsencode(scene.api.server.home)

    async def heir_is_there() -> bool:
        commands = await asyncio.to_thread(command_lines)
        return any(b"--take-over" in command and home in command for command in commands)

    await until(heir_is_there, every=POLL)


def pending_signals(pid: int) -> int:
    """Signals that a process has been sent and has not taken, as a mask; 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("ascii", "replace").splitlines()
    except OSError:
        return 0
    return int(next(line.split()[1] for line in lines if line.startswith("ShdPnd:")), 16)


def command_lines() -> list[bytes]:
    """Of every process."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(file.read_bytes())
        except OSError:
            continue
    return found
