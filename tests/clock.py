"""Time that tests run by hand."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from heapq import heappop, heappush
from itertools import count
from typing import Any

START = 1_800_000_000.0
"""When every test begins: seconds since the epoch, a whole quarter of an hour."""

REAL_PATIENCE = 20.0
"""Real seconds in which work between two sleeps must be finished."""

SETTLING_ROUNDS = 20
"""Turns of the event loop given to those that were woken by somebody who slept, such as one who waits for an event."""

LOOK_AGAIN = 0.002
"""Real seconds between two looks at a condition while nobody sleeps."""

Condition = Callable[[], object]
"""What is waited for: a function, or an async function, that tells whether it is so."""

Waking = tuple[asyncio.Task[Any], int]
"""A task, and how often it had been woken."""

ABOVE: ContextVar[tuple[Waking, ...]] = ContextVar("ABOVE", default=())
"""The sleepers that created this task, directly or not, and itself, each with the waking it was in."""


class ManualClock:
    """Implements `ports.clock.Clock`; stands still until it is told to advance.

    A task that has slept once counts as busy, until it sleeps again or ends: time does not go on while one is busy.
    It is excused while a task that it has created since it woke sleeps, for that is what it waits for.
    A task can be made to count from its beginning by `watch`. The task that advances the clock never counts.
    """

    def __init__(self, start: float = START, *, patience: float = REAL_PATIENCE) -> None:
        self._now = start
        self._patience = patience
        self._order = count()
        self._due: list[tuple[float, int, asyncio.Future[None]]] = []
        self._sleeping: set[asyncio.Task[Any]] = set()
        self._woken: dict[asyncio.Task[Any], int] = {}
        self._sleeping_below: Counter[Waking] = Counter()
        self._watched: set[asyncio.Task[Any]] = set()
        self._changed = asyncio.Event()

    def now(self) -> float:
        """Seconds since the epoch, UTC."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait; a wait of zero or less lets others run once."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        task = asyncio.current_task()
        assert task is not None
        self.watch(task)
        woken = asyncio.get_running_loop().create_future()
        heappush(self._due, (self._now + seconds, next(self._order), woken))
        above = tuple(waking for waking in ABOVE.get() if waking[0] is not task)
        self._sleeping.add(task)
        self._sleeping_below.update(above)
        self._changed.set()
        try:
            await woken
        finally:
            woken.cancel()
            self._sleeping.discard(task)
            self._sleeping_below -= Counter(above)
            self._woken[task] = self._woken.get(task, 0) + 1
            ABOVE.set((*above, (task, self._woken[task])))

    def watch(self, task: asyncio.Task[Any]) -> None:
        """Let time stand still while this task is busy, from now on."""
        if task not in self._watched and not task.done():
            self._watched.add(task)
            task.add_done_callback(self._done)
            if task is asyncio.current_task():
                above = tuple(waking for waking in ABOVE.get() if waking[0] is not task)
                ABOVE.set((*above, (task, self._woken.get(task, 0))))

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._watched.discard(task)
        self._woken.pop(task, None)
        self._changed.set()

    @property
    def next_due(self) -> float | None:
        """When the next sleeper wakes; None while nobody sleeps."""
        while self._due and self._due[0][2].done():
            heappop(self._due)
        return self._due[0][0] if self._due else None

    async def advance(self, seconds: float) -> None:
        """Let so much time pass, from sleeper to sleeper; return when all work that it caused is done."""
        end = self._now + seconds
        await self.wait_quiet()
        while (due := self.next_due) is not None and due <= end:
            await self._wake(due)
        self._now = end

    async def run_until(self, condition: Condition, *, within: float = 3600.0) -> None:
        """Let time pass, from sleeper to sleeper, until the condition holds; time stands still while it is asked.

        While nobody sleeps, real work is waited for. Raises TimeoutError after `within` simulated seconds.
        """
        end = self._now + within
        while True:
            await self.wait_quiet()
            if await _holds(condition):
                return
            due = self.next_due
            if due is None:
                await self._wait_work(condition)
            elif due > end:
                raise TimeoutError(f"not within {within:g} simulated seconds: {_told(condition)}")
            else:
                await self._wake(due)

    async def finish(self, work: Awaitable[Any], *, within: float = 3600.0) -> Any:
        """Let time pass until an awaitable is done; its result."""
        task = asyncio.ensure_future(work)
        try:
            await self.run_until(task.done, within=within)
            return task.result()
        finally:
            task.cancel()

    async def wait_quiet(self) -> None:
        """Wait until every task that counts sleeps or has ended."""
        try:
            async with asyncio.timeout(self._patience):
                while True:
                    for _ in range(SETTLING_ROUNDS):
                        await asyncio.sleep(0)
                    if not self._busy():
                        return
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            names = ", ".join(sorted(_named(task) for task in self._busy()))
            raise TimeoutError(f"after {self._patience:g} real seconds these neither sleep nor end: {names}") from None

    def _busy(self) -> list[asyncio.Task[Any]]:
        me = asyncio.current_task()
        return [task for task in self._watched - self._sleeping if task is not me and not self._excused(task)]

    def _excused(self, task: asyncio.Task[Any]) -> bool:
        return self._sleeping_below[task, self._woken.get(task, 0)] > 0

    async def _wake(self, due: float) -> None:
        """Go to a time and wake everyone who is due then, one after the other."""
        self._now = max(self._now, due)
        while self.next_due == due:
            heappop(self._due)[2].set_result(None)
            await self.wait_quiet()

    async def _wait_work(self, condition: Condition) -> None:
        """Wait in real time until somebody sleeps or the condition holds."""
        try:
            async with asyncio.timeout(self._patience):
                while self.next_due is None and not await _holds(condition):
                    await asyncio.sleep(LOOK_AGAIN)
        except TimeoutError:
            raise TimeoutError(f"nobody sleeps, and this does not come true: {_told(condition)}") from None


async def _holds(condition: Condition) -> bool:
    holds = condition()
    return bool(await holds if isinstance(holds, Awaitable) else holds)


def _named(task: asyncio.Task[Any]) -> str:
    frames = task.get_stack(limit=1)
    place = f" at {frames[-1].f_code.co_qualname}:{frames[-1].f_lineno}" if frames else ""
    return f"{task.get_name()}{place}"


def _told(condition: Condition) -> str:
    code = getattr(condition, "__code__", None)
    return f"{condition!r}" if code is None else f"the condition at {code.co_filename}:{code.co_firstlineno}"
