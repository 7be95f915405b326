"""What an operation looks like as an operation in progress (wire notes, 1.8)."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from busyout.domain.commands import (
    InstallPackage,
    InstallPlugin,
    UpdatePlugins,
    UpgradePackage,
    UpgradePlugin,
)
from busyout.domain.operation import Operation, OperationState, Step, StepState, Transfer
from busyout.wire.provd.messages import Status
from busyout.wire.provd.notation import Progress, written

STATES: Final[Mapping[OperationState, str]] = {
    OperationState.WAITING: "progress",
    OperationState.RUNNING: "progress",
    OperationState.UNDOING: "progress",
    OperationState.CANCELLING: "progress",
    OperationState.SUCCEEDED: "success",
    OperationState.FAILED: "fail",
    OperationState.CANCELLED: "fail",
    OperationState.UNKNOWN: "fail",
}
"""The document: waiting, progress, success or fail. Servers show the first on parts only."""

STEP_STATES: Final[Mapping[StepState, str]] = {
    StepState.WAITING: "waiting",
    StepState.RUNNING: "progress",
    StepState.DONE: "success",
}
"""Everything else is a failure."""


def status(operation: Operation) -> Status:
    """The body of an operation in progress; why it failed is beside it."""
    text = written(progress(operation))
    return Status(text, operation.reason if text_of(operation) == "fail" else None)


def progress(operation: Operation) -> Progress:
    """An operation in provd's words."""
    shape = SHAPES.get(type(operation.command))
    return Progress(text_of(operation)) if shape is None else shape(operation)


def text_of(operation: Operation) -> str:
    """Its state in provd's words."""
    return STATES[operation.state]


def _update(operation: Operation) -> Progress:
    """`update|progress;4096`: servers do not know the size of an index."""
    transfers = operation.steps[0].transfers
    return Progress(text_of(operation), "update", max(0, transfers[0].current or 0) if transfers else 0)


def _plugin(operation: Operation) -> Progress:
    """`install|progress(download|progress;4096/9394)`, also for an upgrade; what is there needs no download."""
    download = tuple(_part(transfer, operation) for transfer in operation.steps[0].transfers)
    if len(operation.steps) > 1 and operation.steps[1].reason is not None:
        download = tuple(Progress("fail", part.label, part.current, part.end, part.parts) for part in download)
    return Progress(text_of(operation), "install", parts=download)


def _package(operation: Operation) -> Progress:
    """`install_pkg|progress(download|progress(progress;4096/60000))(install|waiting)`."""
    download, install = operation.steps
    parts = tuple(part for transfer in download.transfers for part in _part(transfer, operation).parts)
    whole = (
        Progress(_step(download, operation), "download", parts=parts),
        Progress(_step(install, operation), "install"),
    )
    return Progress(text_of(operation), "install_pkg", parts=whole)


SHAPES: Final[Mapping[type[Any], Callable[[Operation], Progress]]] = {
    UpdatePlugins: _update,
    InstallPlugin: _plugin,
    UpgradePlugin: _plugin,
    InstallPackage: _package,
    UpgradePackage: _package,
}
"""By command; every other one has neither label nor parts, as the synchronization of a device."""


def _part(transfer: Transfer, operation: Operation) -> Progress:
    state = "fail" if operation.settled and transfer.state in ("progress", "waiting") else transfer.state
    return Progress(
        state,
        re.sub(r"\W", "_", transfer.label) or None,
        _count(transfer.current),
        _count(transfer.end),
        tuple(_part(part, operation) for part in transfer.parts),
    )


def _count(number: int | None) -> int | None:
    return None if number is None else max(0, number)


def _step(step: Step, operation: Operation) -> str:
    """A part ends before its whole: what was not begun when all is over has failed with it."""
    if step.reason is None and step.state is StepState.UNDONE:
        return "success"
    state = STEP_STATES.get(step.state, "fail")
    return "fail" if operation.settled and state in ("waiting", "progress") else state
