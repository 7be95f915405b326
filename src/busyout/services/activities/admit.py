"""Let new calls in again."""

from typing import ClassVar

from busyout.domain.states import AdministrativeEvent, AdministrativeState
from busyout.services.job import Job
from busyout.services.patience import until_answered


class Admit:
    """Puts an element back into service, or back to what it was before a drain."""

    label: ClassVar[str] = "admit calls"

    def __init__(self, *, after: str | None = None) -> None:
        self._after = after
        """Label of the drain whose element is put back to what it was; None to unlock in any case."""

    async def do(self, job: Job) -> None:
        """Unlock the element, unless it was locked before the drain."""
        if self._after is None and not job.resumed:
            await job.note(before=job.inventory.element(job.element).administrative.value)
        if self._after is not None and job.note_of(self._after, "before") == AdministrativeState.LOCKED.value:
            return
        await job.inventory.administrate(job.element, AdministrativeEvent.UNLOCK, operation=job.operation.id)
        await until_answered(job, lambda: job.inventory.start(job.element))

    async def undo(self, job: Job) -> None:
        """Close the element again if it was closed before."""
        if job.notes.get("before") == AdministrativeState.LOCKED.value:
            await job.inventory.administrate(job.element, AdministrativeEvent.LOCK, operation=job.operation.id)
            element = job.inventory.element(job.element)
            await job.driver.admit(False, retry_after=element.retry_after)
