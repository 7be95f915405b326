"""Operations: asked for, acknowledged, followed, influenced, and waited for."""

import asyncio
import itertools
import logging
import secrets
from hashlib import sha256
from typing import Final, Protocol

import msgspec

from busyout.domain.commands import Command, Configure, ServiceCommand, SwitchMode, in_short
from busyout.domain.element import INSIDE
from busyout.domain.errors import InvalidValue, NotSupported, OperationUnsettled, StoreUnavailable
from busyout.domain.operation import Operation, OperationState, Requests, Step
from busyout.domain.operator import Caller, Level, level_for, require
from busyout.domain.page import MAX_PAGE, OperationQuery
from busyout.ports.operations import DurableOperations
from busyout.ports.store import IdempotencyKey, OperationCatalogue, OperationJournal
from busyout.services.activities.catalogue import lane, needs, plan
from busyout.services.activities.judgement import LONGEST_WAIT, acceptable
from busyout.services.audit import Audit
from busyout.services.job import Means
from busyout.services.runner import Runner
from busyout.services.waiting import Waiting

log = logging.getLogger(__name__)

LONGEST_KEY: Final = 255
"""Longest Idempotency-Key, in characters."""


class Journal(OperationJournal, OperationCatalogue, Protocol):
    """What operations are kept in."""


class Operations:
    """Starts operations and carries them to their end."""

    def __init__(
        self, journal: Journal, durable: DurableOperations, audit: Audit, means: Means, tasks: asyncio.TaskGroup
    ) -> None:
        self._journal = journal
        self._durable = durable
        self._audit = audit
        self._means = means
        self._runner = Runner(journal, means)
        self._serial = itertools.count()
        self._waiting = Waiting(self.find, means.live)
        self._tasks = tasks

    async def start(self, caller: Caller, element: str, command: Command, *, key: str | None = None) -> Operation:
        """Acknowledge a command: from here on it is carried to its end, whatever happens to the server.

        With `key`, a repeat of the request returns the operation of the first one.

        Raises:
            NotPermitted, NoSuchElement, NotSupported, InvalidValue, InvalidConfiguration, ConfigurationChanged:
                The command is not for this caller, this element or this moment.
            ElementBusy: Another operation holds the element.
            KeyReused: `key` was used for another request.
        """
        await self._judge(caller, element, command)
        return await self._claim(caller, self._new(caller, element, command), key)

    async def find(self, operation: str) -> Operation:
        """One operation, with its progress as it is now.

        Raises:
            NoSuchOperation: There is none of that id.
        """
        return self._newest(await self._journal.find(operation))

    async def page(self, query: OperationQuery) -> tuple[Operation, ...]:
        """Operations that match, newest first.

        Raises:
            InvalidValue: The limit is not between 1 and 1000.
        """
        if not 1 <= query.limit <= MAX_PAGE:
            raise InvalidValue(f"limit is between 1 and {MAX_PAGE}")
        return tuple(self._newest(operation) for operation in await self._journal.page(query))

    async def cancel(self, caller: Caller, operation: str) -> Operation:
        """Ask that an operation be undone.

        Raises:
            NotPermitted, NoSuchOperation, OperationSettled
        """
        return await self._request(caller, operation, Requests(cancel=True))

    async def force(self, caller: Caller, operation: str) -> Operation:
        """Ask that the calls that are left be ended now.

        Raises:
            NotSupported: It waits for requests, which are never cut.
            NotPermitted, NoSuchOperation, OperationSettled
        """
        if isinstance((await self._journal.find(operation)).command, SwitchMode):
            raise NotSupported("a switch of the mode cuts no request; it can be extended or cancelled")
        return await self._request(caller, operation, Requests(force=True))

    async def extend(self, caller: Caller, operation: str, seconds: float) -> Operation:
        """Move the deadline of a drain.

        Raises:
            InvalidValue: `seconds` is not positive or more than a year.
            NotPermitted, NoSuchOperation, OperationSettled
        """
        if not 0 < seconds <= LONGEST_WAIT:
            raise InvalidValue(f"seconds is above 0 and at most {LONGEST_WAIT:.0f}")
        return await self._request(caller, operation, Requests(extended=seconds))

    async def retry(self, caller: Caller, operation: str) -> Operation:
        """Start a settled operation's command anew, as a new operation.

        Raises:
            OperationUnsettled: It is still running.
            NotPermitted, NoSuchOperation, and whatever `start` raises
        """
        require(caller, Level.ADMINISTRATOR)
        earlier = await self._journal.find(operation)
        if not earlier.settled:
            raise OperationUnsettled
        await self._judge(caller, earlier.element, earlier.command)
        again = self._new(caller, earlier.element, earlier.command)
        return await self._claim(caller, msgspec.structs.replace(again, retry_of=operation), None)

    async def wait_settled(self, operation: str, *, timeout: float | None = None) -> Operation:
        """The operation once it has settled, or as it is after `timeout` seconds.

        Raises:
            NoSuchOperation: There is none of that id.
        """
        return await self._waiting.wait_settled(operation, timeout=timeout)

    async def wait_refusing(self, operation: str, *, timeout: float) -> None:
        """Return when an operation's drain refuses new calls, when it has settled, or after `timeout` seconds."""
        await self._waiting.wait_refusing(operation, timeout=timeout)

    async def advance(self, operation: str) -> bool:
        """Do the next step; true when the operation has settled."""
        settled = await self._runner.advance(operation)
        if settled:
            self._waiting.settled(operation)
        return settled

    async def carry(self, operation: str) -> bool:
        """Do steps for as long as they are quick; true when the operation has settled."""
        settled = await self._runner.carry(operation)
        if settled:
            self._waiting.settled(operation)
        return settled

    async def unsettled(self) -> tuple[Operation, ...]:
        """Every operation that has not settled, oldest first."""
        return await self._journal.unsettled()

    async def sweep(self) -> None:
        """Start every operation that was acknowledged and is not being carried."""
        for operation in await self.unsettled():
            await self._durable.start(operation.id)

    async def purge(self, *, settled_before: float, limit: int) -> int:
        """Forget operations that settled before that time; returns how many."""
        forgotten = await self._journal.purge(settled_before=settled_before, limit=limit)
        await self._durable.forget(forgotten)
        return len(forgotten)

    async def _judge(self, caller: Caller, element: str, command: Command) -> None:
        """Let a command pass that is for this caller, this element and this moment."""
        require(caller, level_for(command))
        status = self._means.inventory.status(element)
        acceptable(command)
        if missing := needs(command) - set(status.capabilities):
            raise NotSupported(f"{element} lacks {', '.join(sorted(need.value for need in missing))}")
        if isinstance(command, ServiceCommand) and status.element.kind in INSIDE:
            raise NotSupported(
                f"{element} carries no calls: it lives in the server, and goes in and out of service with it"
            )
        if isinstance(command, Configure):
            await self._means.configuration.expect(element, command.expected)

    async def _claim(self, caller: Caller, operation: Operation, key: str | None) -> Operation:
        fingerprint = sha256(operation.element.encode() + msgspec.json.encode(operation.command)).hexdigest()
        name = None if key is None else IdempotencyKey(caller.name, idempotency_key(key), fingerprint)
        status = self._means.inventory.status(operation.element)
        before = {"administrative": status.element.administrative.value, "running": status.running_digest}
        audit = self._audit.entry(
            caller, "operation.start", operation.element, before=before, after=in_short(operation.command)
        )
        claimed = await self._journal.claim(operation, key=name, audit=audit)
        if claimed.id == operation.id:
            self._tasks.create_task(self._carry(operation.id))
        return claimed

    async def _request(self, caller: Caller, operation: str, requests: Requests) -> Operation:
        require(caller, Level.ADMINISTRATOR)
        audit = self._audit.entry(caller, "operation.request", operation, after=requests)
        asked = await self._journal.request(operation, requests, audit=audit)
        event = self._means.events.new(
            "operation.requested", element=asked.element, operation=operation, requests=asked.requests
        )
        await self._means.events.append(event)
        return self._newest(asked)

    def _new(self, caller: Caller, element: str, command: Command) -> Operation:
        now = self._means.clock.now()
        return Operation(
            id=f"{int(now * 1000):012x}{next(self._serial) & 0xFFFF:04x}{secrets.token_hex(4)}",
            element=element,
            lane=lane(command),
            command=command,
            state=OperationState.WAITING,
            steps=tuple(Step(action.label) for action in plan(command)),
            actor=caller.name,
            face=caller.face,
            created_at=now,
        )

    def _newest(self, operation: Operation) -> Operation:
        live = self._means.live.get(operation.id)
        if live is None or operation.settled:
            return operation
        return msgspec.structs.replace(live, requests=operation.requests)

    async def _carry(self, operation: str) -> None:
        """Have an acknowledged operation carried; where that fails, the sweep does it a second later."""
        try:
            await self._durable.start(operation, new=True)
            await self._means.events.relay()
        except StoreUnavailable:
            log.warning("operation_start_deferred", exc_info=True, extra={"operation": operation})


def idempotency_key(key: str) -> str:
    """A caller's key, if it can be one.

    Raises:
        InvalidValue: It is empty, too long, or not printable ASCII.
    """
    if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise InvalidValue(f"an Idempotency-Key is 1 to {LONGEST_KEY} printable ASCII characters")
    return key
