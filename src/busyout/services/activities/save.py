"""Save the running configuration, so that it is in effect after the next start."""

from typing import ClassVar

import msgspec

from busyout.domain.configuration.datastore import Datastore
from busyout.domain.configuration.tables import Tables
from busyout.services.job import Job


class Save:
    """Copies running to startup."""

    label: ClassVar[str] = "save the configuration"

    async def do(self, job: Job) -> None:
        """Make startup what running is."""
        if not job.resumed:
            startup = await job.configuration.read(job.element, Datastore.STARTUP)
            await job.note(startup=msgspec.to_builtins(startup.tables))
        running = await job.configuration.read(job.element, Datastore.RUNNING)
        await self._put(job, running.tables)

    async def undo(self, job: Job) -> None:
        """Make startup what it was."""
        if "startup" in job.notes:
            await self._put(job, msgspec.convert(job.notes["startup"], Tables))

    async def _put(self, job: Job, tables: Tables) -> None:
        await job.configuration.replace(job.element, Datastore.STARTUP, tables)
        await job.inventory.configured(job.element)
