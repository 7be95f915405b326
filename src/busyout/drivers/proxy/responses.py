"""What the proxy does with each response. No I/O."""

from hmac import compare_digest

from busyout.drivers.proxy.bounds import MAX_KEPT, MAX_MESSAGE, MAX_SAID
from busyout.drivers.proxy.calls import ENDING, ESTABLISHED, TIMER_C, Call, Leg, Transaction
from busyout.drivers.proxy.ending import Ending
from busyout.drivers.proxy.facts import cseq_of, flat
from busyout.drivers.proxy.grammar import NotGrammatical, Via, address, tag, uri, via
from busyout.drivers.proxy.initial import contact_of
from busyout.drivers.proxy.keepalive import KeepAlive
from busyout.drivers.proxy.message import Response, render
from busyout.drivers.proxy.replies import Address, answer_address
from busyout.drivers.proxy.routing import addressed_to
from busyout.drivers.proxy.seal import PREFIX, interface_of
from busyout.drivers.proxy.state import State

CHALLENGES = (401, 407)


class Responses:
    """Passes answers back the way their requests came; what does not belong to one is dropped."""

    def __init__(self, state: State, ending: Ending, keepalive: KeepAlive) -> None:
        self._state = state
        self._ending = ending
        self._keepalive = keepalive

    def receive(self, response: Response, source: Address, now: float) -> None:
        """Pass a response on, or take it as the answer to a request of our own."""
        state = self._state
        if _is_too_large(response):
            state.count("too_large")
            return
        try:
            vias = flat(response.values.get("via", []))
            number, method = cseq_of(response.first("cseq"))
            top = via(vias[0]) if vias else None
            below = via(vias[1]) if len(vias) > 1 else None
        except NotGrammatical:
            state.count("malformed")
            return
        branch = top.parameters.get("branch", "") if top is not None else ""
        if top is None or (top.host, top.port) not in state.own:
            state.count("stray")
        elif below is None:
            self._own(branch, method, response, now)
        elif self._belongs(branch, below, response.first("call-id"), number):
            if self._take(branch, method, response, (source, now)):
                data = self._pass_back(branch, below, vias, response)
                self._keep(branch, method, response, data)
        else:
            state.count("stray")

    def _own(self, branch: str, method: str, response: Response, now: float) -> None:
        if branch.startswith(PREFIX + "k"):
            self._keepalive.response(branch, response.status, now)
        else:
            self._ending.response(branch, method, response.status, now)

    def _belongs(self, branch: str, below: Via, call_id: str, number: int) -> bool:
        interface = interface_of(branch)
        if interface is None or interface not in self._state.interfaces:
            return False
        made = self._state.seal.branch(below, call_id, number, interface)
        return compare_digest(made.encode("latin-1", "replace"), branch.encode("latin-1", "replace"))

    def _take(self, branch: str, method: str, response: Response, seen: tuple[Address, float]) -> bool:
        """Note what the response means; false when nobody waits for it any more."""
        state, status, now = self._state, response.status, seen[1]
        transaction = state.transactions.get(branch, method)
        if status >= 200:
            state.transactions.close(branch, method)
        elif transaction is not None and method == "INVITE":
            transaction.expires = now + TIMER_C
        call = state.calls.get(response.first("call-id"))
        orphan = self._ending.orphans.get(branch) if method == "INVITE" else None
        if orphan is not None:
            self._ending.orphan_response(orphan, response, now)
            return False
        if call is None:
            return True
        if method == "INVITE" and call.branch == branch:
            self._first_invite(call, response, seen)
        else:
            call.touched = now
            self._later(call, method, response, transaction)
        return True

    def _first_invite(self, call: Call, response: Response, seen: tuple[Address, float]) -> None:
        state, status, now = self._state, response.status, seen[1]
        call.touched = now
        if status < 200:
            call.provisional = True
        elif status >= 300:
            self._ending.forget_cancel(call)
            state.finish(call, "failed", now, status=status)
        elif call.answered:
            state.count("retransmissions")
        else:
            self._answered(call, response, seen)

    def _answered(self, call: Call, response: Response, seen: tuple[Address, float]) -> None:
        call.answered = True
        call.state = ESTABLISHED
        call.to_value = response.first("to")
        call.to_tag = _tag_of(call.to_value)
        call.callee = Leg(
            target=contact_of(response.values.get("contact")),
            routes=self._routes_below(response.values.get("record-route", [])),
            address=seen[0],
            interface=call.callee.interface,
        )
        self._state.count("answered")
        self._ending.forget_cancel(call)
        if call.ended_by_us:
            self._ending.answered(call, seen[1])

    def _routes_below(self, values: list[str]) -> list[str]:
        """The Route values from us to the callee: what was recorded below us, in reverse."""
        below: list[str] = []
        try:
            for value in flat(values):
                if addressed_to(uri(address(value)[0]), self._state.own):
                    return below[::-1]
                below.append(value)
        except NotGrammatical:
            return []
        return []

    def _later(self, call: Call, method: str, response: Response, transaction: Transaction | None) -> None:
        status = response.status
        if method == "BYE" and call.state == ENDING and status >= 200 and not call.ended_by_us:
            if status in CHALLENGES:
                call.state = ESTABLISHED
            else:
                self._state.finish(call, "completed", call.touched)
        elif method in ("INVITE", "UPDATE") and 200 <= status < 300 and call.answered:
            forward = _tag_of(response.first("from")) == call.from_tag
            asker, answerer = (call.caller, call.callee) if forward else (call.callee, call.caller)
            asker.target = (transaction.contact if transaction is not None else "") or asker.target
            answerer.target = contact_of(response.values.get("contact")) or answerer.target

    def _pass_back(self, branch: str, below: Via, vias: list[str], response: Response) -> bytes:
        address, interface = answer_address(below), interface_of(branch)
        if address is None or interface is None:
            self._state.count("stray")
            return b""
        lines = [f"Via: {value}" for value in vias[1:]]
        lines += [line for name, line in response.lines if name != "via"]
        data = render(f"SIP/2.0 {response.status} {response.reason}", lines, response.body)
        self._state.send(data, address, interface)
        return data

    def _keep(self, branch: str, method: str, response: Response, data: bytes) -> None:
        call = self._state.calls.get(response.first("call-id")) if method == "INVITE" else None
        if call is not None and call.branch == branch:
            call.last_said = data if response.status < 200 and len(data) <= MAX_SAID else b""


def _is_too_large(response: Response) -> bool:
    """Whether an answer is too long, or has more than may be kept of it."""
    if response.size > MAX_MESSAGE:
        return True
    return len(response.first("to")) + sum(map(len, response.values.get("record-route", ()))) > MAX_KEPT


def _tag_of(value: str) -> str:
    try:
        return tag(address(value)[1])
    except NotGrammatical:
        return ""
