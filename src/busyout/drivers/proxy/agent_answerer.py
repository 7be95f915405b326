"""Answers SIP calls: rings, answers, and says goodbye when asked."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from secrets import token_hex
from typing import Self

from msgspec import Struct

from busyout.drivers.proxy.agent_endpoint import REMEMBERED, SLOWEST, T1, TRIES_FOR, Endpoint
from busyout.drivers.proxy.agent_messages import Address, branch_of, response
from busyout.drivers.proxy.message import Request

RING = 0.1
"""Seconds between 180 and 200."""


class Manners(Struct, frozen=True):
    """How an answerer behaves."""

    ring: float = RING
    """Seconds between 180 and 200."""
    bye_delay: float = 0.0
    """Seconds before a BYE is answered."""
    refuse: int = 0
    """Status that every call is refused with; 0 to answer."""
    retry_after: int = 0
    """Seconds told with a refusal; 0 for none."""
    t1: float = T1
    """Seconds before the first retransmission."""
    lose_every: int = 0
    """One of so many datagrams is lost; 0 for none."""


@dataclass(slots=True)
class AnswererTally:
    """What an answerer has seen."""

    offered: int = 0
    answered: int = 0
    """Calls answered with 200 and acknowledged."""
    refused: int = 0
    cancelled: int = 0
    ended: int = 0
    """Calls that the other side has ended by BYE."""
    unacknowledged: int = 0
    """Calls answered with 200 that nobody acknowledged."""
    options: int = 0


class Answerer:
    """A SIP user agent server on one UDP port."""

    def __init__(self, manners: Manners) -> None:
        self.tally = AnswererTally()
        self.manners = manners
        """May be replaced while it works."""
        self._calls: dict[str, str] = {}
        """Our tag by Call-ID, of the calls that are up."""
        self._ringing: dict[str, asyncio.Task[None]] = {}
        """By Call-ID: what answers the call and then waits for its ACK."""
        self._invitations: dict[str, tuple[Request, Address]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(cls, address: Address, manners: Manners | None = None) -> Self:
        """Take an address and answer there.

        Raises:
            OSError: It is taken.
        """
        manners = manners or Manners()
        answerer = cls(manners)
        answerer._endpoint = await Endpoint.open(
            answerer._request, address, t1=manners.t1, lose_every=manners.lose_every
        )
        return answerer

    _endpoint: Endpoint

    @property
    def address(self) -> Address:
        """Where it answers."""
        return self._endpoint.address

    @property
    def retransmissions(self) -> int:
        """Datagrams sent again."""
        return self._endpoint.retransmissions

    @property
    def up(self) -> int:
        """Calls that are up."""
        return len(self._calls)

    async def close(self) -> None:
        """Stop, and leave the calls that are up as they are."""
        tasks = [*self._tasks, *self._ringing.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._endpoint.close()

    def _request(self, request: Request, source: Address) -> None:
        call_id = request.first("call-id")
        if request.method == "INVITE":
            self._invited(request, source, call_id)
        elif request.method == "ACK":
            self._acknowledged(call_id)
        elif request.method == "BYE":
            self._spawn(self._goodbye(request, source, call_id))
        elif request.method == "CANCEL":
            self._cancelled(request, source, call_id)
        elif request.method == "OPTIONS":
            self.tally.options += 1
            self._answer(request, source, self.manners.refuse or 200)
        else:
            self._answer(request, source, 405)

    def _invited(self, request: Request, source: Address, call_id: str) -> None:
        if call_id in self._calls and ";tag=" in request.first("to"):
            self._answer(request, source, 200)  # a re-INVITE changes nothing for us
            return
        self.tally.offered += 1
        if self.manners.refuse:
            self.tally.refused += 1
            self._answer(request, source, self.manners.refuse)
            return
        if len(self._calls) >= REMEMBERED:
            self.tally.refused += 1
            self._answer(request, source, 486)
            return
        self._calls[call_id] = token_hex(6)
        self._invitations[call_id] = (request, source)
        self._ringing[call_id] = asyncio.create_task(self._pick_up(request, source, call_id))

    async def _pick_up(self, request: Request, source: Address, call_id: str) -> None:
        """Ring, then answer until the answer is acknowledged."""
        self._answer(request, source, 180)
        await asyncio.sleep(self.manners.ring)
        self._invitations.pop(call_id, None)
        interval = waited = self.manners.t1
        self._answer(request, source, 200)
        while waited < TRIES_FOR * self.manners.t1:
            await asyncio.sleep(interval)
            self._endpoint.retransmissions += 1
            self._answer(request, source, 200)
            interval = min(interval * 2, SLOWEST * self.manners.t1)
            waited += interval
        self.tally.unacknowledged += 1
        self._ringing.pop(call_id, None)
        self._calls.pop(call_id, None)

    def _acknowledged(self, call_id: str) -> None:
        task = self._ringing.get(call_id)
        if task is not None and call_id not in self._invitations:
            task.cancel()
            del self._ringing[call_id]
            self.tally.answered += 1

    async def _goodbye(self, request: Request, source: Address, call_id: str) -> None:
        known = self._calls.pop(call_id, None) is not None
        self._acknowledged(call_id)  # a BYE says that the 200 has arrived, though its ACK was lost
        await asyncio.sleep(self.manners.bye_delay)
        self.tally.ended += known
        self._answer(request, source, 200 if known else 481)

    def _cancelled(self, request: Request, source: Address, call_id: str) -> None:
        invitation = self._invitations.pop(call_id, None)
        self._answer(request, source, 200 if invitation else 481)
        if invitation:
            self._ringing.pop(call_id).cancel()
            self._answer(*invitation, 487)
            self._calls.pop(call_id, None)
            self.tally.cancelled += 1

    def _answer(self, request: Request, source: Address, status: int) -> None:
        extra = (f"Retry-After: {self.manners.retry_after}",) if status == 503 and self.manners.retry_after else ()
        tag = self._calls.get(request.first("call-id")) or branch_of(request)[-12:]
        data = response(request, status, self.address, tag=tag, extra=extra)
        self._endpoint.answer(request, data, source)

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
