"""What the provisioning has fetched: the index that is in effect, the next one, and the packages of plug-ins."""

from pathlib import Path
from typing import Protocol


class Depot(Protocol):
    """Files of the provisioning. What raises, raises `NotStored`: the disk is full, or refuses."""

    async def index(self) -> bytes | None:
        """The index that is in effect; None while there is none."""

    async def candidate(self) -> Path:
        """Where the next index is fetched to, and its signature beside it; its directory is there."""

    async def remember(self) -> bool:
        """Lay a copy of the index that is in effect aside; false when there is none. Idempotent."""

    async def replace(self) -> None:
        """Make the fetched index the one that is in effect, at once and so that it lasts. Idempotent."""

    async def restore(self, *, had: bool) -> None:
        """Put what was laid aside into effect again, or no index where there `had` been none. Idempotent."""

    async def package(self, plugin: str, filename: str) -> Path:
        """Where a plug-in's package is fetched to; its directory is there, without what was fetched of other names."""

    def fetched(self, plugin: str, filename: str) -> Path:
        """Where `package` had it fetched to; nothing is asked of the disk."""

    async def forget(self, plugin: str) -> None:
        """Remove what was fetched for a plug-in. Idempotent."""
