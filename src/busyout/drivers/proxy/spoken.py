"""Messages that the proxy speaks in a call's name: BYE, CANCEL, ACK and a final answer. No I/O."""

from collections.abc import Iterable

from busyout.drivers.proxy.calls import Call, Leg
from busyout.drivers.proxy.grammar import NotGrammatical, via
from busyout.drivers.proxy.message import render
from busyout.drivers.proxy.replies import Address, answer_address
from busyout.drivers.proxy.routing import locate, next_hop

REASON = 'Reason: SIP;cause=503;text="Taken out of service"'
"""Told to both sides of a call that we end (RFC 3326)."""

Addressed = tuple[bytes, Address | None]
"""A datagram and where it goes; None when that is not known."""


def bye(call: Call, own_via: str, *, to_caller: bool) -> Addressed:
    """A BYE to one side in the name of the other, whose CSeq it uses up."""
    near, far = (call.caller, call.callee) if to_caller else (call.callee, call.caller)
    far.cseq += 1
    names = (call.to_value, call.from_value) if to_caller else (call.from_value, call.to_value)
    target, routes, address = _way(near, call.caller_uri if to_caller else call.uri)
    return _request(("BYE", target, far.cseq), own_via, (call.id, *names), (*routes, REASON)), address


def cancel(call: Call, own_via: str) -> Addressed:
    """A CANCEL of the INVITE that we passed on; `own_via` has its branch."""
    names = (call.id, call.from_value, call.to_value)
    return _request(("CANCEL", call.uri, call.cseq), own_via, names, (REASON,)), call.hop


def acknowledge_refusal(call: Call, own_via: str) -> Addressed:
    """An ACK to a final answer other than 2xx; `own_via` has the branch of the INVITE."""
    names = (call.id, call.from_value, call.to_value)
    return _request(("ACK", call.uri, call.cseq), own_via, names, ()), call.hop


def acknowledge_answer(call: Call, own_via: str) -> Addressed:
    """An ACK to a 2xx in the name of the caller."""
    target, routes, address = _way(call.callee, call.uri)
    names = (call.id, call.from_value, call.to_value)
    return _request(("ACK", target, call.cseq), own_via, names, routes), address


def final_answer(call: Call, tag: str, status: tuple[int, str]) -> Addressed:
    """A final answer to the caller's INVITE."""
    lines = [f"Via: {value}" for value in call.vias]
    lines += [f"From: {call.from_value}", f"To: {call.to_value};tag={tag}", f"Call-ID: {call.id}"]
    lines += [f"CSeq: {call.cseq} INVITE", REASON, "Content-Length: 0"]
    try:
        address = answer_address(via(call.vias[0]))
    except NotGrammatical:
        address = None
    return render(f"SIP/2.0 {status[0]} {status[1]}", lines, b""), address or call.caller.address


def _way(leg: Leg, fallback: str) -> tuple[str, list[str], Address | None]:
    """Request-URI, Route lines and address of a side."""
    try:
        target, routes, where = next_hop(leg.target or fallback, leg.routes)
    except NotGrammatical:
        target, routes, where = leg.target or fallback, [], ""
    return target, [f"Route: {value}" for value in routes], locate(where) or leg.address


def _request(line: tuple[str, str, int], own_via: str, names: tuple[str, str, str], extra: Iterable[str]) -> bytes:
    method, target, cseq = line
    call_id, sender, receiver = names
    lines = [f"Via: {own_via}", f"From: {sender}", f"To: {receiver}", f"Call-ID: {call_id}", f"CSeq: {cseq} {method}"]
    return render(f"{method} {target} SIP/2.0", [*lines, "Max-Forwards: 70", *extra, "Content-Length: 0"], b"")
