"""The durable engine as the services see it: open, start, forget, close."""

import asyncio
import importlib
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack

from busyout.domain.errors import StoreUnavailable
from busyout.durable.advances import Advances
from busyout.durable.attempt import end, failure_of, pauses
from busyout.durable.database import postgres_url, prepare, sqlite_file
from busyout.durable.engine import Engine
from busyout.durable.slots import FileSlot, Slot
from busyout.ports.operations import Advance

TAKE_OVER_INTERVAL = 2.0
"""Seconds between two looks for the work of dead servers."""

TIDY_INTERVAL = 3600.0
"""Seconds between two looks for history that nobody asked to forget."""

log = logging.getLogger(__name__)


def preload() -> None:
    """Import what `open` needs and what takes long, so that a thread can do it while the server starts."""
    importlib.import_module("dbos")


class DbosOperations:
    """Operations carried by DBOS, on SQLite for one server or on PostgreSQL for several. One open per process."""

    def __init__(self, store_url: str, *, slot: int | None = None) -> None:
        """`slot` is the number to work under on PostgreSQL; None for the first that is free."""
        self._url = store_url
        self._slot = _slot(store_url, slot)
        self._shift: AsyncExitStack | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._engine: Engine | None = None
        self._early: dict[str, None] = {}
        self.lost = False
        """Whether this server has lost its slot, carries nothing, and tries to get a slot again."""
        self._when_lost: Callable[[], None] | None = None

    @property
    def shared(self) -> bool:
        """Whether other servers can work on the same store."""
        return self._slot.shared

    @property
    def slot(self) -> str | None:
        """The slot that this server works in; None while it holds none."""
        return self._slot.name if self._slot.held else None

    def when_lost(self, act: Callable[[], None]) -> None:
        """Do something whenever the slot turns out to be lost, before another one is taken; replaces what was given."""
        self._when_lost = act

    async def live(self) -> frozenset[str]:
        """Slots that are held by live servers, this one included.

        Raises:
            StoreUnavailable: That cannot be known at present.
        """
        return await self._slot.live()

    async def hold(self) -> None:
        """Take the right to work, before anything else of the data directory is touched; `close` gives it back.

        Raises:
            SlotTaken: Another server works in this data directory; the message has its process id.
            StoreUnavailable: The database does not answer.
        """
        await self._slot.hold()

    async def open(self, advance: Advance) -> None:
        """Begin to work, and go on with what was interrupted. `advance` is called on the loop of the caller.

        Raises:
            SlotTaken: As for `hold`, or another engine is open in this process.
            StoreUnavailable: The database does not answer.
        """
        await self._begin(advance)
        self._keeper = asyncio.create_task(self._keep(advance))

    async def start(self, operation: str, *, new: bool = False) -> None:
        """Carry an operation to its end; returns at once. Asked too early, it is carried once the engine works."""
        if self._engine is None:
            self._early[operation] = None
        else:
            self._engine.begin(operation, new=new)

    async def forget(self, operations: tuple[str, ...]) -> None:
        """Remove the history of settled operations. Idempotent.

        Raises:
            StoreUnavailable: The engine does not work at present.
        """
        if self._engine is None:
            raise StoreUnavailable("the durable engine does not work at present")
        if operations:
            await self._engine.forget(operations)

    async def close(self) -> None:
        """Stop working here; what is not settled goes on at the next `open`. Idempotent."""
        if self._keeper is not None:
            await end(self._keeper)
            self._keeper = None
        await self._stop()
        await self._slot.release()
        self._early.clear()

    async def _begin(self, advance: Advance) -> None:
        """Take a slot and launch the engine in it; whatever fails, nothing is left behind."""
        async with AsyncExitStack() as shift:
            shift.push_async_callback(self._slot.release)
            await self._slot.hold()
            if (file := sqlite_file(self._url)) is not None:
                prepare(file)
            advances = Advances(advance)
            engine = Engine(self._url, advances, self._slot.name)
            shift.push_async_callback(engine.stop)
            shift.push_async_callback(advances.close)
            await engine.launch()
            for duty in (_take_over(self._slot, engine), _tidy(engine)):
                shift.push_async_callback(end, asyncio.create_task(duty))
            self._shift = shift.pop_all()
        self._engine = engine
        early, self._early = self._early, {}
        for operation in early:
            engine.begin(operation, new=False)

    async def _stop(self) -> None:
        """Stop seeking, then advancing, then the engine; give the slot free only after that."""
        self._engine = None
        shift, self._shift = self._shift, None
        if shift is not None:
            await shift.aclose()

    async def _keep(self, advance: Advance) -> None:
        """Stop working whenever the slot is lost, and begin again when one can be had."""
        while True:
            await self._slot.wait_lost()
            self.lost = True
            if self._when_lost is not None:
                self._when_lost()
            log.error("slot_lost", extra={"slot": self._slot.name})
            await self._stop()
            for pause in pauses():
                error = await failure_of(self._begin(advance))
                if error is None:
                    break
                log.warning("slot_not_regained", extra={"again_in": pause}, exc_info=error)
                await asyncio.sleep(pause)
            self.lost = False
            log.warning("slot_regained", extra={"slot": self._slot.name})


def _slot(store_url: str, number: int | None) -> Slot:
    file = sqlite_file(store_url)
    if file is not None:
        return FileSlot(file)
    from busyout.durable.postgres_slots import PostgresSlot  # noqa: PLC0415 - psycopg is not needed on SQLite

    return PostgresSlot(postgres_url(store_url), number=number)


async def _take_over(slot: Slot, engine: Engine) -> None:
    """Again and again, hand out the work of servers that have died."""
    while True:
        await asyncio.sleep(TAKE_OVER_INTERVAL)
        error = await failure_of(_seek(slot, engine))
        if error is not None:
            log.warning("take_over_failed", exc_info=error)


async def _seek(slot: Slot, engine: Engine) -> None:
    """Hand out the work of every owner whose slot nobody holds; holding it keeps a new server out meanwhile."""
    for owner in await engine.owners():
        if not await slot.try_other(owner):
            continue
        try:
            count = await engine.take_over(owner)
        finally:
            await slot.let_go_other(owner)
        log.warning("work_taken_over", extra={"owner": owner, "operations": count})


async def _tidy(engine: Engine) -> None:
    """Now and again, delete old history: of no use to anybody, since what was done is in the store."""
    while True:
        error = await failure_of(engine.tidy())
        if error is not None:
            log.warning("tidying_failed", exc_info=error)
        await asyncio.sleep(TIDY_INTERVAL)
