"""What the system tells of our own process."""

import os
import resource
from pathlib import Path
from typing import Final

from busyout.ports.process import Memory

KILOBYTE: Final = 1024

CGROUP: Final = Path("/sys/fs/cgroup/memory.max")


class OwnProcess:
    """Implements `Process`."""

    def __init__(self) -> None:
        self._limit = _limit()

    def memory(self) -> Memory:
        """Our memory now."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KILOBYTE
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        resident = pages * resource.getpagesize()
        return Memory(self._limit, max(peak, resident), resident)


def _limit() -> int:
    """The smallest of what the process, its group and the machine may have."""
    limits = [os.sysconf("SC_PHYS_PAGES") * resource.getpagesize()]
    own, _ = resource.getrlimit(resource.RLIMIT_AS)
    if own != resource.RLIM_INFINITY:
        limits.append(own)
    if CGROUP.is_file() and (word := CGROUP.read_text(encoding="ascii").strip()).isdecimal():
        limits.append(int(word))
    return min(limits)
