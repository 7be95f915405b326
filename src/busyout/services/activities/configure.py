"""Put a new configuration into effect without a restart, as far as the engine can."""

from typing import ClassVar

import msgspec

from busyout.domain.configuration.datastore import Datastore
from busyout.domain.configuration.tables import Tables
from busyout.services.job import Job
from busyout.services.patience import until_answered


class ApplyTables:
    """Replaces the running configuration."""

    label: ClassVar[str] = "apply the configuration"

    def __init__(self, tables: Tables, expected: str | None) -> None:
        self._tables = tables
        self._expected = expected

    async def do(self, job: Job) -> None:
        """Hand the tables to the engine and make them running."""
        if not job.resumed:
            await job.configuration.expect(job.element, self._expected)
            running = await job.configuration.read(job.element, Datastore.RUNNING)
            await job.note(running=msgspec.to_builtins(running.tables))
        await self._put(job, self._tables)

    async def undo(self, job: Job) -> None:
        """Hand the engine what was running before."""
        if "running" in job.notes:
            await self._put(job, msgspec.convert(job.notes["running"], Tables))

    async def _put(self, job: Job, tables: Tables) -> None:
        await until_answered(job, lambda: job.driver.apply(tables))
        await job.configuration.replace(job.element, Datastore.RUNNING, tables)
        await job.inventory.look(job.element)
