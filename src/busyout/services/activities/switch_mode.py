"""Switch the mode of the context services: refuse, wait until nothing is in progress in any server, change."""

from typing import ClassVar, Final

from busyout.domain.alarm import Alarm, Severity
from busyout.domain.context.errors import ModeKept
from busyout.domain.drain import AtDeadline, DrainPolicy, DrainVerdict, deadline_after, judge
from busyout.domain.errors import DeadlinePassed
from busyout.domain.mode import Mode, ModeRow, waiting_for
from busyout.domain.operation import Progress
from busyout.domain.traffic import Load
from busyout.services.activities.drain_watch import OVERDUE, source_of, take_warning_back
from busyout.services.job import Job

ASK_EVERY: Final = 0.25
"""Seconds between two looks at what operators have asked, and at other servers while requests end in this one."""

OTHERS_EVERY: Final = 0.02
"""Seconds between two looks at other servers, when nothing is in progress in this one."""

TELL_EVERY: Final = 1.0
"""Seconds after which the progress is told although the numbers are the same."""


class RefuseRequests:
    """Closes the gate of every server."""

    label: ClassVar[str] = "refuse requests"

    def __init__(self, mode: Mode, policy: DrainPolicy) -> None:
        self._mode = mode
        self._policy = policy

    async def do(self, job: Job) -> None:
        """Let nobody in any more, in any server; those who are in go on."""
        await job.agreement.begin(self._mode, operation=job.operation.id, deadline=deadline_of(job, self._policy))

    async def undo(self, job: Job) -> None:
        """Let requests in again, in the old mode."""
        await job.agreement.keep(operation=job.operation.id)


class WaitAndChange:
    """Waits for what is in progress, and puts the new mode into force.

    One step, for between the last request and the new mode everybody is refused: nothing is journalled there.
    """

    label: ClassVar[str] = "wait for requests in progress, then change the mode"

    def __init__(self, mode: Mode, policy: DrainPolicy) -> None:
        self._mode = mode
        self._policy = policy

    async def do(self, job: Job) -> None:
        """Wait until nothing is in progress in any server, then change the mode for all of them in one act."""
        watch = _Watch(job, self._mode, self._policy)
        while (row := await watch.wait_closed()) is not None and not await job.agreement.commit(row):
            pass  # a server has come up with its gate open, or one that has lost its slot is still at work
        await take_warning_back(job)

    async def undo(self, job: Job) -> None:
        """Nothing but the warning, if it took very long: once the mode is changed nothing can fail any more."""
        await take_warning_back(job)


class _Watch:
    """Looks at what is still in progress, and judges how long to wait for it."""

    def __init__(self, job: Job, mode: Mode, policy: DrainPolicy) -> None:
        self._job = job
        self._mode = mode
        self._policy = policy
        self._told: tuple[int, int] | None = None
        self._told_at = self._asked_at = job.clock.now()
        self._refused_before = job.agreement.gate.refused
        self._warned = False

    async def wait_closed(self) -> ModeRow | None:
        """The row that switches, once nothing is in progress in any server; None when the mode holds already.

        Raises:
            DeadlinePassed: Something is still in progress.
            OperationCancelled: Somebody cancelled.
            ModeKept: Another server has given the switch up.
        """
        row = await self._switching()
        while row is not None:
            left = await self._job.agreement.look()
            verdict = self._verdict(*left)
            if verdict is DrainVerdict.QUIET:
                break
            await self._tell(*left)
            if verdict is not DrainVerdict.DRAINING:
                raise DeadlinePassed(f"{said(*left)} when the deadline passed; the mode is still {row.mode.value}")
            await self._wait()
            if self._job.clock.now() - self._asked_at >= ASK_EVERY:
                row = await self._ask()
        return row

    async def _switching(self) -> ModeRow | None:
        """The row, with the deadline as it is now; None when the mode holds already."""
        job = self._job
        deadline = deadline_of(job, self._policy)
        row = await job.agreement.begin(self._mode, operation=job.operation.id, deadline=deadline)
        if row.switching_to is not None:
            return row
        if row.mode is not self._mode:
            raise ModeKept("another server has given the switch up")
        return None

    async def _ask(self) -> ModeRow | None:
        """See what operators have asked, and whether the switch is still under way."""
        self._asked_at = self._job.clock.now()
        await self._job.pause(0)
        await self._warn()
        return await self._switching()

    def _verdict(self, requests: int, servers: int) -> DrainVerdict:
        return judge(
            self._policy,
            Load(calls=requests, setups=servers, transactions=0),
            waited=self._job.clock.now() - begun_at(self._job),
            extended=self._job.operation.requests.extended,
            at_deadline=AtDeadline.ABORT,
            forced=False,
        )

    async def _wait(self) -> None:
        """Wait until the last request of this server has ended, or until it is time for another look."""
        job, left = self._job, self._deadline_in
        busy = job.agreement.gate.busy > 0
        look = ASK_EVERY if busy else OTHERS_EVERY
        look = look if left is None else min(look, left)
        await (job.agreement.wait_empty(look) if busy else job.clock.sleep(look))

    @property
    def _deadline_in(self) -> float | None:
        deadline = deadline_of(self._job, self._policy)
        return None if deadline is None else max(0.0, deadline - self._job.clock.now())

    async def _tell(self, requests: int, servers: int) -> None:
        """Tell those who read along when there is something new to tell."""
        now = self._job.clock.now()
        if (requests, servers) == self._told and now - self._told_at < TELL_EVERY:
            return
        self._told, self._told_at = (requests, servers), now
        deadline_in = self._deadline_in
        self._job.tell(
            Progress(
                calls_left=requests,
                setups=0,
                transactions=None,
                registrations=None,
                oldest_call=None,
                seconds_to_empty=None,
                refused=self._job.agreement.gate.refused - self._refused_before,
                ended=0,
                ended_calls=(),
                deadline_in=deadline_in,
                waiting_for=waiting_for(requests, servers, deadline_in=deadline_in),
            )
        )

    async def _warn(self) -> None:
        """Complain once of a switch that takes very long."""
        waited = self._job.clock.now() - begun_at(self._job)
        if self._warned or waited <= self._job.drain_warning:
            return
        self._warned = True
        await self._job.alarms.raise_(
            Alarm(
                id=0,
                element=self._job.element,
                source=source_of(self._job),
                name=OVERDUE,
                severity=Severity.WARNING,
                probable_cause="thresholdCrossed",
                text=f"requests are still in progress after {waited / 3600:.1f} h",
                raised_at=self._job.clock.now(),
            )
        )


def begun_at(job: Job) -> float:
    """When requests were first refused, restarts of the server included, in seconds since the epoch."""
    first = next(step for step in job.operation.steps if step.label == RefuseRequests.label)
    return first.started_at or job.clock.now()


def deadline_of(job: Job, policy: DrainPolicy) -> float | None:
    """When the switch is given up, in seconds since the epoch; None for never."""
    seconds = deadline_after(policy, extended=job.operation.requests.extended)
    return None if seconds is None else begun_at(job) + seconds


def said(requests: int, servers: int) -> str:
    """What was in progress, for a person."""
    if not requests:
        return f"{servers} server{'s' * (servers != 1)} had not closed yet"
    return f"{requests} request{'s' * (requests != 1)} {'were' if requests != 1 else 'was'} still in progress"
