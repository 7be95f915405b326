"""What the proxy does with each request. No I/O."""

from hmac import compare_digest

from busyout.drivers.proxy.calls import ENDING, TIMER_C, TIMER_F, Call, Leg, Transaction
from busyout.drivers.proxy.ending import Ending
from busyout.drivers.proxy.facts import TOO_LARGE, Fault, facts_of
from busyout.drivers.proxy.forward import answer, pass_on
from busyout.drivers.proxy.grammar import NotGrammatical, uri
from busyout.drivers.proxy.initial import Initial, contact_of
from busyout.drivers.proxy.message import Request
from busyout.drivers.proxy.replies import Address, mark_source, reply
from busyout.drivers.proxy.routing import Path, addressed_to, locate, next_hop, path_of
from busyout.drivers.proxy.seal import HOUR
from busyout.drivers.proxy.state import Incoming, State

MARK_LIFE = 24 * HOUR
"""Seconds for which a mark lets in requests of a dialog whose call we do not know."""

TOO_MANY_HOPS = (483, "Too Many Hops")
UNREACHABLE = (480, "Address of the next hop is not IPv4 over UDP")
LOOP = (482, "Next hop is this proxy")
NO_SUCH_CALL = (481, "Call/Transaction Does Not Exist")


class Requests:
    """Takes requests apart by what they ask for."""

    def __init__(self, state: State, initial: Initial, ending: Ending) -> None:
        self._state = state
        self._initial = initial
        self._ending = ending

    def receive(self, request: Request, source: Address, interface: int, now: float) -> None:
        """Pass a request on, or answer it."""
        state = self._state
        try:
            facts = facts_of(request)
        except Fault as fault:
            state.count("too_large" if fault.status == TOO_LARGE[0] else "malformed")
            if request.method != "ACK":
                data, address = reply(request, source, (fault.status, fault.reason), to_tag=state.seal.tag(""))
                state.send(data, address, interface)
            return
        marked, hop = mark_source(facts.vias[0], facts.via, source)
        branch = state.seal.branch(hop, facts.call_id, facts.cseq, interface)
        incoming = Incoming(request, facts, source, interface, now, branch, hop, marked)
        try:
            self._dispatch(incoming)
        except NotGrammatical as error:
            state.count("malformed")
            answer(state, incoming, (400, f"Bad Request: {error}"))

    def _dispatch(self, incoming: Incoming) -> None:
        request, facts = incoming.request, incoming.facts
        if request.method == "CANCEL":
            self._cancel(incoming)
        elif request.method == "ACK" and self._hop_ack(incoming):
            return
        elif refusal := self._unacceptable(incoming):
            answer(self._state, incoming, refusal, extra=_unsupported(refusal[0], request))
        elif facts.to_tag or request.method == "ACK":
            self._in_dialog(incoming)
        elif request.method == "INVITE":
            self._initial.invite(incoming)
        elif self._is_for_us(request):
            self._initial.options(incoming)
        else:
            self._initial.other(incoming)

    def _is_for_us(self, request: Request) -> bool:
        return request.method == "OPTIONS" and addressed_to(uri(request.uri), self._state.own)

    def _unacceptable(self, incoming: Incoming) -> tuple[int, str] | None:
        request, facts = incoming.request, incoming.facts
        if facts.forwards == 0 and not (self._is_for_us(request) and not facts.to_tag):
            return TOO_MANY_HOPS
        where = uri(request.uri)
        if where.scheme not in ("sip", "tel"):
            return 416, "Unsupported URI Scheme"
        if where.headers:
            return 400, "Request-URI carries header fields"
        if request.values.get("proxy-require"):
            return 420, "Bad Extension"
        return None

    def _hop_ack(self, incoming: Incoming) -> bool:
        """An ACK to a final answer other than 2xx: its branch is the one of its INVITE."""
        state, facts, branch = self._state, incoming.facts, incoming.branch
        if compare_digest(facts.to_tag.encode("latin-1"), state.seal.tag(branch).encode()):
            self._ending.acknowledged(branch)
            return True
        memory = state.memories.of_branch(branch)
        if memory is None or memory.hop is None:
            return False
        memory.settled = True
        pass_on(state, incoming, memory.uri, memory.hop, (memory.interface, [], False))
        return True

    def _cancel(self, incoming: Incoming) -> None:
        state, facts, branch = self._state, incoming.facts, incoming.branch
        if facts.forwards == 0:
            answer(state, incoming, TOO_MANY_HOPS)
            return
        call = state.calls.get(facts.call_id)
        memory = state.memories.of_branch(branch)
        if call is not None and call.branch != branch:
            call = None
        if call is not None:
            ways = [(call.uri, call.hop)]
        elif memory is not None:
            ways = [(memory.uri, memory.hop)] if memory.hop is not None else []
        else:
            ways = self._initial.guess(incoming) if self._may_be_under_way(incoming) else []
        if not ways:
            answer(state, incoming, NO_SUCH_CALL)
            return
        if call is not None or memory is not None:
            self._follow(incoming)
        for target, hop in ways:
            pass_on(state, incoming, target, hop, (state.facing(hop[0], incoming.interface), [], False))

    def _may_be_under_way(self, incoming: Incoming) -> bool:
        """Whether there is such an INVITE that is no call of ours, or may be one that another process passed on."""
        state = self._state
        known = state.transactions.get(incoming.branch, "INVITE") is not None
        return known or state.began is None or incoming.now < state.began + TIMER_C

    def _in_dialog(self, incoming: Incoming) -> None:
        state, facts = self._state, incoming.facts
        path = path_of(incoming.request, state.own)
        call = state.calls.get(facts.call_id)
        if call is not None and not _in_call(call, facts.from_tag, facts.to_tag):
            call = None
        if call is None and not self._is_marked(incoming, path.mark):
            answer(state, incoming, NO_SUCH_CALL)
            return
        hop = self._send_on(incoming, path, call)
        if hop is not None:
            if incoming.request.method != "ACK" and (call is not None or state.admission.admitting):
                self._follow(incoming)
            if call is not None:
                self._note(call, incoming)

    def _is_marked(self, incoming: Incoming, mark: str) -> bool:
        """Whether a mark shows that the dialog was let in, not long ago if we do not know its call."""
        state, call_id = self._state, incoming.facts.call_id
        made = state.seal.marked_at(call_id, mark)
        if made is None:
            return False
        known = state.calls.get(call_id) is not None or state.memories.of_call(call_id) is not None
        return known or incoming.now + state.clock_offset < made + MARK_LIFE

    def _send_on(self, incoming: Incoming, path: Path, call: Call | None) -> Address | None:
        state = self._state
        far = _far(call, incoming.facts.from_tag) if call is not None else None
        target, learned = path.uri, far.address if far is not None else None
        if far is not None and not path.routes and addressed_to(uri(target), state.own):
            target = far.target or target
        target, routes, where = next_hop(target, path.routes)
        hop = locate(where)
        if hop is None or hop in state.own:
            hop = learned
        if hop is None or hop in state.own:
            answer(state, incoming, UNREACHABLE if hop is None else LOOP)
            return None
        leaving = path.interface
        if leaving is None:
            leaving = far.interface if far is not None else state.facing(hop[0], incoming.interface)
        if not pass_on(state, incoming, target, hop, (leaving, routes, False)):
            answer(state, incoming, TOO_LARGE)
            return None
        return hop

    def _follow(self, incoming: Incoming) -> None:
        request, facts = incoming.request, incoming.facts
        transaction = Transaction(
            incoming.branch,
            request.method,
            facts.call_id,
            incoming.now + TIMER_F,
            contact_of(request.values.get("contact")),
        )
        self._state.count("transactions" if self._state.transactions.open(transaction) else "retransmissions")

    def _note(self, call: Call, incoming: Incoming) -> None:
        facts, method = incoming.facts, incoming.request.method
        call.touched = incoming.now
        near = call.caller if facts.from_tag == call.from_tag else call.callee
        near.address = incoming.source
        near.cseq = max(near.cseq, facts.cseq)
        if method == "ACK":
            self._ending.confirmed(call, incoming.now)
        elif method == "BYE" and call.answered:
            call.state = ENDING


def _in_call(call: Call, from_tag: str, to_tag: str) -> bool:
    if not call.answered:
        return call.from_tag in (from_tag, to_tag)
    return (from_tag, to_tag) in ((call.from_tag, call.to_tag), (call.to_tag, call.from_tag))


def _far(call: Call, from_tag: str) -> Leg:
    return call.callee if from_tag == call.from_tag else call.caller


def _unsupported(status: int, request: Request) -> tuple[str, ...]:
    if status != 420:
        return ()
    return tuple(f"Unsupported: {value}" for value in request.values["proxy-require"])
