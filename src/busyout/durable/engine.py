"""DBOS in a thread and an event loop of its own, so that it takes neither threads nor time of the services' loop."""

import asyncio
import concurrent.futures.thread
import logging
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from busyout.durable import database
from busyout.durable.advances import Advances
from busyout.durable.slots import SlotTaken

if TYPE_CHECKING:
    from busyout.durable.workflow import Workflows

T = TypeVar("T")

STOP_PATIENCE = 2.0
"""Seconds to wait for the end of DBOS, which takes longer only while its database is away."""

SUCCESSION_PATIENCE = 30.0
"""Seconds to wait for the end of the engine that ran in this process before."""

EXECUTOR_THREADS = "dbos-executor-"

log = logging.getLogger(__name__)
_one_at_a_time = threading.Lock()


class Engine:
    """One life of DBOS, from launch to stop. Made and used on the loop of the services."""

    def __init__(self, store_url: str, advances: Advances, slot: str) -> None:
        self._store_url = store_url
        self._advances = advances
        self._slot = slot
        self._up: Future[asyncio.AbstractEventLoop | None] = Future()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._live, name="operations", daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()
        self._workflows: Workflows | None = None
        self._destroy: Callable[[], None] | None = None

    async def launch(self) -> None:
        """Import and launch DBOS; return when it works.

        Raises:
            SlotTaken: Another engine runs in this process.
        """
        self._thread.start()
        if await self._loop() is None:
            raise SlotTaken("another durable engine is open in this process")
        self._workflows = await self._there(self._launch())

    def begin(self, operation: str, *, new: bool) -> None:
        """Carry an operation; returns at once. Costs nothing when this process carries it already."""
        if self._workflows is not None and not self._workflows.carries(operation):
            self._running_loop().call_soon_threadsafe(self._spawn, partial(self._workflows.begin, operation, new=new))

    async def forget(self, operations: tuple[str, ...]) -> None:
        """Delete the history of operations."""
        if self._workflows is not None:
            await self._there(self._workflows.forget(operations))

    async def owners(self) -> set[str]:
        """Slots of the other servers that have work in progress."""
        return set() if self._workflows is None else await self._there(self._workflows.owners())

    async def take_over(self, owner: str) -> int:
        """Hand out the work of a dead server; returns how much that was."""
        return 0 if self._workflows is None else await self._there(self._workflows.take_over(owner))

    async def tidy(self) -> None:
        """Delete what is over and old."""
        if self._workflows is not None:
            await self._there(self._workflows.tidy())

    async def stop(self) -> None:
        """End DBOS; what it carried stays as it was last recorded."""
        if not self._thread.is_alive():
            return
        loop = await self._loop()
        if loop is not None:
            loop.call_soon_threadsafe(self._stop.set)
        await asyncio.to_thread(self._thread.join, STOP_PATIENCE)
        if self._thread.is_alive():
            log.warning("engine_does_not_end", extra={"seconds": STOP_PATIENCE})
            _let_go()

    async def _loop(self) -> asyncio.AbstractEventLoop | None:
        """The engine's loop, once it runs; None where it may not run."""
        return await asyncio.shield(asyncio.wrap_future(self._up))

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        loop = self._up.result(timeout=0)
        if loop is None:
            raise SlotTaken("another durable engine is open in this process")
        return loop

    async def _there(self, work: Coroutine[Any, Any, T]) -> T:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._running_loop()))

    def _live(self) -> None:
        """The life of the thread. Its loop cancels what is left when it ends, of which DBOS records nothing."""
        if not _one_at_a_time.acquire(timeout=SUCCESSION_PATIENCE):
            self._up.set_result(None)
            return
        try:
            asyncio.run(self._serve())
        finally:
            if self._destroy is not None:
                self._destroy()
            _let_go()
            _one_at_a_time.release()

    async def _serve(self) -> None:
        self._up.set_result(asyncio.get_running_loop())
        await self._stop.wait()

    async def _launch(self) -> "Workflows":
        from busyout.durable import workflow  # noqa: PLC0415 - takes two seconds, which must not delay the server

        logger = logging.getLogger("dbos")
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())  # otherwise it prints to the console, and nowhere else
        logger.addFilter(_worth_telling)
        workflows = workflow.Workflows(self._advances, self._slot)
        self._destroy = workflow.destroy
        workflow.launch(database.config(self._store_url, executor=self._slot), workflows)
        return workflows

    def _spawn(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        task = asyncio.get_running_loop().create_task(work())
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("begin_failed", exc_info=error)


def _worth_telling(record: logging.LogRecord) -> bool:
    """Whether a line of DBOS says something: that closing cancels what is running is known."""
    return not str(record.msg).startswith("Asyncio task cancelled")


def _let_go() -> None:
    """Let the process end although a thread of DBOS still waits for a database that is away.

    Its threads are daemons, but the standard library joins every thread of every pool, and has no switch for it.
    """
    for thread in threading.enumerate():
        if thread.name.startswith(EXECUTOR_THREADS):
            concurrent.futures.thread._threads_queues.pop(thread, None)  # type: ignore[attr-defined]
