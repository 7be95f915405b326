"""Which INVITEs are let in although admission is closed: those that continue what was let in before. No I/O.

Both end by themselves: a second pass with its call, a second try `MEMORY_SECONDS` after admission was closed.
"""

from busyout.drivers.proxy.calls import Call
from busyout.drivers.proxy.state import Incoming, State

TRY_AGAIN = frozenset((401, 407, 413, 415, 416, 420, 422))
"""Final answers after which a caller tries again by itself (RFC 3261 8.1.3.5, RFC 4028 7.4); those with 3 do too."""


def passes_again(incoming: Incoming, call: Call) -> bool:
    """Whether this is the INVITE of that call itself, come by another way: our own Via is below its sender's."""
    return any(call.branch in value for value in incoming.facts.vias[1:])


def tries_again(state: State, incoming: Incoming) -> bool:
    """Whether this is the next INVITE of a set-up that was let in and that the callee has asked to be tried again."""
    facts, memory = incoming.facts, state.memories.of_call(incoming.facts.call_id)
    return (
        memory is not None
        and (memory.status in TRY_AGAIN or memory.status // 100 == 3)
        and memory.from_tag == facts.from_tag
        and memory.cseq < facts.cseq
        and incoming.now < state.admission.retry_until
    )
