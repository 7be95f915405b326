"""The calls of the demo: who places them, who answers them."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from busyout.cli.demo.report import Numbers
from busyout.cli.exits import CommandError, Exit
from busyout.drivers.proxy.agent import Answerer, Caller
from busyout.wire.native import Tables

UP_WITHIN = 15.0
"""Seconds in which the first calls must be up."""


class Traffic:
    """Callers on one side of an SBC, an answerer on the other."""

    def __init__(self, caller: Caller, answerer: Answerer, tasks: asyncio.TaskGroup) -> None:
        self.caller = caller
        self.answerer = answerer
        self._tasks = tasks
        self._placed = 0
        """Calls placed, those included that have not begun yet."""

    def place(self, number: int, *, shortest: float, longest: float) -> None:
        """Place calls whose lengths, in seconds, are spread evenly between two bounds."""
        for one in range(number):
            length = shortest + (longest - shortest) * one / max(1, number - 1)
            self._place(length)

    async def wait_up(self, number: int) -> None:
        """Wait until so many calls are up.

        Raises:
            CommandError: They are not, in time.
        """
        try:
            async with asyncio.timeout(UP_WITHIN):
                await self.caller.until(lambda: self.caller.up >= number)
        except TimeoutError:
            text = f"only {self.caller.up} of {number} calls came up: does the configuration route calls to its trunk?"
            raise CommandError(Exit.FAILED, text) from None

    async def wait_over(self) -> None:
        """Wait until every call is over."""
        await self.caller.until(lambda: self.caller.tally.settled >= self._placed)

    def _place(self, length: float) -> None:
        self._placed += 1
        self._tasks.create_task(self.caller.call(length))

    def offer(self, *, every: float) -> asyncio.Task[None]:
        """Offer a short new call again and again, until that task is cancelled."""

        async def offering() -> None:
            while True:
                self._place(0.5)
                await asyncio.sleep(every)

        return self._tasks.create_task(offering())

    def numbers(self, *, engines: tuple[int | None, int | None], restart: float, settling: float) -> Numbers:
        """What became of the calls, beside what the caller has measured: process ids, and seconds."""
        tally = self.caller.tally
        return Numbers(
            placed=tally.placed,
            answered=tally.answered,
            completed=tally.completed,
            cut=tally.cut,
            refused_with_retry_after=tally.refused,
            refused_otherwise=tally.rejected,
            unanswered=tally.unanswered,
            ended_by_name=tally.forced,
            engine_before=engines[0],
            engine_after=engines[1],
            restart_seconds=round(restart, 3),
            settling_seconds=round(settling, 3),
        )

    def note_end(self, number: int) -> asyncio.Task[float]:
        """Note when so many answered calls are over, on the monotonic clock."""
        tally = self.caller.tally

        async def noting() -> float:
            await self.caller.until(lambda: tally.completed + tally.cut + tally.forced >= number)
            return time.monotonic()

        return self._tasks.create_task(noting())


@asynccontextmanager
async def traffic_through(tables: Tables) -> AsyncIterator[Traffic]:
    """Callers at the first interface of an element, and an answerer where its first trunk leads.

    Raises:
        CommandError: The element has none, or the trunk's address cannot be had.
    """
    if not tables.interface or not tables.trunk:
        raise CommandError(Exit.REFUSED, "the element has no interface or no trunk that calls could pass")
    interface, trunk = tables.interface[0], tables.trunk[0]
    try:
        answerer = await Answerer.open((trunk.address, trunk.port))
    except OSError as wrong:
        text = f"the demo answers calls at {trunk.address}:{trunk.port}, where the trunk leads: {wrong.strerror}"
        raise CommandError(Exit.REFUSED, text) from wrong
    caller = await Caller.open((interface.address, interface.port), address=(interface.address, 0))
    try:
        async with asyncio.TaskGroup() as tasks:
            yield Traffic(caller, answerer, tasks)
    except ExceptionGroup as group:
        raise group.exceptions[0] from group
    finally:
        await caller.close()
        await answerer.close()
