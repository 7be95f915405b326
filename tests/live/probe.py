"""Single calls by our own caller: what the SBC says to a new call at this moment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Self

from tests.live.sipp import Address

from busyout.drivers.proxy.agent import Caller, Outcome

BETWEEN: Final = 0.05
"""Seconds between two probes."""


@dataclass(frozen=True, slots=True)
class Probe:
    """Offers calls one after the other."""

    caller: Caller

    @classmethod
    @asynccontextmanager
    async def of(cls, sbc: Address) -> AsyncIterator[Self]:
        """A probe of an SBC until the end of the block."""
        caller = await Caller.open(sbc)
        try:
            yield cls(caller)
        finally:
            await caller.close()

    async def offer(self) -> Outcome:
        """Offer a call, and end it at once where it is answered."""
        return await self.caller.call(0.0)

    async def until_admitted(self) -> int:
        """Offer calls until one is admitted; how many were refused, each properly.

        Raises:
            AssertionError: A call was neither admitted nor refused with 503 and Retry-After.
        """
        refused = 0
        while (outcome := await self.offer()) is Outcome.REFUSED:
            refused += 1
            await asyncio.sleep(BETWEEN)
        assert outcome is Outcome.COMPLETED
        return refused
