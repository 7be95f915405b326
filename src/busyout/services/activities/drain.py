"""Refuse new calls and wait for the calls in progress to end."""

import math
from typing import ClassVar

from busyout.domain.drain import (
    END_PATIENCE,
    SOON,
    AtDeadline,
    DrainPolicy,
    DrainVerdict,
    Immediately,
    Within,
    judge,
    linger,
    look_again_after,
)
from busyout.domain.errors import DeadlinePassed
from busyout.domain.states import AdministrativeEvent, AdministrativeState
from busyout.domain.traffic import Load
from busyout.services.activities.drain_watch import DrainWatch, take_warning_back
from busyout.services.job import Job
from busyout.services.patience import Silence, until_answered


class DrainCalls:
    """Takes an element out of service without cutting a call."""

    label: ClassVar[str] = "drain the calls"

    def __init__(self, policy: DrainPolicy, at_deadline: AtDeadline) -> None:
        self._policy = policy
        self._at_deadline = at_deadline

    async def do(self, job: Job) -> None:
        """Refuse new calls, wait, end what is left at the deadline, lock."""
        if not job.resumed:
            await job.note(before=job.inventory.element(job.element).administrative.value)
        await job.inventory.administrate(job.element, AdministrativeEvent.SHUT_DOWN, operation=job.operation.id)
        silence = Silence(job, patient=not isinstance(self._policy, Immediately))
        await silence.ask(lambda: job.driver.admit(False, retry_after=self._retry_after(job)))
        watch = DrainWatch(job, self._policy, silence)
        await watch.begin()
        while await self._goes_on(job, watch):
            pass
        await watch.end()
        await job.inventory.administrate(job.element, AdministrativeEvent.LAST_USER_QUIT, operation=job.operation.id)

    async def undo(self, job: Job) -> None:
        """Let new calls in again, if they were let in before."""
        await take_warning_back(job)
        if job.notes.get("before") in (None, AdministrativeState.LOCKED.value):
            return
        await job.inventory.administrate(job.element, AdministrativeEvent.UNLOCK, operation=job.operation.id)
        await until_answered(job, lambda: job.inventory.start(job.element))

    async def _goes_on(self, job: Job, watch: DrainWatch) -> bool:
        """Look, and do what the look calls for; false when the element is empty, or as empty as it gets."""
        load = await watch.look()
        match self._verdict(job, watch, load):
            case DrainVerdict.DRAINING:
                await job.pause(look_again_after(load, deadline_in=watch.deadline_in))
            case DrainVerdict.QUIET:
                await job.clock.sleep(linger(load))
                return not (await watch.look()).quiet
            case DrainVerdict.END_REMAINING:
                await watch.end_remaining()
                await job.pause(SOON)
                return job.waited - watch.ending_since < END_PATIENCE
            case DrainVerdict.ABORT:
                raise DeadlinePassed(f"the deadline passed with {load.calls + load.setups} calls still in progress")
            case DrainVerdict.EXTEND:
                await watch.extend()
        return True

    def _verdict(self, job: Job, watch: DrainWatch, load: Load) -> DrainVerdict:
        return judge(
            self._policy,
            load,
            waited=job.waited,
            extended=watch.extended,
            at_deadline=self._at_deadline,
            forced=job.operation.requests.force,
        )

    def _retry_after(self, job: Job) -> int:
        """Seconds told to refused callers: never longer than the drain itself may take."""
        wanted = job.inventory.element(job.element).retry_after
        return min(wanted, max(1, math.ceil(self._policy.seconds))) if isinstance(self._policy, Within) else wanted
