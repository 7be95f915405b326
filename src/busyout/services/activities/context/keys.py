"""Create an identification key over the customers that there are, and delete one."""

from typing import ClassVar, Final

from busyout.domain.context.schema import UNNUMBERED, IdentificationKey
from busyout.domain.errors import DuplicateKeyValues
from busyout.domain.operation import Transfer
from busyout.services.job import Job

BATCH: Final = 500
"""Customers whose entries are made in one unit of work, so that others get their turn in between."""

REMOVED_AT_ONCE: Final = 2000
"""Entries that are removed in one unit of work."""

CUSTOMERS: Final = "customers"

DUPLICATE: Final = "duplicate"
"""Note of a step that found two customers with the same values of a unique key."""


class BuildKey:
    """Makes the entries of a key, which nobody sees before the last one is there."""

    label: ClassVar[str] = "make the entries of the key"

    def __init__(self, key: IdentificationKey) -> None:
        self._key = key

    async def do(self, job: Job) -> None:
        """Make them, anew after a crash; every unit is refused when the mode is no longer maintenance."""
        building = job.definitions.building
        if not job.resumed:
            key = await building.begin_key(self._key)
            await job.note(key=key.id, customers=await building.count_customers())
        else:
            await _remove_entries(job, int(str(job.notes["key"])))
        key_id, total = int(str(job.notes["key"])), int(str(job.notes["customers"]))
        await job.definitions.book.refresh()
        await self._make_entries(job, key_id, total)
        await building.finish_key(key_id)
        await job.definitions.book.refresh()
        job.tell_transfers(Transfer(CUSTOMERS, "success", total, total))

    async def undo(self, job: Job) -> None:
        """Remove the key with the entries that were made."""
        if job.resumed:
            await _remove(job, int(str(job.notes["key"])))
            await job.definitions.book.refresh()

    async def _make_entries(self, job: Job, key_id: int, total: int) -> None:
        schemas, done, after = job.definitions.book.schemas, 0, None
        key = _numbered(self._key, key_id)
        try:
            while made := await job.definitions.building.add_entries(schemas, key, after=after, limit=BATCH):
                done, after = done + len(made), made[-1]
                job.tell_transfers(Transfer(CUSTOMERS, "progress", min(done, total), total))
                await job.pause(0.0)
        except DuplicateKeyValues:
            job.remember(**{DUPLICATE: True})
            raise


class RemoveKey:
    """Hides a key, removes its entries, and forgets it."""

    label: ClassVar[str] = "remove the key and its entries"

    def __init__(self, name: str) -> None:
        self._name = name

    async def do(self, job: Job) -> None:
        """Remove what is left of it; somebody who cancels comes too late once it is hidden."""
        if not job.resumed:
            key = await job.definitions.building.hide_key(self._name)
            await job.note(key=key)
            await job.definitions.book.refresh()
        await _remove(job, int(str(job.notes["key"])))

    async def undo(self, job: Job) -> None:
        """Nothing: the command given again goes on with what is left."""


async def _remove(job: Job, key: int) -> None:
    await _remove_entries(job, key)
    await job.definitions.building.forget_key(key)


async def _remove_entries(job: Job, key: int) -> None:
    removed = 0
    while count := await job.definitions.building.remove_entries(key, limit=REMOVED_AT_ONCE):
        removed += count
        job.tell_transfers(Transfer("entries", "progress", removed))


def _numbered(key: IdentificationKey, id: int) -> IdentificationKey:
    return IdentificationKey(id or UNNUMBERED, key.name, key.source, key.attributes, key.unique)
