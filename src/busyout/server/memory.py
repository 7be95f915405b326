"""What the C library does with memory that is free again."""

import ctypes
from typing import Final

MMAP_THRESHOLD: Final = -3
"""`M_MMAP_THRESHOLD` of mallopt(3)."""

LARGE: Final = 1024 * 1024
"""Bytes from which on a block goes back to the system as soon as it is free."""


def give_back_large_blocks() -> None:
    """Have glibc give large blocks back for good; where the C library is another one, nothing happens.

    By itself glibc raises its threshold to the size of what was freed, and keeps the next block of that size in the
    heap of its thread: the 19 MiB of each password hash would stay, once for every thread that hashes.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(MMAP_THRESHOLD, LARGE)
