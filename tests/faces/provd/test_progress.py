"""Operations in provd's words: every row of the wire notes (1.8), made of operations as the services keep them."""

import pytest

from busyout.domain.commands import Command, InstallPackage, InstallPlugin, SynchronizeDevice, UpdatePlugins
from busyout.domain.operation import Operation, OperationState, Step, StepState, Transfer
from busyout.faces.provd.translate import progress
from busyout.wire.provd.notation import read

RUNNING, SUCCEEDED, FAILED = OperationState.RUNNING, OperationState.SUCCEEDED, OperationState.FAILED
WAITING, BUSY, DONE, WRONG, UNDONE = (
    StepState.WAITING,
    StepState.RUNNING,
    StepState.DONE,
    StepState.FAILED,
    StepState.UNDONE,
)

UPDATE, INSTALL, PACKAGE = UpdatePlugins(), InstallPlugin("p"), InstallPackage("p", "k")


def operation(command: Command, state: OperationState, *steps: Step) -> Operation:
    """An operation of these steps."""
    return Operation(
        id="1",
        element="provisioning",
        lane="content",
        command=command,
        state=state,
        steps=steps,
        actor="admin",
        face="provd",
        created_at=0.0,
        reason="because" if state is FAILED else None,
    )


def step(state: StepState, *transfers: Transfer, reason: str | None = None) -> Step:
    return Step("step", state, transfers=transfers, reason=reason)


def whole(state: str, *parts: Transfer) -> Transfer:
    return Transfer("download", state, parts=parts)


TOLD: dict[str, Operation] = {
    "update|progress;0": operation(UPDATE, RUNNING, step(BUSY)),
    "update|progress;4096": operation(UPDATE, RUNNING, step(BUSY, Transfer("download", "progress", 4096, 9000))),
    "update|success;187260": operation(UPDATE, SUCCEEDED, step(DONE, Transfer("download", "success", 187260, 187260))),
    "update|fail;0": operation(UPDATE, FAILED, step(UNDONE, Transfer("download", "fail", 0))),
    "install|progress": operation(INSTALL, OperationState.WAITING, step(WAITING), step(WAITING)),
    "install|progress(download|progress;4096/9394)": operation(
        INSTALL, RUNNING, step(BUSY, Transfer("download", "progress", 4096, 9394)), step(WAITING)
    ),
    "install|success(download|success;9394/9394)": operation(
        INSTALL, SUCCEEDED, step(DONE, Transfer("download", "success", 9394, 9394)), step(DONE)
    ),
    "install|fail(download|fail;5489/10978)": operation(
        INSTALL, FAILED, step(UNDONE, Transfer("download", "progress", 5489, 10978), reason="cut"), step(WAITING)
    ),
    "install|fail(download|fail;10978/10978)": operation(
        INSTALL,
        FAILED,
        step(UNDONE, Transfer("download", "success", 10978, 10978)),
        step(UNDONE, reason="not that package"),
    ),
    "install|fail(download|success;9/9)": operation(
        INSTALL,
        FAILED,
        step(UNDONE, Transfer("download", "success", 9, 9)),
        step(UNDONE),
        step(UNDONE, reason="no plug-in"),
    ),
    "install|success": operation(INSTALL, SUCCEEDED, step(DONE), step(DONE)),
    "install_pkg|progress(download|waiting)(install|waiting)": operation(
        PACKAGE, RUNNING, step(WAITING), step(WAITING)
    ),
    "install_pkg|progress(download|progress(progress;4096/60000))(install|waiting)": operation(
        PACKAGE, RUNNING, step(BUSY, whole("progress", Transfer("", "progress", 4096, 60000))), step(WAITING)
    ),
    "install_pkg|progress(download|progress(success;60000/60000)(progress;4096/30000))(install|waiting)": operation(
        PACKAGE,
        RUNNING,
        step(BUSY, whole("progress", Transfer("", "success", 60000, 60000), Transfer("", "progress", 4096, 30000))),
        step(WAITING),
    ),
    "install_pkg|success(download|success)(install|success)": operation(
        PACKAGE, SUCCEEDED, step(DONE, whole("success")), step(DONE)
    ),
    "install_pkg|fail(download|fail(fail;30000/30000))(install|fail)": operation(
        PACKAGE, FAILED, step(UNDONE, whole("fail", Transfer("", "fail", 30000, 30000)), reason="x"), step(WAITING)
    ),
    "install_pkg|fail(download|success)(install|fail)": operation(
        PACKAGE, FAILED, step(UNDONE, whole("success")), step(WRONG, reason="x")
    ),
    "progress": operation(SynchronizeDevice("d"), RUNNING, step(BUSY)),
    "success": operation(SynchronizeDevice("d"), SUCCEEDED, step(DONE)),
    "fail": operation(SynchronizeDevice("d"), OperationState.CANCELLED, step(UNDONE)),
}


@pytest.mark.parametrize(("text", "told"), TOLD.items())
def test_an_operation_is_told_in_the_words_of_the_servers(text: str, told: Operation) -> None:
    status = progress.status(told)
    assert (status.status, status.reason) == (text, told.reason)


@pytest.mark.parametrize("state", OperationState)
@pytest.mark.parametrize("command", [UPDATE, INSTALL, PACKAGE, SynchronizeDevice("d")])
@pytest.mark.parametrize("label", ["download", "a file (1)|x;2", "", "é"])
def test_clients_can_read_whatever_the_services_tell(state: OperationState, command: Command, label: str) -> None:
    part = Transfer(label, "progress", -1, -5)
    seen = read(progress.status(operation(command, state, step(BUSY, part, whole("waiting", part)), step(BUSY))).status)
    assert seen.state in ("progress", "success", "fail")
