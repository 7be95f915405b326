"""Restart the engine of an element, on the configuration that was saved."""

import logging
from typing import ClassVar

from busyout.domain.configuration.datastore import Datastore
from busyout.domain.engine import EngineInfo
from busyout.domain.errors import ElementUnreachable, EngineGone, OutcomeUnknown
from busyout.services.job import Job
from busyout.services.patience import until_answered

log = logging.getLogger(__name__)


class RestartEngine:
    """Ends the engine's process and starts a new one."""

    label: ClassVar[str] = "restart the engine"

    async def do(self, job: Job) -> None:
        """Stop, take over the startup configuration, start; what a crash interrupted is not done twice."""
        if job.resumed and await self._restarted(job):
            await job.inventory.start(job.element)
            return
        if not job.resumed:
            await job.note(**await self._before(job))
        startup = await job.configuration.read(job.element, Datastore.STARTUP)
        await job.configuration.replace(job.element, Datastore.RUNNING, startup.tables)
        stopped = await job.driver.stop()
        log.info("engine_stopped", extra={"element": job.element, "pid": stopped.pid if stopped else None})
        await until_answered(job, lambda: job.inventory.start(job.element))

    async def undo(self, job: Job) -> None:
        """Make sure that an engine runs; what was stopped cannot be brought back."""
        await until_answered(job, lambda: job.inventory.start(job.element))

    async def _before(self, job: Job) -> dict[str, object]:
        try:
            info = await job.driver.info()
        except ElementUnreachable:
            return {"pid": 0, "epoch": 0.0}
        return {"pid": info.pid, "epoch": info.epoch}

    async def _restarted(self, job: Job) -> bool:
        """Whether the engine that answers is another one than before."""
        try:
            info = await until_answered(job, lambda: _answer(job))
        except ElementUnreachable as error:
            raise OutcomeUnknown from error
        if info is None:
            return False
        if not job.notes["epoch"]:  # nobody answered before, so that only the time of the start can tell
            return info.epoch >= (job.step.started_at or 0.0)
        return (info.pid, info.epoch) != (job.notes["pid"], job.notes["epoch"])


async def _answer(job: Job) -> EngineInfo | None:
    """Who answers; None when the process is gone for certain."""
    try:
        return await job.driver.info()
    except EngineGone:
        return None
