"""Purges as faces ask for them: an operation that somebody waits for."""

from busyout.domain.commands import PurgeServices
from busyout.domain.context.upkeep import Purge
from busyout.domain.mode import RequestClass
from busyout.domain.operator import Caller
from busyout.services.context.errands import Errands, check_succeeded
from busyout.services.gate import Gate


class Purging:
    """Has old services forgotten."""

    def __init__(self, errands: Errands, gate: Gate) -> None:
        self._errands = errands
        self._gate = gate

    async def purge(self, caller: Caller, before: str, which: Purge) -> None:
        """Forget services by an operation; returns when it has settled.

        The request, which is in, is not counted meanwhile, so that a switch of the mode does not wait for a purge: the
        pieces that are left are refused then.

        Raises:
            InvalidValue: `before` is no moment.
            ElementBusy: Another purge is in progress.
            NoSuchElement: There are no context services.
            OperationFailed: Not all of them could be forgotten; the message says why, such as that the mode has become
                maintenance.
        """
        operation = await self._errands.start(caller, PurgeServices(before, which))
        with self._gate.aside(RequestClass.DATA):
            settled = await self._errands.wait_settled(operation)
        check_succeeded(settled)
