"""Create an identification key over the customers that there are, and delete one."""

from typing import ClassVar, Final

from msgspec.structs import replace

from busyout.domain.context.definition import checked_key
from busyout.domain.context.errors import DuplicateKeyValues
from busyout.domain.context.schema import IdentificationKey, named
from busyout.domain.operation import Transfer
from busyout.services.job import Job

BATCH: Final = 200
"""Most customers whose entries are made in one unit of work, so that others get their turn in between."""

REMOVED_AT_ONCE: Final = 500
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
        building, book = job.definitions.building, job.definitions.book
        await book.refresh()
        if job.resumed and named(book.schemas.keys, self._key.name) is not None:
            return
        key = checked_key(book.schemas, self._key)
        if job.resumed:
            key = replace(key, id=int(str(job.notes["key"])))
            await _remove_entries(job, key.id)
        else:
            key = await building.begin_key(key)
            await job.note(key=key.id, customers=await building.count_customers())
        await _make_entries(job, key)
        await building.finish_key(key.id)
        await book.refresh()

    async def undo(self, job: Job) -> None:
        """Remove the key with the entries that were made."""
        if job.resumed:
            await _remove(job, int(str(job.notes["key"])))
            await job.definitions.book.refresh()


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


async def _make_entries(job: Job, key: IdentificationKey) -> None:
    schemas, done, after = job.definitions.book.schemas, 0, None
    total = int(str(job.notes["customers"]))
    try:
        while made := await job.definitions.building.add_entries(schemas, key, after=after, limit=BATCH):
            done, after = done + len(made), made[-1]
            job.tell_transfers(Transfer(CUSTOMERS, "progress", min(done, total), total))
            await job.pause(0.0)
    except DuplicateKeyValues:
        job.remember(**{DUPLICATE: True})
        raise
    job.tell_transfers(Transfer(CUSTOMERS, "success", total, total))


async def _remove(job: Job, key: int) -> None:
    await _remove_entries(job, key)
    await job.definitions.building.forget_key(key)


async def _remove_entries(job: Job, key: int) -> None:
    removed = 0
    while count := await job.definitions.building.remove_entries(key, limit=REMOVED_AT_ONCE):
        removed += count
        job.tell_transfers(Transfer("entries", "progress", removed))
