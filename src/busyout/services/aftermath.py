"""What remains of an operation that ended badly: an alarm, until a later operation on the element goes well."""

from typing import Final

from busyout.domain.alarm import Alarm, Severity
from busyout.domain.operation import Operation, OperationState, StepState
from busyout.ports.clock import Clock
from busyout.services.alarms import Alarms

INCOMPLETE: Final = "operationIncomplete"
"""Name of the alarm."""


def left_in_between(operation: Operation) -> bool:
    """Whether an element may be neither as it was nor as it was meant to be."""
    stuck = any(step.state is StepState.NOT_UNDONE for step in operation.steps)
    return stuck or operation.state is OperationState.UNKNOWN


async def conclude(operation: Operation, alarms: Alarms, clock: Clock) -> None:
    """Raise or clear the alarm of a settled operation's element."""
    if left_in_between(operation):
        await alarms.raise_(
            Alarm(
                id=0,
                element=operation.element,
                source="operations",
                name=INCOMPLETE,
                severity=Severity.MAJOR,
                probable_cause="underlyingResourceUnavailable",
                text=f"Operation {operation.id} was left in between: {operation.reason}",
                raised_at=clock.now(),
            )
        )
    elif operation.state is OperationState.SUCCEEDED:
        await alarms.clear(operation.element, "operations", INCOMPLETE)
