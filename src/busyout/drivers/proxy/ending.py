"""Ending calls ourselves: BYE to both sides of an answered call, CANCEL and a final answer for a set-up. No I/O."""

from secrets import token_hex

from msgspec import Struct

from busyout.drivers.proxy import spoken
from busyout.drivers.proxy.calls import ENDING, T1, T2, TIMER_F, Call
from busyout.drivers.proxy.message import Response
from busyout.drivers.proxy.replies import Address
from busyout.drivers.proxy.seal import PREFIX
from busyout.drivers.proxy.state import State

ACK_PATIENCE = 2.0
"""Seconds that the ACK of a call just answered is waited for before its BYEs are sent without it."""

TERMINATED = (487, "Request Terminated")


class Pending(Struct):
    """A message of ours that is sent again until it is answered."""

    branch: str
    """Its own branch; for a CANCEL or a final answer the one of the INVITE."""
    method: str
    """`BYE`, `CANCEL` or `answer`."""
    call_id: str
    data: bytes
    address: Address
    interface: int
    due: float
    """When it is sent again."""
    interval: float
    over: float
    """When it is given up."""


class Orphan(Struct):
    """A set-up whose caller we have answered before its callee said anything."""

    call: Call
    expires: float


class Ending:
    """Ends calls and keeps at it until both sides have answered."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.pending: dict[tuple[str, str], Pending] = {}
        self.orphans: dict[str, Orphan] = {}
        self._unconfirmed: dict[str, Call] = {}

    def end(self, call: Call, now: float) -> None:
        """Begin to end a call; one that we are ending already is left alone."""
        if call.ended_by_us:
            return
        call.ended_by_us = True
        call.state = ENDING
        call.ending_since = now
        if call.answered:
            self._end_answered(call, now)
        elif call.provisional:
            self.cancel(call, now)
        else:
            self.answer_caller(call, TERMINATED, now)
            self.orphans[call.branch] = Orphan(call, now + TIMER_F)

    def cancel(self, call: Call, now: float) -> None:
        """Take back an INVITE that has been answered provisionally."""
        call.cancelled = True
        leaving = call.callee.interface
        addressed = spoken.cancel(call, self._own_via(leaving, call.branch))
        self._keep_sending((call.branch, "CANCEL", call.id), addressed, leaving, now)
        transaction = self._state.transactions.get(call.branch, "INVITE")
        if transaction is not None:
            transaction.expires = now + TIMER_F

    def answer_caller(self, call: Call, status: tuple[int, str], now: float) -> None:
        """Give the caller of a set-up a final answer of our own, and forget the call."""
        addressed = spoken.final_answer(call, self._state.seal.tag(call.branch), status)
        self._keep_sending((call.branch, "answer", call.id), addressed, call.caller.interface, now)
        self._state.transactions.close(call.branch, "INVITE")
        self._state.finish(call, "failed", now)

    def acknowledged(self, branch: str) -> None:
        """The caller has acknowledged a final answer of ours."""
        self.pending.pop((branch, "answer"), None)

    def confirmed(self, call: Call, now: float) -> None:
        """The caller has acknowledged the callee's answer."""
        call.acknowledged = True
        if self._unconfirmed.pop(call.id, None) is not None:
            self._byes(call, now)

    def forget_cancel(self, call: Call) -> None:
        """The INVITE that was to be taken back has its final answer."""
        self.pending.pop((call.branch, "CANCEL"), None)

    def answered(self, call: Call, now: float) -> None:
        """A set-up that we were ending was answered all the same."""
        call.state = ENDING
        call.ending_since = now
        self._end_answered(call, now)

    def response(self, branch: str, method: str, status: int, now: float) -> None:
        """An answer to a BYE or CANCEL of ours."""
        if status < 200:
            return
        pending = self.pending.pop((branch, method), None)
        if pending is None:
            self._state.count("stray")
            return
        call = self._state.calls.get(pending.call_id)
        if call is None:
            return
        if method == "BYE":
            self._one_bye_less(call, now)
        elif status == 481 and call.branch == branch and not call.answered:
            self.answer_caller(call, TERMINATED, now)

    def orphan_response(self, orphan: Orphan, response: Response, now: float) -> None:
        """The callee of an orphan says something: take the INVITE back, or end the call that came of it."""
        call, status = orphan.call, response.status
        if status < 200:
            if not call.cancelled:
                self.cancel(call, now)
            return
        self.pending.pop((call.branch, "CANCEL"), None)
        call.to_value = response.first("to")
        leaving = call.callee.interface
        if status >= 300:
            self._send(spoken.acknowledge_refusal(call, self._own_via(leaving, call.branch)), leaving)
            self.orphans.pop(call.branch, None)
            return
        self._send(spoken.acknowledge_answer(call, self._new_via(leaving)[1]), leaving)
        if not call.answered:
            call.answered = True
            self._bye(call, now, to_caller=False)

    def tick(self, now: float) -> None:
        """Send again what is due, and give up what is over."""
        for key, pending in list(self.pending.items()):
            if pending.over <= now:
                self._give_up(key, pending, now)
            elif pending.due <= now:
                self._state.send(pending.data, pending.address, pending.interface)
                pending.interval = min(2 * pending.interval, T2)
                pending.due = now + pending.interval
        for call in [call for call in self._unconfirmed.values() if now - call.ending_since >= ACK_PATIENCE]:
            del self._unconfirmed[call.id]
            self._byes(call, now)
        for branch in [branch for branch, orphan in self.orphans.items() if orphan.expires <= now]:
            del self.orphans[branch]

    def open_requests(self) -> int:
        """BYEs and CANCELs of ours without an answer."""
        return sum(1 for _, method in self.pending if method != "answer")

    def restore(self, pending: list[Pending], orphans: list[Orphan]) -> None:
        """Go on with what another process began."""
        self.pending = {(one.branch, one.method): one for one in pending}
        self.orphans = {orphan.call.branch: orphan for orphan in orphans}
        waiting = (call for call in self._state.calls if call.ended_by_us and call.answered and not call.open_byes)
        self._unconfirmed = {call.id: call for call in waiting}

    def _end_answered(self, call: Call, now: float) -> None:
        if call.acknowledged:
            self._byes(call, now)
        else:
            self._unconfirmed[call.id] = call

    def _byes(self, call: Call, now: float) -> None:
        call.open_byes = 2
        self._bye(call, now, to_caller=False)
        self._bye(call, now, to_caller=True)

    def _bye(self, call: Call, now: float, *, to_caller: bool) -> None:
        leaving = call.caller.interface if to_caller else call.callee.interface
        branch, own_via = self._new_via(leaving)
        addressed = spoken.bye(call, own_via, to_caller=to_caller)
        if not self._keep_sending((branch, "BYE", call.id), addressed, leaving, now):
            self._one_bye_less(call, now)

    def _keep_sending(self, key: tuple[str, str, str], addressed: spoken.Addressed, interface: int, now: float) -> bool:
        data, address = addressed
        if address is None:
            return False
        self._state.send(data, address, interface)
        branch, method, call_id = key
        self.pending[branch, method] = Pending(
            branch=branch,
            method=method,
            call_id=call_id,
            data=data,
            address=address,
            interface=interface,
            due=now + T1,
            interval=T1,
            over=now + TIMER_F,
        )
        return True

    def _send(self, addressed: spoken.Addressed, interface: int) -> None:
        data, address = addressed
        if address is not None:
            self._state.send(data, address, interface)

    def _give_up(self, key: tuple[str, str], pending: Pending, now: float) -> None:
        del self.pending[key]
        call = self._state.calls.get(pending.call_id)
        if call is not None and pending.method == "BYE":
            self._one_bye_less(call, now)

    def _one_bye_less(self, call: Call, now: float) -> None:
        call.open_byes -= 1
        if call.open_byes <= 0:
            self._state.finish(call, "completed", now)

    def _new_via(self, interface: int) -> tuple[str, str]:
        branch = f"{PREFIX}c{token_hex(8)}"
        return branch, self._own_via(interface, branch)

    def _own_via(self, interface: int, branch: str) -> str:
        host, port = self._state.interfaces[interface]
        return f"SIP/2.0/UDP {host}:{port};branch={branch}"
