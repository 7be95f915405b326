"""Carries an operation from step to step, forward until it is done or backward until it is undone."""

import logging
from collections.abc import Awaitable, Callable, Sequence

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

UNEXPECTED = "an error in Busyout itself; the log of the server has the details"


class Runner:
    """Does the next step of an operation."""

    def __init__(self, journal: OperationJournal, means: Means) -> None:
        self._journal = journal
        self._means = means

    async def advance(self, operation_id: str) -> bool:
        """Do the next step, or take back the last one; true when the operation has settled."""
        operation = await self._journal.find(operation_id)
        if operation.state is OperationState.WAITING:
            operation = await self._move(operation, OperationEvent.BEGIN)
        if operation.state is OperationState.RUNNING:
            operation = await self._forward(operation)
        elif operation.state in (OperationState.UNDOING, OperationState.CANCELLING):
            operation = await self._backward(operation)
        if operation.settled:
            self._means.live.pop(operation_id, None)
            await conclude(operation, self._means.alarms, self._means.clock)
        return operation.settled

    async def _forward(self, operation: Operation) -> Operation:
        number = _first(operation, StepState.WAITING, StepState.RUNNING)
        if number is None:
            return await self._move(operation, OperationEvent.LAST_STEP_DONE)
        if operation.requests.cancel and operation.steps[number].state is StepState.WAITING:
            return await self._move(operation, OperationEvent.CANCEL, reason=str(OperationCancelled()))
        operation, outcome = await self._do(operation, number)
        match outcome:
            case None:
                last = number == len(operation.steps) - 1
                return await self._move(operation, OperationEvent.LAST_STEP_DONE) if last else operation
            case OutcomeUnknown():
                return await self._move(operation, OperationEvent.OUTCOME_LOST, reason=str(outcome))
            case OperationCancelled():
                return await self._move(operation, OperationEvent.CANCEL, reason=str(outcome))
            case _:
                return await self._move(operation, OperationEvent.STEP_FAILED, reason=explain(outcome))

    async def _do(self, operation: Operation, number: int) -> tuple[Operation, Exception | None]:
        if operation.steps[number].state is StepState.WAITING:
            operation = await self._step(operation, number, StepEvent.BEGIN)
        action, job = self._job(operation, number)
        outcome = await attempt(action.do, job)
        if outcome is None:
            return await self._step(job.operation, number, StepEvent.FINISH), None
        event = StepEvent.LOSE if isinstance(outcome, OutcomeUnknown) else StepEvent.FAIL
        return await self._step(job.operation, number, event, reason=explain(outcome)), outcome

    async def _backward(self, operation: Operation) -> Operation:
        number = _last(operation, StepState.DONE, StepState.FAILED, StepState.UNDOING)
        if number is None:
            return await self._move(operation, OperationEvent.UNDONE, reason=what_remains(operation))
        if operation.steps[number].state is not StepState.UNDOING:
            operation = await self._step(operation, number, StepEvent.UNDO)
        action, job = self._job(operation, number)
        outcome = await attempt(action.undo, job)
        if outcome is None:
            return await self._step(job.operation, number, StepEvent.UNDO_FINISH)
        return await self._step(job.operation, number, StepEvent.UNDO_FAIL, reason=explain(outcome))

    def _job(self, operation: Operation, number: int) -> tuple[Action, Job]:
        action = plan(operation.command)[number]
        return action, Job(operation, number, self._journal, self._means)

    async def _step(
        self, operation: Operation, number: int, event: StepEvent, *, reason: str | None = None
    ) -> Operation:
        now = self._means.clock.now()
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
        return await self._record(
            with_step(operation, number, step), "operation.step", step=step.label, step_state=state.value, reason=reason
        )

    async def _move(self, operation: Operation, event: OperationEvent, *, reason: str | None = None) -> Operation:
        now = self._means.clock.now()
        state = move(OPERATION_TRANSITIONS, operation.state, event)
        moved = replace(operation, state=state, reason=reason or operation.reason)
        if state is OperationState.RUNNING:
            moved = replace(moved, started_at=now)
        if moved.settled:
            moved = replace(moved, settled_at=now)
        log.info("operation_moved", extra={"operation": operation.id, "state": state.value, "reason": reason})
        return await self._record(moved, "operation.settled" if moved.settled else "operation.state", reason=reason)

    async def _record(self, operation: Operation, kind: str, **data: object) -> Operation:
        event = self._means.events.new(
            kind, element=operation.element, operation=operation.id, state=operation.state.value, **data
        )
        stored: Sequence[Event] = await self._journal.record(operation, (event,))
        self._means.live[operation.id] = operation
        self._means.events.publish(tuple(stored))
        return operation


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


def _first(operation: Operation, *states: StepState) -> int | None:
    return next((number for number, step in enumerate(operation.steps) if step.state in states), None)


def _last(operation: Operation, *states: StepState) -> int | None:
    return next((n for n in reversed(range(len(operation.steps))) if operation.steps[n].state in states), None)
