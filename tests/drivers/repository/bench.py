"""A repository on a simulated clock, and where it brings files to."""

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from tests.clock import START, ManualClock

from busyout.drivers.repository.driver import UrlRepository
from busyout.drivers.repository.patience import Patience
from busyout.drivers.repository.road import Reach
from busyout.ports.repository import Access, Fetched

LIMIT = 10_000_000
HURRIED = Patience(silence=0.3, answer=0.6, pauses=(1.0,))


def some_bytes(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


@dataclass
class Bench:
    """Fetches, and keeps what was told."""

    clock: ManualClock
    into: Path
    told: list[tuple[int, int | None]] = field(default_factory=list)
    lookups: list[str] = field(default_factory=list)

    @property
    def part(self) -> Path:
        return self.into.with_name(f"{self.into.name}.part")

    @property
    def waited(self) -> float:
        """Simulated seconds between tries."""
        return self.clock.now() - START

    @property
    def left(self) -> list[str]:
        """Names of all files that are there."""
        return sorted(path.name for path in self.into.parent.iterdir() if path.name.startswith(self.into.name))

    def resolving(self, **names: str) -> Callable[[str, int], Awaitable[tuple[object, ...]]]:
        """Looks names up in a table, `_` for dots; addresses between commas are for one lookup after another."""
        answers = {name.replace("_", "."): addresses.split(",") for name, addresses in names.items()}

        async def look_up(host: str, port: int) -> tuple[object, ...]:
            self.lookups.append(host)
            known = answers.get(host, [host])
            return (ip_address(known.pop(0) if len(known) > 1 else known[0]),)

        return look_up

    async def fetch(
        self, url: str, access: Access | None = None, *, limit: int = LIMIT, reach: Reach | None = None, **more: object
    ) -> Fetched:
        """Fetch from a server that is the configured one unless `access` says otherwise."""
        repository = UrlRepository(self.clock, reach, **more)  # type: ignore[arg-type]
        asked = access or Access(plugin_server=url)
        work = repository.fetch(url, self.into, access=asked, limit=limit, tell=self.tell)
        return await self.clock.finish(work)

    def tell(self, size: int, total: int | None) -> None:
        self.told.append((size, total))

    async def wait_part(self, size: int) -> None:
        """Until so many bytes are in the part, in real time."""
        async with asyncio.timeout(20):
            while not self.part.exists() or self.part.stat().st_size < size:
                await asyncio.sleep(0.002)

    def holds(self, data: bytes, fetched: Fetched) -> bool:
        """Whether the file arrived whole, was digested, and is all that is there."""
        assert self.left == [self.into.name]
        assert fetched.size == len(data)
        assert fetched.sha1 == hashlib.sha1(data).hexdigest()
        assert fetched.sha256 == hashlib.sha256(data).hexdigest()
        return self.into.read_bytes() == data
