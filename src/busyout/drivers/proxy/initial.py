"""Requests outside a dialog: admission, classification, routing. No I/O."""

from busyout.domain.configuration.routing import CallRequest
from busyout.domain.configuration.tables import Peer, Trunk
from busyout.drivers.proxy.bounds import MAX_KEPT
from busyout.drivers.proxy.calls import TIMER_F, Call, Leg, Transaction
from busyout.drivers.proxy.continuing import passes_again, tries_again
from busyout.drivers.proxy.facts import TOO_LARGE, flat
from busyout.drivers.proxy.forward import answer, pass_on, unavailable
from busyout.drivers.proxy.grammar import MAX_URI, NotGrammatical, address, uri
from busyout.drivers.proxy.memories import Memory
from busyout.drivers.proxy.replies import Address, answer_address
from busyout.drivers.proxy.routing import addressed_to
from busyout.drivers.proxy.state import Incoming, State
from busyout.drivers.proxy.trunks import TrunkTable

DIALOG_METHODS = ("INVITE", "SUBSCRIBE", "REFER", "NOTIFY")
"""Methods whose path we stay in."""

DRAINING = "Service Unavailable"
"""Reason given to new calls while admission is closed."""


class Initial:
    """Lets requests in, or not, and finds their way by the tables alone: Route values of the sender do not count."""

    def __init__(self, state: State, trunks: TrunkTable) -> None:
        self._state = state
        self._trunks = trunks

    def invite(self, incoming: Incoming) -> None:
        """An INVITE without a To tag."""
        state, facts = self._state, incoming.facts
        call = state.calls.get(facts.call_id)
        if call is not None and call.branch == incoming.branch:
            state.count("retransmissions")
            self._repeat(incoming, call)
            return
        memory = state.memories.of_branch(incoming.branch)
        if memory is not None:
            state.count("retransmissions")
            self._recall(incoming, memory)
            return
        admitting = state.admission.admitting
        if call is not None and (admitting or passes_again(incoming, call)):
            self.other(incoming)
            return
        state.count("offered")
        if not admitting and (call is not None or not tries_again(state, incoming)):
            state.count("refused_draining")
            unavailable(state, incoming, DRAINING)
        elif len(state.calls) >= state.admission.capacity:
            state.count("refused_capacity")
            unavailable(state, incoming, "Too Many Calls")
        else:
            self._admit(incoming)

    def other(self, incoming: Incoming) -> None:
        """Another request without a To tag, or an INVITE that passes here for the second time."""
        state, method = self._state, incoming.request.method
        found = self._route(incoming, counted=False)
        if found is None:
            return
        trunk, target = found
        hop = (trunk.address, trunk.port)
        leaving = state.facing(trunk.address, incoming.interface)
        if not pass_on(state, incoming, target, hop, (leaving, [], method in DIALOG_METHODS)):
            answer(state, incoming, TOO_LARGE)
            return
        if not state.admission.admitting and method != "INVITE":
            return  # a drain does not wait for what belongs to no call and began after it
        transaction = Transaction(incoming.branch, method, incoming.facts.call_id, incoming.now + TIMER_F)
        state.count("transactions" if state.transactions.open(transaction) else "retransmissions")

    def options(self, incoming: Incoming) -> None:
        """An OPTIONS to ourselves: are we taking calls?"""
        state = self._state
        if state.admission.admitting:
            answer(state, incoming, (200, "OK"), extra=("Accept: application/sdp", "Supported:"))
        else:
            unavailable(state, incoming, DRAINING)

    def guess(self, incoming: Incoming) -> list[tuple[str, Address]]:
        """Where an INVITE that this process never saw may have gone: every trunk of its destination."""
        peer = self._destination(incoming, counted=False)
        if peer is None:
            return []
        rows = self._state.lookup.trunks(peer)[:8]
        return [(self._target(incoming, trunk), (trunk.address, trunk.port)) for trunk in rows if trunk.enabled]

    def _admit(self, incoming: Incoming) -> None:
        state, facts = self._state, incoming.facts
        found = self._route(incoming, counted=True)
        if found is None:
            return
        trunk, target = found
        leaving = state.facing(trunk.address, incoming.interface)
        call = _call(incoming, state, trunk, (target, leaving))
        if call.weight > MAX_KEPT or not pass_on(state, incoming, target, call.hop, (leaving, [], True)):
            state.count("refused_too_large")
            answer(state, incoming, TOO_LARGE)
            return
        state.admitted += 1
        state.calls.add(call)
        state.count("admitted")
        state.count("transactions")
        state.transactions.open(Transaction(incoming.branch, "INVITE", facts.call_id, incoming.now + TIMER_F))
        state.happened("call-start", incoming.now, call.id, caller=call.caller_uri, callee=call.callee_uri)

    def _route(self, incoming: Incoming, *, counted: bool) -> tuple[Trunk, str] | None:
        state = self._state
        peer = self._destination(incoming, counted=counted)
        if peer is None:
            return None
        trunk = self._trunks.choose(state.lookup, peer, incoming.facts.call_id, sticky=not counted)
        if trunk is None:
            self._refuse(incoming, (480, f"No trunk to {peer.name} is up"), "refused_no_trunk" if counted else "")
            return None
        if (trunk.address, trunk.port) in state.own:
            self._refuse(incoming, (482, "Loop Detected"), "refused_no_route" if counted else "")
            return None
        return trunk, self._target(incoming, trunk)

    def _destination(self, incoming: Incoming, *, counted: bool) -> Peer | None:
        state = self._state
        asked = _asked(incoming)
        source = state.lookup.classify(asked)
        if source is None:
            self._refuse(incoming, (403, "Caller is not known here"), "refused_not_classified" if counted else "")
            return None
        peer = state.lookup.destination(source, asked)
        if peer is None:
            self._refuse(incoming, (404, "No route matches"), "refused_no_route" if counted else "")
        return peer

    def _refuse(self, incoming: Incoming, status: tuple[int, str], counter: str) -> None:
        if counter:
            self._state.count(counter)
        if incoming.request.method != "CANCEL":
            answer(self._state, incoming, status)

    def _target(self, incoming: Incoming, trunk: Trunk) -> str:
        asked = uri(incoming.request.uri)
        if asked.scheme == "tel" or not addressed_to(asked, self._state.own):
            return incoming.request.uri
        user = f"{asked.user}@" if asked.user else ""
        return f"sip:{user}{trunk.address}:{trunk.port}{asked.parameters}"

    def _repeat(self, incoming: Incoming, call: Call) -> None:
        """The callee is not asked again what it has answered already: what it said was lost on the way back."""
        if call.answered:
            return
        address = answer_address(incoming.hop)
        if call.last_said and address is not None:
            self._state.send(call.last_said, address, incoming.interface)
        else:
            self._again(incoming, call.uri, call.hop, call.callee.interface)

    def _again(self, incoming: Incoming, target: str, hop: Address, leaving: int) -> None:
        pass_on(self._state, incoming, target, hop, (leaving, [], True))

    def _recall(self, incoming: Incoming, memory: Memory) -> None:
        if memory.settled:
            return
        if memory.hop is not None:
            self._again(incoming, memory.uri, memory.hop, memory.interface)
        elif memory.status == 503:
            unavailable(self._state, incoming, memory.reason, remember=False)
        else:
            answer(self._state, incoming, (memory.status, memory.reason), remember=False)


def _asked(incoming: Incoming) -> CallRequest:
    try:
        sender = uri(incoming.facts.from_uri)
    except NotGrammatical:
        sender = uri("unknown:unknown")
    receiver = uri(incoming.request.uri)
    return CallRequest(
        source_address=incoming.source[0],
        source_port=incoming.source[1],
        source_user=sender.number,
        source_host=sender.host,
        destination_user=receiver.number,
        destination_host=receiver.host,
    )


def _call(incoming: Incoming, state: State, trunk: Trunk, way: tuple[str, int]) -> Call:
    facts, values = incoming.facts, incoming.request.values
    target, leaving = way
    hop = (trunk.address, trunk.port)
    return Call(
        id=facts.call_id,
        number=state.admitted + 1,
        since=incoming.now + state.clock_offset,
        branch=incoming.branch,
        cseq=facts.cseq,
        from_value=values["from"][0],
        from_tag=facts.from_tag,
        to_value=values["to"][0],
        to_tag="",
        uri=target,
        hop=hop,
        caller_uri=facts.from_uri,
        callee_uri=incoming.request.uri,
        trunk=trunk.trunk_set,
        caller=Leg(
            target=contact_of(values.get("contact")),
            routes=facts.recorded,
            address=incoming.source,
            interface=incoming.interface,
            cseq=facts.cseq,
        ),
        callee=Leg(address=hop, interface=leaving),
        vias=[incoming.marked, *facts.vias[1:]],
        touched=incoming.now,
    )


def contact_of(values: list[str] | None) -> str:
    """The URI of the first Contact; empty when there is none that can be read, or it is too long to be used."""
    if not values:
        return ""
    try:
        found = address(flat(values)[0])[0]
    except NotGrammatical:
        return ""
    return found if len(found) <= MAX_URI else ""
