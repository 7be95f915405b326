"""Places SIP calls and counts what becomes of them; `agent_answerer` is its other end.

Our own small caller over UDP, for the guided run, for tests, and where no other call generator is installed.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Self

from busyout.drivers.proxy.agent_answerer import Answerer, AnswererTally, Manners
from busyout.drivers.proxy.agent_endpoint import T1, Endpoint, NoAnswer
from busyout.drivers.proxy.agent_messages import (
    Address,
    Party,
    established,
    invitation,
    new_branch,
    request,
    response,
)
from busyout.drivers.proxy.grammar import NotGrammatical
from busyout.drivers.proxy.message import Request, Response

__all__ = ["Address", "Answerer", "AnswererTally", "Caller", "CallerTally", "Manners", "Outcome"]


class Outcome(Enum):
    """What became of a call."""

    COMPLETED = "completed"
    """Answered, held for its time, ended by us, and the end was confirmed."""
    FORCED = "forced"
    """Answered, then ended from the other side."""
    REFUSED = "refused"
    """503 with Retry-After."""
    REJECTED = "rejected"
    """Another final answer, a 503 without Retry-After among them."""
    CUT = "cut"
    """Answered, but nobody knew of it any more when we ended it."""
    UNANSWERED = "unanswered"
    """No answer to the INVITE."""


@dataclass(slots=True)
class CallerTally:
    """What became of the calls of a caller."""

    placed: int = 0
    answered: int = 0
    completed: int = 0
    forced: int = 0
    refused: int = 0
    rejected: int = 0
    cut: int = 0
    unanswered: int = 0

    @property
    def failed(self) -> int:
        """Calls that were neither carried nor refused in the proper way."""
        return self.rejected + self.cut + self.unanswered

    @property
    def settled(self) -> int:
        """Calls that nothing more will happen to."""
        return self.completed + self.forced + self.refused + self.failed


class Caller:
    """A SIP user agent client on one UDP port."""

    def __init__(self, target: Address) -> None:
        self.tally = CallerTally()
        self.last_refusal = 0
        """Seconds that the last refusal told us to wait; 0 before any."""
        self._target = target
        self._moved = asyncio.Event()
        self._ended: dict[str, asyncio.Event] = {}
        """By Call-ID, for the calls that are up: set when the other side says goodbye."""
        self._held: set[asyncio.Timeout] = set()
        """What ends the calls that are up when their time is over."""

    _endpoint: Endpoint

    @classmethod
    async def open(
        cls, target: Address, *, address: Address = ("127.0.0.1", 0), t1: float = T1, lose_every: int = 0
    ) -> Self:
        """A caller at `address` (port 0 takes a free one) that places its calls at `target`.

        One of `lose_every` datagrams is lost on purpose; 0 for none.

        Raises:
            OSError: The address is taken.
        """
        caller = cls(target)
        caller._endpoint = await Endpoint.open(caller._request, address, t1=t1, lose_every=lose_every)
        return caller

    @property
    def address(self) -> Address:
        """Where its calls come from."""
        return self._endpoint.address

    @property
    def retransmissions(self) -> int:
        """Datagrams sent again."""
        return self._endpoint.retransmissions

    @property
    def up(self) -> int:
        """Calls that are up."""
        return len(self._ended)

    @property
    def calls(self) -> frozenset[str]:
        """Call-IDs of the calls that are up."""
        return frozenset(self._ended)

    async def close(self) -> None:
        """Give the address back; calls that are up are left as they are."""
        await self._endpoint.close()

    async def offer(self, calls: int, *, rate: float, hold: Callable[[int], float]) -> None:
        """Place so many calls, `rate` a second, each held for `hold(number)` seconds; return when all are over."""
        async with asyncio.TaskGroup() as group:
            for number in range(calls):
                group.create_task(self.call(hold(number)))
                if number + 1 < calls:
                    await asyncio.sleep(1 / rate)

    async def call(self, hold: float, *, number: str = "1000") -> Outcome:
        """Place one call, hold it for so many seconds, end it, and say what became of it."""
        self.tally.placed += 1
        outcome = await self._call(hold, invitation(self._target, self.address, number))
        setattr(self.tally, outcome.value, getattr(self.tally, outcome.value) + 1)
        self._tell()
        return outcome

    def hang_up(self) -> None:
        """End the calls that are up now, before their time."""
        now = asyncio.get_running_loop().time()
        for held in self._held:
            if not held.expired():
                held.reschedule(now)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something holds; it is looked at whenever a call is answered or over."""
        while not condition():
            await self._moved.wait()

    async def _call(self, hold: float, party: Party) -> Outcome:
        branch = new_branch()
        data = request("INVITE", party, self.address, sequence=1, branch=branch)
        try:
            answer = await self._endpoint.exchange(data, party.next_hop, branch=branch, method="INVITE")
            if answer.status >= 300:
                return self._refused(party, answer, branch)
            party = established(party, answer)
        except (NoAnswer, NotGrammatical):
            return Outcome.UNANSWERED
        acknowledgement = request("ACK", party, self.address, sequence=1, branch=new_branch())
        self._endpoint.acknowledge(branch, acknowledgement, party.next_hop)
        self.tally.answered += 1
        ended = self._ended[party.call_id] = asyncio.Event()
        self._tell()
        try:
            return await self._until_over(party, hold, ended)
        finally:
            del self._ended[party.call_id]

    def _tell(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def _until_over(self, party: Party, hold: float, ended: asyncio.Event) -> Outcome:
        with suppress(TimeoutError):
            async with asyncio.timeout(hold) as held:
                self._held.add(held)
                try:
                    await ended.wait()
                finally:
                    self._held.remove(held)
        if ended.is_set():
            return Outcome.FORCED
        confirmed = await self._hang_up(party)
        if confirmed:
            return Outcome.COMPLETED
        return Outcome.FORCED if ended.is_set() else Outcome.CUT

    def _refused(self, party: Party, answer: Response, branch: str) -> Outcome:
        """Acknowledge a refusal (RFC 3261, 17.1.1.3)."""
        party = Party(party.call_id, party.local, answer.first("to"), party.target, (), party.next_hop)
        data = request("ACK", party, self.address, sequence=1, branch=branch)
        self._endpoint.acknowledge(branch, data, party.next_hop)
        seconds = answer.first("retry-after").partition(";")[0].partition("(")[0].strip()
        if answer.status == 503 and seconds.isdigit():
            self.last_refusal = int(seconds)
            return Outcome.REFUSED
        return Outcome.REJECTED

    async def _hang_up(self, party: Party) -> bool:
        """End a call; true when the other side has confirmed that."""
        branch = new_branch()
        data = request("BYE", party, self.address, sequence=2, branch=branch)
        try:
            answer = await self._endpoint.exchange(data, party.next_hop, branch=branch, method="BYE")
        except NoAnswer:
            return False
        return answer.status < 300

    def _request(self, incoming: Request, source: Address) -> None:
        """The other side speaks within a call: only its goodbye means something to us."""
        if incoming.method == "ACK":
            return
        ended = self._ended.get(incoming.first("call-id"))
        if incoming.method == "BYE" and ended is not None:
            ended.set()
        status = 405 if incoming.method not in ("BYE", "OPTIONS") else 200 if ended is not None else 481
        self._endpoint.answer(incoming, response(incoming, status, self.address), source)
