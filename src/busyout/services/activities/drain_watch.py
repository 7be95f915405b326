"""What is watched while an element drains: calls left, time to empty, calls refused, calls ended by us."""

from collections import deque
from typing import Final

import msgspec
from msgspec.structs import replace

from busyout.domain.alarm import Alarm, Severity
from busyout.domain.drain import DrainPolicy, Within, deadline_after, seconds_to_empty, waiting_for
from busyout.domain.operation import Progress
from busyout.domain.traffic import Call, Counters, Load
from busyout.services.job import Job
from busyout.services.patience import Silence

NOTHING: Final = Load(calls=0, setups=0, transactions=0)
"""What an engine carries whose process is gone."""

MAX_NAMED: Final = 1000
"""Most ended calls that are named."""

SAMPLES: Final = 120
"""Most samples that the estimate of the time to empty is made from."""

SAMPLE_EVERY: Final = 1.0
"""Seconds between two samples, however often the element is looked at."""

KEPT_EVERY: Final = 5.0
"""Seconds between two writes of the progress to the journal."""

OVERDUE: Final = "drainOverdue"
"""Name of the alarm of a drain that takes very long."""


class DrainWatch:
    """Looks at a draining element and keeps the progress."""

    def __init__(self, job: Job, policy: DrainPolicy, silence: Silence) -> None:
        self._job = job
        self._policy = policy
        self._silence = silence
        self._samples: deque[tuple[float, int]] = deque(maxlen=SAMPLES)
        self._progress: Progress | None = job.step.progress
        self._epoch = 0.0
        self._kept_at = job.clock.now()
        self._warned = False
        silence.complain = self._complain

    @property
    def extended(self) -> float:
        """Seconds added to the deadline so far, by operators and by the command itself."""
        return self._job.operation.requests.extended + self._noted("extended")

    @property
    def ending_since(self) -> float:
        """When we began to end calls, in seconds after the drain began."""
        return self._noted("ending_since")

    @property
    def deadline_in(self) -> float | None:
        """Seconds to the deadline; None where there is none."""
        deadline = deadline_after(self._policy, extended=self.extended)
        return None if deadline is None else max(0.0, deadline - self._job.waited)

    async def begin(self) -> None:
        """Remember what the counters say at the beginning."""
        if "epoch" not in self._job.notes:
            counters = await self._counters()
            await self._job.note(epoch=counters.epoch, refused=counters.values.get("refused_draining", 0))
        self._epoch = self._noted("epoch")

    async def look(self) -> Load:
        """Look at the element and tell how far the drain is."""
        driver = self._job.driver
        load = await self._silence.ask(driver.load) or NOTHING
        oldest = await self._silence.ask(lambda: driver.calls(limit=1)) or ()
        self._sample(load)
        counters = await self._counters()
        await self._miss(counters)
        self._progress = self._make_progress(load, oldest, counters)
        self._job.tell(self._progress)
        if self._job.clock.now() - self._kept_at >= KEPT_EVERY:
            await self._keep()
        await self._warn()
        return load

    async def end_remaining(self) -> None:
        """End every call that is left, and name them before."""
        if "ending_since" not in self._job.notes:
            left = await self._silence.ask(lambda: self._job.driver.calls(limit=MAX_NAMED)) or ()
            load = await self._silence.ask(self._job.driver.load) or NOTHING
            await self._job.note(
                ending_since=self._job.waited,
                ended=load.calls + load.setups,
                ended_calls=[call.id for call in left],
            )
        await self._silence.ask(lambda: self._job.driver.end(None))

    async def extend(self) -> None:
        """Wait for as long again."""
        again = self._policy.seconds if isinstance(self._policy, Within) else 0.0
        await self._job.note(extended=self._noted("extended") + max(again, 1.0))
        await self._overdue("the deadline passed with calls in progress and was extended")

    async def end(self) -> None:
        """Keep the last progress and take back the warning."""
        await self._keep()
        await take_warning_back(self._job)

    async def _miss(self, counters: Counters) -> None:
        """Note the calls that nobody sees any more because another process answers than at the last look."""
        if counters.epoch != self._epoch and self._progress is not None:
            missing = self._progress.calls_left + self._progress.setups
            if missing:
                await self._job.note(lost=int(self._noted("lost")) + missing)
        self._epoch = counters.epoch

    def _complain(self, waiting_for: str) -> None:
        if self._progress is not None:
            self._job.tell(replace(self._progress, waiting_for=waiting_for))

    def _sample(self, load: Load) -> None:
        now = self._job.clock.now()
        if not self._samples or now - self._samples[-1][0] >= SAMPLE_EVERY:
            self._samples.append((now, load.calls + load.setups))

    async def _keep(self) -> None:
        if self._progress is not None:
            await self._job.keep(self._progress)
        self._kept_at = self._job.clock.now()

    async def _counters(self) -> Counters:
        nothing = Counters(epoch=0.0, taken_at=self._job.clock.now(), values={})
        return await self._silence.ask(self._job.driver.counters) or nothing

    def _make_progress(self, load: Load, oldest: tuple[Call, ...], counters: Counters) -> Progress:
        deadline_in = self.deadline_in
        before = self._noted("refused") if counters.epoch == self._job.notes.get("epoch") else 0
        return Progress(
            calls_left=load.calls,
            setups=load.setups,
            transactions=load.transactions,
            registrations=load.registrations,
            oldest_call=max(0.0, self._job.clock.now() - oldest[0].since) if oldest else None,
            seconds_to_empty=0.0 if load.quiet else seconds_to_empty(tuple(self._samples)),
            refused=max(0, counters.values.get("refused_draining", 0) - int(before)),
            ended=int(self._noted("ended")),
            lost=int(self._noted("lost")),
            ended_calls=msgspec.convert(self._job.notes.get("ended_calls", ()), tuple[str, ...]),
            deadline_in=deadline_in,
            waiting_for=waiting_for(load, deadline_in=deadline_in),
        )

    async def _warn(self) -> None:
        if not self._warned and self._job.waited > self._job.drain_warning:
            await self._overdue(f"calls are still in progress after {self._job.waited / 3600:.1f} h")

    async def _overdue(self, text: str) -> None:
        self._warned = True
        await self._job.alarms.raise_(
            Alarm(
                id=0,
                element=self._job.element,
                source=source_of(self._job),
                name=OVERDUE,
                severity=Severity.WARNING,
                probable_cause="thresholdCrossed",
                text=text,
                raised_at=self._job.clock.now(),
            )
        )

    def _noted(self, name: str) -> float:
        return msgspec.convert(self._job.notes.get(name, 0.0), float)


def source_of(job: Job) -> str:
    """How an alarm names the drain."""
    return f"operation/{job.operation.id}"


async def take_warning_back(job: Job) -> None:
    """Clear the alarm of a drain that takes very long, if it was raised, by this server or another."""
    await job.alarms.clear(job.element, source_of(job), OVERDUE)
