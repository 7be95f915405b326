"""Reads files from repositories: tries again, and goes on where it was cut."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from busyout.domain.errors import RepositoryUnreachable
from busyout.drivers.repository.folder import read_path
from busyout.drivers.repository.part import Part
from busyout.drivers.repository.patience import Patience
from busyout.drivers.repository.receipt import Bounds, received
from busyout.drivers.repository.resolve import Resolve, resolve
from busyout.drivers.repository.road import Reach, Road
from busyout.drivers.repository.target import Target, read_target
from busyout.drivers.repository.thread import own_thread
from busyout.drivers.repository.trouble import Unreadable
from busyout.ports.clock import Clock
from busyout.ports.repository import Access, Fetched, Tell

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Order:
    """One file that is wanted."""

    source: Target | Path
    into: Path
    access: Access
    bounds: Bounds

    @property
    def url(self) -> str:
        """What the beginning of the file is known by; without user and password."""
        return str(self.source) if isinstance(self.source, Path) else self.source.url

    @property
    def shown(self) -> str:
        """For messages and logs."""
        return str(self.source) if isinstance(self.source, Path) else self.source.shown


class UrlRepository:
    """Implements `ports.repository.Repository`."""

    def __init__(
        self,
        clock: Clock,
        reach: Reach | None = None,
        *,
        patience: Patience | None = None,
        resolve: Resolve = resolve,
    ) -> None:
        """The clock is for the pauses between tries; `resolve` turns names into addresses, once for each connection.

        Raises:
            InvalidValue: An entry of the allow-list cannot be read.
        """
        self._clock = clock
        self._patience = patience or Patience()
        self._road = Road(reach or Reach(), self._patience, resolve)

    async def fetch(self, url: str, into: Path, *, access: Access, limit: int, tell: Tell) -> Fetched:
        """Bring a file of at most `limit` bytes; `into` appears whole or not at all. Resumes what is in `into`.part.

        What belongs to `into`.part is noted in `into`.part.from.

        Raises:
            InvalidValue: The URL's scheme or address is not allowed.
            RepositoryUnreachable: It could not be read, after retries; the message says which URL and why.
        """
        source = read_path(url) or read_target(url)
        order = Order(source, into, access, Bounds(limit, tell, self._patience))
        pauses = iter(self._patience.pauses)
        while True:
            try:
                return await self._attempt(order)
            except Unreadable as error:
                pause = next(pauses, None)
                if pause is None or not error.passing:
                    raise RepositoryUnreachable(f"{order.shown} could not be read: {error.message}") from error
                wait = max(pause, min(error.after, self._patience.longest_pause))
                log.warning("fetch_interrupted", extra={"url": order.shown, "reason": error.message, "again_in": wait})
            await self._clock.sleep(wait)

    async def _attempt(self, order: Order) -> Fetched:
        part = Part(order.into, order.url)
        async with own_thread("disk") as disk:
            try:
                resume = await disk.run(part.resume, order.bounds.limit)
                async with self._road.opened(order.source, order.access, resume) as arrival:
                    return await received(arrival, part, disk, order.bounds)
            except Unreadable as error:
                if error.anew:
                    await disk.run(part.drop)
                raise
            except OSError as error:
                with suppress(OSError):  # where nothing can be written, perhaps nothing can be removed
                    await disk.run(part.drop)
                why = error.strerror or "the disk refuses"
                raise RepositoryUnreachable(f"{order.shown} could not be kept in {order.into.name}: {why}") from error
            finally:
                await asyncio.shield(disk.run(part.close))
