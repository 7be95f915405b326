"""What the kernel knows of a process: processor time, memory, and when it ended."""

import asyncio
import os
import time
from pathlib import Path
from typing import Final

PATIENCE: Final = 60.0
"""Longest wait for the end of a process, in seconds."""


def cpu_seconds(pid: int) -> float:
    """Processor time of a process so far, all its threads together, in seconds; precise to well below a millisecond."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text("ascii").split()[0]) for task in tasks) / 1e9


def kept_waiting(pid: int) -> float:
    """Seconds for which the main thread of a process could have run and others had the processors."""
    return int(Path(f"/proc/{pid}/schedstat").read_text("ascii").split()[1]) / 1e9


def memory(pid: int) -> tuple[float, float]:
    """Resident set and proportional set of a process, in MB of 1,000,000 bytes."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    sizes = {line.split(":")[0]: line.split()[1] for line in lines[1:]}
    return int(sizes["Rss"]) * 1024 / 1e6, int(sizes["Pss"]) * 1024 / 1e6


class Watch:
    """Sees a process end, whoever its parent is, and knows when that was."""

    def __init__(self, pid: int) -> None:
        """Hold on to the process of that id."""
        self._descriptor = os.pidfd_open(pid)
        self._ended: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().add_reader(self._descriptor, self._end)

    async def ended(self) -> float:
        """When it ended, on the monotonic clock."""
        return await asyncio.wait_for(self._ended, PATIENCE)

    def _end(self) -> None:
        asyncio.get_running_loop().remove_reader(self._descriptor)
        os.close(self._descriptor)
        self._ended.set_result(time.monotonic())
