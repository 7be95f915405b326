"""Carries an operation from step to step, forward until it is done or backward until it is undone."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from busyout.domain.errors import Failure, OperationCancelled, OutcomeUnknown, Refusal, StoreUnavailable
from busyout.domain.event import Event
from busyout.domain.operation import (
    OPERATION_TRANSITIONS,
    STEP_TRANSITIONS,
    Operation,
    OperationEvent,
    OperationState,
    StepEvent,
    StepState,
)
from busyout.domain.states import move
from busyout.ports.store import OperationJournal
from busyout.services.activities.catalogue import plan
from busyout.services.aftermath import conclude
from busyout.services.job import Action, Job, Means, with_step

Act = Callable[[Job], Awaitable[None]]

log = logging.getLogger(__name__)

AT_ONCE: Final = 0.25
"""Seconds for which steps follow each other before whoever carries the operation is told.

Whoever has lost it to another server, and does not know yet, learns it then.
"""

UNEXPECTED: Final = "an error in Busyout itself; the log of the server has the details"


class Entry(Struct, frozen=True):
    """What is written into the journal at once."""

    operation: Operation
    """As it is afterwards."""
    events: tuple[Event, ...] = ()
    """What has happened to it, in order."""


class Runner:
    """Does the next step of an operation."""

    def __init__(self, journal: OperationJournal, means: Means) -> None:
        self._journal = journal
        self._means = means

    async def advance(self, operation_id: str) -> bool:
        """Do the next step, or take back the last one; true when the operation has settled."""
        return await self._advance(operation_id, lambda: False)

    async def carry(self, operation_id: str) -> bool:
        """Do steps as `advance` does, until the operation has settled or `AT_ONCE` is over; true when it has settled.

        Steps that follow each other here share an entry in the journal: the end of one is the beginning of the next.
        """
        now = asyncio.get_running_loop().time
        until = now() + AT_ONCE
        while not (settled := await self._advance(operation_id, lambda: now() < until)) and now() < until:
            pass
        return settled

    async def _advance(self, operation_id: str, go_on: Callable[[], bool]) -> bool:
        operation = await self._journal.find(operation_id)
        if operation.state in (OperationState.WAITING, OperationState.RUNNING):
            operation = await self._forward(operation, go_on)
        elif operation.state in (OperationState.UNDOING, OperationState.CANCELLING):
            operation = await self._backward(operation)
        if operation.settled:
            self._means.live.pop(operation_id, None)
            await conclude(operation, self._means.alarms, self._means.clock)
        return operation.settled

    async def _forward(self, operation: Operation, go_on: Callable[[], bool]) -> Operation:
        """Do the next step, and those after it for as long as it may `go_on` and nothing goes wrong."""
        entry = Entry(operation)
        if operation.state is OperationState.WAITING:
            entry = self._moved(entry, OperationEvent.BEGIN)
        number = _first(operation, StepState.WAITING, StepState.RUNNING)
        if number is None:
            return await self._record(self._moved(entry, OperationEvent.LAST_STEP_DONE))
        if operation.steps[number].state is StepState.WAITING:
            entry = self._begun(entry, number)
        operation = await self._record(entry) if entry.events else operation
        while _runs(operation, number):
            action, job = self._job(operation, number)
            outcome = await attempt(action.do, job)
            entry = self._judged(job.operation, number, outcome)
            number += 1
            if _waits(entry.operation, number) and go_on():
                entry = self._begun(await self._asked(entry), number)
            operation = await self._record(entry)
        return operation

    async def _asked(self, entry: Entry) -> Entry:
        """With what operators have asked meanwhile."""
        requests = (await self._journal.find(entry.operation.id)).requests
        return replace(entry, operation=replace(entry.operation, requests=requests))

    def _judged(self, operation: Operation, number: int, outcome: Exception | None) -> Entry:
        """What follows from the outcome of a step, to be written down with it at once."""
        match outcome:
            case None:
                entry = self._stepped(Entry(operation), number, StepEvent.FINISH)
                last = number == len(operation.steps) - 1
                return self._moved(entry, OperationEvent.LAST_STEP_DONE) if last else entry
            case OutcomeUnknown():
                step, after = StepEvent.LOSE, OperationEvent.OUTCOME_LOST
            case OperationCancelled():
                step, after = StepEvent.FAIL, OperationEvent.CANCEL
            case _:
                step, after = StepEvent.FAIL, OperationEvent.STEP_FAILED
        reason = explain(outcome)
        return self._moved(self._stepped(Entry(operation), number, step, reason=reason), after, reason=reason)

    async def _backward(self, operation: Operation) -> Operation:
        number = _last(operation, StepState.DONE, StepState.FAILED, StepState.UNDOING)
        if number is None:
            reason = what_remains(operation)
            return await self._record(self._moved(Entry(operation), OperationEvent.UNDONE, reason=reason))
        if operation.steps[number].state is not StepState.UNDOING:
            operation = await self._record(self._stepped(Entry(operation), number, StepEvent.UNDO))
        action, job = self._job(operation, number)
        outcome = await attempt(action.undo, job)
        if outcome is None:
            return await self._record(self._stepped(Entry(job.operation), number, StepEvent.UNDO_FINISH))
        reason = explain(outcome)
        return await self._record(self._stepped(Entry(job.operation), number, StepEvent.UNDO_FAIL, reason=reason))

    def _job(self, operation: Operation, number: int) -> tuple[Action, Job]:
        action = plan(operation.command)[number]
        return action, Job(operation, number, self._journal, self._means)

    def _begun(self, entry: Entry, number: int) -> Entry:
        """The next step begun, or, where somebody has cancelled, the way back begun instead."""
        if entry.operation.requests.cancel:
            return self._moved(entry, OperationEvent.CANCEL, reason=str(OperationCancelled()))
        return self._stepped(entry, number, StepEvent.BEGIN)

    def _stepped(self, entry: Entry, number: int, event: StepEvent, *, reason: str | None = None) -> Entry:
        now = self._means.clock.now()
        operation = entry.operation
        before = operation.steps[number]
        state = move(STEP_TRANSITIONS, before.state, event)
        step = replace(
            before,
            state=state,
            started_at=before.started_at or now,
            ended_at=None if state in (StepState.RUNNING, StepState.UNDOING) else now,
            reason=reason or before.reason,
        )
        log.info("step_moved", extra={"operation": operation.id, "step": step.label, "state": state.value})
        facts = {"step": step.label, "step_state": state.value, "reason": reason}
        return self._with(entry, with_step(operation, number, step), "operation.step", **facts)

    def _moved(self, entry: Entry, event: OperationEvent, *, reason: str | None = None) -> Entry:
        now = self._means.clock.now()
        operation = entry.operation
        state = move(OPERATION_TRANSITIONS, operation.state, event)
        moved = replace(operation, state=state, reason=reason or operation.reason)
        if state is OperationState.RUNNING:
            moved = replace(moved, started_at=now)
        if moved.settled:
            moved = replace(moved, settled_at=now)
        log.info("operation_moved", extra={"operation": operation.id, "state": state.value, "reason": reason})
        return self._with(entry, moved, "operation.settled" if moved.settled else "operation.state", reason=reason)

    def _with(self, entry: Entry, operation: Operation, kind: str, **data: object) -> Entry:
        event = self._means.events.new(
            kind, element=operation.element, operation=operation.id, state=operation.state.value, **data
        )
        return Entry(operation, (*entry.events, event))

    async def _record(self, entry: Entry) -> Operation:
        """Write an entry, whole or not at all, then tell of it."""
        stored: Sequence[Event] = await self._journal.record(entry.operation, entry.events)
        self._means.live[entry.operation.id] = entry.operation
        self._means.events.publish(tuple(stored))
        return entry.operation


async def attempt(act: Act, job: Job) -> Exception | None:
    """Do something and tell what went wrong, if anything. The one place that takes every exception.

    Raises:
        StoreUnavailable: What happened could not be journalled either; the step is done again later.
    """
    try:
        await act(job)
    except StoreUnavailable:
        raise
    except (Failure, Refusal) as error:
        return error
    except Exception as error:
        log.exception("step_broke", extra={"operation": job.operation.id, "step": job.step.label})
        return error
    return None


def explain(error: Exception) -> str:
    """What went wrong, for a person."""
    return str(error) if isinstance(error, Failure | Refusal) else UNEXPECTED


def what_remains(operation: Operation) -> str | None:
    """Why an operation did not succeed, and which of its steps could not be taken back."""
    stuck = [f"«{step.label}» could not be undone" for step in operation.steps if step.state is StepState.NOT_UNDONE]
    return "; ".join([operation.reason or "", *stuck]) if stuck else operation.reason


def _runs(operation: Operation, number: int) -> bool:
    """Whether a step is to be done now."""
    running = operation.state is OperationState.RUNNING and number < len(operation.steps)
    return running and operation.steps[number].state is StepState.RUNNING


def _waits(operation: Operation, number: int) -> bool:
    """Whether a step is the next one to begin."""
    return operation.state is OperationState.RUNNING and operation.steps[number].state is StepState.WAITING


def _first(operation: Operation, *states: StepState) -> int | None:
    return next((number for number, step in enumerate(operation.steps) if step.state in states), None)


def _last(operation: Operation, *states: StepState) -> int | None:
    return next((n for n in reversed(range(len(operation.steps))) if operation.steps[n].state in states), None)
