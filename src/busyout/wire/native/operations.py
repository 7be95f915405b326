"""An operation: one command on one element, followed step by step."""

from typing import Literal

from msgspec import Struct

from busyout.wire.native.commands import Command

OperationState = Literal["waiting", "running", "undoing", "cancelling", "succeeded", "failed", "cancelled", "unknown"]

StepState = Literal["waiting", "running", "done", "failed", "undoing", "undone", "not_undone", "unknown"]

SETTLED: frozenset[str] = frozenset({"succeeded", "failed", "cancelled", "unknown"})
"""States of an operation in which nothing more will happen."""


class Progress(Struct, frozen=True):
    """How far a drain is, in calls and seconds."""

    calls_left: int
    setups: int
    transactions: int | None
    registrations: int | None
    oldest_call: float | None
    """Age in seconds; null when no call is left."""
    seconds_to_empty: float | None
    """Estimate; null while the number of calls does not fall."""
    refused: int
    """New calls refused since the drain began."""
    ended: int
    """Calls ended by us."""
    ended_calls: tuple[str, ...]
    """Ids of the calls ended by us, the first thousand."""
    deadline_in: float | None
    """Seconds; null where there is no deadline."""
    waiting_for: str
    """One sentence."""
    lost: int = 0
    """Calls that were up when the engine ended by itself, so that nobody knows whether they went on."""


class Transfer(Struct, frozen=True):
    """Something that is brought or worked on."""

    label: str
    """Empty for none."""
    state: str
    """`waiting`, `progress`, `success` or `fail`."""
    current: int | None = None
    """Bytes so far, or records; null where there is nothing to count."""
    end: int | None = None
    """Bytes in all, or records; null while unknown."""
    parts: tuple["Transfer", ...] = ()


class Step(Struct, frozen=True):
    """One step."""

    label: str
    state: StepState
    started_at: str | None
    ended_at: str | None
    reason: str | None
    """Why it failed or could not be undone; null otherwise."""
    progress: Progress | None
    """Null where the step does not drain."""
    transfers: tuple[Transfer, ...] = ()
    """Only where the step brings files."""


class Requests(Struct, frozen=True):
    """What operators asked of it while it ran."""

    cancel: bool
    force: bool
    extended: float
    """Seconds added to the deadline."""


class Operation(Struct, frozen=True):
    """One operation."""

    id: str
    element: str
    lane: str
    """`service`, or `content/` and what is worked on: one unsettled operation per element and lane."""
    command: Command
    state: OperationState
    settled: bool
    steps: tuple[Step, ...]
    requests: Requests
    actor: str
    """Who asked."""
    face: str
    """By which face."""
    created_at: str
    started_at: str | None
    settled_at: str | None
    reason: str | None
    """Why it did not succeed; null while it runs and when it succeeded."""
    retry_of: str | None
    """Id of the operation that it repeats; null where it repeats none."""
