"""The workflow that carries one operation, and what is asked of DBOS. Imports DBOS: let `engine` import it, late."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID, WorkflowStatus, WorkflowStatusString

from busyout.durable.advances import Advances
from busyout.durable.attempt import pauses

END_WRITTEN_AFTER = 5.0
"""Seconds after the end of a workflow's body within which DBOS has written the end down."""

DOUBT = 3.0
"""Seconds that a workflow may look as if nobody carried it: DBOS hands recovered work out within a second or so."""

OVER = {
    WorkflowStatusString.SUCCESS.value,
    WorkflowStatusString.ERROR.value,
    WorkflowStatusString.CANCELLED.value,
    WorkflowStatusString.MAX_RECOVERY_ATTEMPTS_EXCEEDED.value,
}
"""Statuses in which DBOS does nothing more by itself."""

HISTORY_KEPT = timedelta(days=1)
"""How long the history of a workflow is kept that is over and that nobody forgets."""

BATCH = 500
"""Most workflows deleted in one transaction."""

log = logging.getLogger(__name__)


class Workflows:
    """The operations that this process carries. Lives on the engine's loop."""

    def __init__(self, advances: Advances, slot: str) -> None:
        self._advances = advances
        self._slot = slot
        self._here: Counter[str] = Counter()
        self._asking: set[str] = set()
        self._doubted_since: dict[str, float] = {}

    def carries(self, operation: str) -> bool:
        """Whether nothing need be done for an operation; may be asked from any thread."""
        return operation in self._here or operation in self._asking

    async def begin(self, operation: str, *, new: bool) -> None:
        """Carry an operation, unless it is carried already, here or by another server.

        One that is `new` is not asked after: should another server have been quicker, DBOS leaves it to that one.
        """
        if self.carries(operation):
            return
        self._asking.add(operation)
        try:
            if new or await self._is_free(operation):
                with SetWorkflowID(operation):
                    await DBOS.start_workflow_async(_carry, operation)
        finally:
            self._asking.discard(operation)

    async def _is_free(self, operation: str) -> bool:
        """Whether nobody carries an operation, nor will; what DBOS gave up of it is deleted."""
        status = await DBOS.get_workflow_status_async(operation)
        if status is not None:
            if not self._stranded(status):
                return False
            log.warning("workflow_taken_up_anew", extra={"operation": operation, "status": status.status})
            await DBOS.delete_workflows_async([operation])
        self._doubted_since.pop(operation, None)
        return True

    def _stranded(self, status: WorkflowStatus) -> bool:
        """Whether nobody will carry a workflow on, although its operation has not settled.

        Where that only seems so, it is believed after `DOUBT` seconds: the workflow may be on its way.
        """
        if status.status in OVER:
            return True
        if status.status == WorkflowStatusString.PENDING.value and status.executor_id != self._slot:
            return False
        now = time.monotonic()
        return now - self._doubted_since.setdefault(status.workflow_id, now) > DOUBT

    async def forget(self, operations: tuple[str, ...]) -> None:
        """Delete the history of workflows."""
        await DBOS.delete_workflows_async(list(operations))

    async def tidy(self) -> None:
        """Delete the history of workflows that were over a day ago."""
        before = (datetime.now(UTC) - HISTORY_KEPT).isoformat()
        while old := await DBOS.list_workflows_async(
            status=sorted(OVER), completed_before=before, limit=BATCH, load_input=False, load_output=False
        ):
            await DBOS.delete_workflows_async([status.workflow_id for status in old])

    async def owners(self) -> set[str]:
        """Slots of the other servers that have work in progress."""
        pending = await DBOS.list_workflows_async(
            status=WorkflowStatusString.PENDING.value, load_input=False, load_output=False
        )
        return {status.executor_id for status in pending if status.executor_id} - {self._slot}

    async def take_over(self, owner: str) -> int:
        """Give the work in progress of a dead server to whoever is free; returns how many workflows that were."""
        pending = await DBOS.list_workflows_async(
            status=WorkflowStatusString.PENDING.value, executor_id=owner, load_input=False, load_output=False
        )
        await DBOS.resume_workflows_async([status.workflow_id for status in pending])
        return len(pending)

    @contextmanager
    def carrying(self, operation: str) -> Iterator[None]:
        """While the body of a workflow runs, and until its end is written down."""
        self._here[operation] += 1
        self._doubted_since.pop(operation, None)
        try:
            yield
        finally:
            asyncio.get_running_loop().call_later(END_WRITTEN_AFTER, self._leave, operation)

    def _leave(self, operation: str) -> None:
        self._here[operation] -= 1
        if self._here[operation] <= 0:
            del self._here[operation]

    async def advance(self, operation: str) -> bool:
        """Do one step of an operation on the loop of the services; an error is logged and the step tried again.

        An error must not get out: DBOS would record it, and the operation would never be carried on.
        """
        for pause in pauses():
            done = asyncio.run_coroutine_threadsafe(self._advances.once(operation), self._advances.home)
            outcome = asyncio.wrap_future(done)
            await asyncio.wait({outcome})
            if outcome.cancelled() and self._advances.closed:
                break
            error = asyncio.CancelledError() if outcome.cancelled() else outcome.exception()
            if error is None:
                return outcome.result()
            log.warning("advance_failed", extra={"operation": operation, "again_in": pause}, exc_info=error)
            await asyncio.sleep(pause)
        raise asyncio.CancelledError  # closing: DBOS records nothing and calls again after the next launch


_present: Workflows | None = None


def _workflows() -> Workflows:
    if _present is None:
        raise asyncio.CancelledError
    return _present


@DBOS.step(name="advance")
async def _advance(operation: str) -> bool:
    return await _workflows().advance(operation)


@DBOS.workflow(name="operation", max_recovery_attempts=None)
async def _carry(operation: str) -> None:
    with _workflows().carrying(operation):
        while not await _advance(operation):
            pass


def launch(config: DBOSConfig, workflows: Workflows) -> None:
    """Launch DBOS on the running loop, blocking it meanwhile; workflows run on this loop from then on."""
    global _present  # noqa: PLW0603 - DBOS is one per process, and it finds workflows by name
    _present = workflows
    DBOS(config={**config, "serializer": DBOSPortableJSONSerializer()})  # its own default is pickle
    DBOS.launch()


def destroy() -> None:
    """End DBOS. Blocks for a moment, and much longer while its database is away."""
    global _present  # noqa: PLW0603 - see launch
    DBOS.destroy()
    _present = None
