"""Where the files of tests are made."""

import shutil
from pathlib import Path
from typing import Final

MEMORY: Final = Path("/dev/shm")
"""Where files are in memory, on Linux: what other work does to a disk neither slows tests down nor fails them."""

ROOM: Final = 2**31
"""Bytes that have to be free there."""


def quickest() -> Path | None:
    """Where files are best made; None for the directory of all temporary files."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM else None
