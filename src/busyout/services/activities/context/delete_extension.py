"""Delete an extension with all its records."""

from typing import ClassVar, Final

from busyout.domain.context.schema import Subject
from busyout.domain.operation import Transfer
from busyout.services.job import Job

BATCH: Final = 1000
"""Records that are deleted in one unit of work, so that others get their turn in between."""

RECORDS: Final = "records"
"""What the progress counts."""


class DeleteRecords:
    """Hides an extension, deletes its records, and forgets it. It is gone for everybody from the first moment."""

    label: ClassVar[str] = "delete the extension and its records"

    def __init__(self, subject: Subject, name: str) -> None:
        self._subject = subject
        self._name = name

    async def do(self, job: Job) -> None:
        """Delete what is left of it; somebody who cancels comes too late once it is hidden."""
        removal = job.definitions.removal
        if not job.resumed:
            extension = await removal.hide(self._subject, self._name)
            await job.definitions.book.refresh()
            await job.note(extension=extension, records=await removal.count_records(extension))
        extension, total = int(str(job.notes["extension"])), int(str(job.notes["records"]))
        left = await removal.count_records(extension) if job.resumed else total
        _tell(job, total - left, total)
        while removed := await removal.remove_records(extension, limit=BATCH):
            left -= removed
            _tell(job, total - left, total)
        await removal.forget(extension)
        job.tell_transfers(Transfer(RECORDS, "success", total, total))

    async def undo(self, job: Job) -> None:
        """Nothing: records that are gone stay gone, and the command given again goes on with the others."""


def _tell(job: Job, done: int, total: int) -> None:
    job.tell_transfers(Transfer(RECORDS, "progress", max(0, done), total))
