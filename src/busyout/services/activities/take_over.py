"""Replace the engine's process by a new one that keeps the calls."""

from typing import ClassVar

from busyout.domain.errors import ElementUnreachable, OutcomeUnknown
from busyout.services.job import Job
from busyout.services.patience import until_answered


class TakeOverEngine:
    """Hands calls and counts from one process to the next."""

    label: ClassVar[str] = "hand over to a new process"

    async def do(self, job: Job) -> None:
        """Take over once, however often the server is interrupted."""
        if job.resumed and await self._happened(job):
            return
        if not job.resumed:
            await job.note(pid=(await until_answered(job, job.driver.info)).pid)
        await job.driver.take_over(await job.inventory.setup(job.element))
        await job.inventory.look(job.element)

    async def undo(self, job: Job) -> None:
        """Make sure that an engine runs; the calls are kept by whichever process has them."""
        await until_answered(job, lambda: job.inventory.start(job.element))

    async def _happened(self, job: Job) -> bool:
        try:
            info = await until_answered(job, job.driver.info)
        except ElementUnreachable as error:
            raise OutcomeUnknown from error
        return info.pid != job.notes["pid"]
