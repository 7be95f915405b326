"""Takes in a file that is coming, within its bounds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

from busyout.drivers.repository.arrival import Arrival
from busyout.drivers.repository.part import Part
from busyout.drivers.repository.patience import Patience
from busyout.drivers.repository.telling import Telling
from busyout.drivers.repository.thread import Thread
from busyout.drivers.repository.trouble import Unreadable
from busyout.ports.repository import Fetched, Tell


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may come, how slowly, and who is told."""

    limit: int
    tell: Tell
    patience: Patience

    def judge_size(self, size: int) -> None:
        """Let a size pass.

        Raises:
            Unreadable: It is more than the limit.
        """
        if size > self.limit:
            raise Unreadable(f"it is larger than {self.limit} bytes", anew=True)


async def received(arrival: Arrival, part: Part, disk: Thread, bounds: Bounds) -> Fetched:
    """The file, when it is whole and on disk.

    Raises:
        Unreadable: It is too large, too slow, or not whole.
        OSError: It cannot be written.
    """
    now = asyncio.get_running_loop().time
    began = now()
    if arrival.total is not None:
        bounds.judge_size(arrival.total)
    await disk.run(part.begin, arrival)
    telling = Telling(bounds.tell, arrival.total)
    telling.now(part.size, began)
    async with aclosing(arrival.chunks) as chunks:
        while chunk := await _next(chunks, bounds.patience.silence):
            bounds.judge_size(part.size + len(chunk))
            await disk.run(part.add, chunk)
            telling.maybe(part.size, now())
            bounds.patience.judge_pace(part.size - arrival.start, now() - began)
    if arrival.total is not None and part.size != arrival.total:
        why = f"it ended after {part.size} of {arrival.total} bytes"
        raise Unreadable(why, passing=True, anew=part.size > arrival.total)
    telling.now(part.size, now())
    return await disk.run(part.keep, arrival.etag)


async def _next(chunks: AsyncIterator[bytes], silence: float) -> bytes:
    """The next piece; empty at the end.

    Raises:
        Unreadable: None has come in so many seconds, whatever else has come of which the protocol makes no file.
    """
    try:
        async with asyncio.timeout(silence):
            return await anext(chunks, b"")
    except TimeoutError as error:
        raise Unreadable(f"silence for {silence:g} s", passing=True) from error
