"""Passing requests on, and refusing them. No I/O."""

from collections.abc import Iterable

from busyout.drivers.proxy.memories import MEMORY_SECONDS, Memory
from busyout.drivers.proxy.message import render
from busyout.drivers.proxy.replies import Address, reply
from busyout.drivers.proxy.seal import MARK
from busyout.drivers.proxy.state import MAX_PAYLOAD, Incoming, State

REWRITTEN = frozenset(("via", "route", "max-forwards"))
"""Headers that are written anew in a request that is passed on."""


def pass_on(state: State, incoming: Incoming, uri: str, hop: Address, way: tuple[int, list[str], bool]) -> bool:
    """Send a request to its next hop; false when it has become too long for that.

    `way` is the index of the interface to leave by, the Route values, and whether to stay in the dialog's path.
    """
    leaving, routes, record = way
    request, facts = incoming.request, incoming.facts
    host, port = state.interfaces[leaving]
    lines = [f"Via: SIP/2.0/UDP {host}:{port};branch={incoming.branch}", f"Via: {incoming.marked}"]
    lines += [f"Via: {value}" for value in facts.vias[1:]]
    if record:
        lines += record_routes(state, incoming, leaving)
    lines += [f"Route: {value}" for value in routes]
    lines.append(f"Max-Forwards: {facts.forwards - 1}")
    lines += [line for name, line in request.lines if name not in REWRITTEN]
    data = render(f"{request.method} {uri} SIP/2.0", lines, request.body)
    if len(data) > MAX_PAYLOAD:
        return False
    state.send(data, hop, leaving)
    return True


def record_routes(state: State, incoming: Incoming, leaving: int) -> list[str]:
    """Our Record-Route lines; two when a call enters and leaves by different interfaces (RFC 5658)."""
    mark = state.seal.mark(incoming.facts.call_id, incoming.now + state.clock_offset)
    arriving = incoming.interface
    sides = (leaving,) if leaving == arriving else (leaving, arriving)
    named = (state.interfaces[side] for side in sides)
    return [f"Record-Route: <sip:{host}:{port};lr;{MARK}={mark}>" for host, port in named]


def answer(
    state: State, incoming: Incoming, status: tuple[int, str], *, extra: Iterable[str] = (), remember: bool = True
) -> None:
    """Answer a request ourselves; an ACK is never answered, a refused INVITE is remembered."""
    request = incoming.request
    if request.method == "ACK":
        state.count("stray")
        return
    tag = state.seal.tag(incoming.branch)
    data, address = reply(request, incoming.source, status, to_tag=tag, extra=extra)
    state.send(data, address, incoming.interface)
    if request.method == "INVITE" and remember and not incoming.facts.to_tag:
        state.memories.keep(
            Memory(
                branch=incoming.branch,
                call_id=incoming.facts.call_id,
                expires=incoming.now + MEMORY_SECONDS,
                number=0,
                uri="",
                hop=None,
                interface=incoming.interface,
                status=status[0],
                reason=status[1],
            )
        )


def unavailable(state: State, incoming: Incoming, reason: str, *, remember: bool = True) -> None:
    """Answer 503 with Retry-After."""
    extra = (f"Retry-After: {state.admission.retry_after}",)
    answer(state, incoming, (503, reason), extra=extra, remember=remember)
