"""What the process that we are can tell of itself."""

from typing import Protocol

from msgspec import Struct


class Memory(Struct, frozen=True):
    """Memory of a process, in bytes."""

    limit: int
    """Most that it may have: its own limit, or that of the machine."""
    peak: int
    """Most that was ever resident."""
    resident: int
    """Resident now."""


class Process(Protocol):
    """The process."""

    def memory(self) -> Memory:
        """Its memory now."""
