"""Forget old services."""

from typing import ClassVar, Final

from busyout.domain.context.moment import moment_of, seconds_of
from busyout.domain.context.upkeep import Purge
from busyout.domain.errors import InvalidValue
from busyout.domain.operation import Transfer
from busyout.services.job import Job

BATCH: Final = 500
"""Services that are looked at in one unit of work, so that others get their turn in between."""

SERVICES: Final = "services"
"""What the progress counts."""

REMOVED: Final = "removed"
"""Note of how many are gone."""


class ForgetServices:
    """Walks through all services by their ids and forgets those that are old."""

    label: ClassVar[str] = "forget the old services"

    def __init__(self, before: str, which: Purge) -> None:
        self._before = before
        self._which = which

    async def do(self, job: Job) -> None:
        """Forget them piece by piece, after a crash from the first again; refused when the mode leaves production."""
        services, before = job.definitions.purge, _seconds(self._before)
        total, done, removed, after = await services.count_services(), 0, 0, 0
        while (piece := await services.purge(before, self._which, after=after, limit=BATCH)).looked_at:
            done, removed, after = done + piece.looked_at, removed + piece.removed, piece.after
            job.tell_transfers(Transfer(SERVICES, "progress", min(done, total), total))
            await job.pause(0.0)
            while await job.definitions.remains.clear():
                await job.pause(0.0)
        job.tell_transfers(Transfer(SERVICES, "success", total, total))
        job.remember(**{REMOVED: removed})

    async def undo(self, job: Job) -> None:
        """Nothing: services that are gone stay gone, and the command given again goes on with the others."""


def _seconds(text: str) -> float:
    moment = moment_of(text)
    if moment is None:
        raise InvalidValue(f"{text} is no moment")
    return seconds_of(moment)
