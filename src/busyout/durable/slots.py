"""The slot a server works in: what it runs is recorded under the slot's name, and one live server holds it."""

import asyncio
import fcntl
import os
from pathlib import Path
from typing import Protocol

from busyout.domain.errors import StoreUnavailable


class SlotTaken(StoreUnavailable):
    """Another server works there."""


class Slot(Protocol):
    """The right to work, held for as long as the process lives."""

    @property
    def name(self) -> str:
        """Under which work is recorded; valid once held."""

    @property
    def held(self) -> bool:
        """Whether it is ours, as far as we know."""

    @property
    def shared(self) -> bool:
        """Whether there are more slots than this one."""

    async def live(self) -> frozenset[str]:
        """Slots that are held by live servers.

        Raises:
            StoreUnavailable: The database does not answer.
        """

    async def hold(self) -> None:
        """Take a slot that is free. Idempotent while held.

        Raises:
            SlotTaken: None is free.
            StoreUnavailable: The database does not answer.
        """

    async def wait_lost(self) -> None:
        """Return when it can no longer be known that the slot is ours."""

    async def try_other(self, name: str) -> bool:
        """Take the slot of another server too; true when no live server held it."""

    async def let_go_other(self, name: str) -> None:
        """Give the slot of another server free again."""

    async def release(self) -> None:
        """Give the slot free. Idempotent."""


class FileSlot:
    """The one slot of a data directory: a lock on a file, which the kernel gives free when the process dies."""

    name = "slot-0"
    shared = False

    def __init__(self, database: Path) -> None:
        self._file = database.with_suffix(".lock")
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether the file is locked by us."""
        return self._descriptor is not None

    async def live(self) -> frozenset[str]:
        """Ours, if it is held; there is no other."""
        return frozenset({self.name}) if self.held else frozenset()

    async def hold(self) -> None:
        """Lock the file and write our process id into it."""
        if self._descriptor is not None:
            return
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(descriptor, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise SlotTaken(f"another server, process {holder}, works in {self._file.parent}") from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode("ascii"))
        self._descriptor = descriptor

    async def wait_lost(self) -> None:
        """Never returns: the lock ends with the process."""
        await asyncio.Event().wait()

    async def try_other(self, name: str) -> bool:
        """No other server can hold a slot here."""
        return name != self.name

    async def let_go_other(self, name: str) -> None:
        """Nothing was taken."""

    async def release(self) -> None:
        """Unlock the file, which stays."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
