"""What the C library does with memory that is free again, and how often Python looks for memory that is."""

import ctypes
import gc
from typing import Final

MMAP_THRESHOLD: Final = -3
"""`M_MMAP_THRESHOLD` of mallopt(3)."""

LARGE: Final = 1024 * 1024
"""Bytes from which on a block goes back to the system as soon as it is free."""

YOUNG: Final = 50_000
"""How many more objects there are before Python looks for those that only each other know."""

OLDER: Final = (10, 10)
"""How many such looks, before it looks among older ones, and among the oldest."""


def collect_seldom() -> None:
    """Look for garbage in cycles seldom: hundreds of requests at once are no garbage, and were looked through often.

    By itself Python looks when there are 700 objects more. What requests leave behind is freed without a look.
    """
    gc.set_threshold(YOUNG, *OLDER)


def keep_for_good() -> None:
    """Leave all that there is now out of such looks: libraries, routes and services stay to the end."""
    gc.collect()
    gc.freeze()


def give_back_large_blocks() -> None:
    """Have glibc give large blocks back for good; where the C library is another one, nothing happens.

    By itself glibc raises its threshold to the size of what was freed, and keeps the next block of that size in the
    heap of its thread: the 19 MiB of each password hash would stay, once for every thread that hashes.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(MMAP_THRESHOLD, LARGE)
