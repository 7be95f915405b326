"""An operation: one command on one element, done in steps that can be undone, and followed to its end."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from msgspec import Struct

from busyout.domain.commands import Command


class OperationState(Enum):
    """Where an operation stands."""

    WAITING = "waiting"
    """Acknowledged; nothing has been done yet."""
    RUNNING = "running"
    UNDOING = "undoing"
    """A step failed: what was done is being taken back."""
    CANCELLING = "cancelling"
    """Somebody cancelled: what was done is being taken back."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    """The server was interrupted and the element does not tell what happened: somebody has to look."""


class OperationEvent(Enum):
    """What moves an operation."""

    BEGIN = "begin"
    LAST_STEP_DONE = "last_step_done"
    STEP_FAILED = "step_failed"
    CANCEL = "cancel"
    OUTCOME_LOST = "outcome_lost"
    UNDONE = "undone"


OPERATION_TRANSITIONS: Mapping[tuple[OperationState, OperationEvent], OperationState] = {
    (OperationState.WAITING, OperationEvent.BEGIN): OperationState.RUNNING,
    (OperationState.RUNNING, OperationEvent.LAST_STEP_DONE): OperationState.SUCCEEDED,
    (OperationState.RUNNING, OperationEvent.STEP_FAILED): OperationState.UNDOING,
    (OperationState.RUNNING, OperationEvent.CANCEL): OperationState.CANCELLING,
    (OperationState.RUNNING, OperationEvent.OUTCOME_LOST): OperationState.UNKNOWN,
    (OperationState.UNDOING, OperationEvent.UNDONE): OperationState.FAILED,
    (OperationState.CANCELLING, OperationEvent.UNDONE): OperationState.CANCELLED,
}

SETTLED = frozenset({OperationState.SUCCEEDED, OperationState.FAILED, OperationState.CANCELLED, OperationState.UNKNOWN})


class StepState(Enum):
    """Where one step stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"
    NOT_UNDONE = "not_undone"
    """Taking it back failed too; the reason says why."""
    UNKNOWN = "unknown"


class StepEvent(Enum):
    """What moves a step."""

    BEGIN = "begin"
    FINISH = "finish"
    FAIL = "fail"
    LOSE = "lose"
    UNDO = "undo"
    UNDO_FINISH = "undo_finish"
    UNDO_FAIL = "undo_fail"


STEP_TRANSITIONS: Mapping[tuple[StepState, StepEvent], StepState] = {
    (StepState.WAITING, StepEvent.BEGIN): StepState.RUNNING,
    (StepState.RUNNING, StepEvent.FINISH): StepState.DONE,
    (StepState.RUNNING, StepEvent.FAIL): StepState.FAILED,
    (StepState.RUNNING, StepEvent.LOSE): StepState.UNKNOWN,
    (StepState.DONE, StepEvent.UNDO): StepState.UNDOING,
    (StepState.FAILED, StepEvent.UNDO): StepState.UNDOING,
    (StepState.UNDOING, StepEvent.UNDO_FINISH): StepState.UNDONE,
    (StepState.UNDOING, StepEvent.UNDO_FAIL): StepState.NOT_UNDONE,
}


class Progress(Struct, frozen=True, omit_defaults=True):
    """How far a drain is, in calls and seconds."""

    calls_left: int
    setups: int
    transactions: int | None
    registrations: int | None
    oldest_call: float | None
    """Age of the oldest call, in seconds; None when no call is left."""
    seconds_to_empty: float | None
    """Estimate; None while the number of calls does not fall."""
    refused: int
    """New calls refused since the drain began."""
    ended: int
    """Calls ended by us at the deadline."""
    ended_calls: tuple[str, ...]
    """Ids of the calls ended by us, the first thousand."""
    deadline_in: float | None
    """Seconds to the deadline; None where there is none."""
    waiting_for: str
    """One sentence."""
    lost: int = 0
    """Calls that were up when the engine ended by itself, so that nobody knows whether they went on."""


class Transfer(Struct, frozen=True, omit_defaults=True):
    """Something that is brought or worked on, and how much of it is done."""

    label: str
    """A word of letters, digits and underscores; empty for none."""
    state: str
    """`waiting`, `progress`, `success` or `fail`."""
    current: int | None = None
    """Bytes so far, or records; None where there is nothing to count."""
    end: int | None = None
    """Bytes in all, or records; None while unknown."""
    parts: tuple["Transfer", ...] = ()


class Step(Struct, frozen=True):
    """One step of an operation."""

    label: str
    """Words that an operator understands."""
    state: StepState = StepState.WAITING
    started_at: float | None = None
    """First begin, kept over a restart of the server; None before it."""
    ended_at: float | None = None
    reason: str | None = None
    """Why it failed, or could not be undone; None otherwise."""
    progress: Progress | None = None
    """Only where the step drains."""
    notes: dict[str, Any] = {}
    """What the step wrote down before it acted, to recognise its own effect after a crash."""
    transfers: tuple[Transfer, ...] = ()
    """Only where the step brings or unpacks files, or works through records."""


class Requests(Struct, frozen=True):
    """What operators asked of a running operation. Written beside it and never overwritten by the runner."""

    cancel: bool = False
    force: bool = False
    extended: float = 0.0
    """Seconds added to the deadline."""


class Operation(Struct, frozen=True, kw_only=True):
    """One command on one element, from acknowledged to settled."""

    id: str
    element: str
    lane: str
    """`service`, or `content/` and what is worked on: one unsettled operation per element and lane."""
    command: Command
    state: OperationState
    steps: tuple[Step, ...]
    requests: Requests = Requests()
    actor: str
    """Name of the operator who asked."""
    face: str
    """Which face it came by."""
    created_at: float
    started_at: float | None = None
    settled_at: float | None = None
    reason: str | None = None
    """Why it did not succeed, for a person; None while it runs and when it succeeded."""
    retry_of: str | None = None
    """Id of the operation that this one repeats."""

    @property
    def settled(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in SETTLED

    @property
    def current(self) -> int | None:
        """Number of the step in progress; None when no step is."""
        busy = (StepState.RUNNING, StepState.UNDOING)
        return next((number for number, step in enumerate(self.steps) if step.state in busy), None)
