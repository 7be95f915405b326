"""Answers that we give ourselves, and where an answer goes. No I/O."""

from collections.abc import Iterable

from busyout.drivers.proxy.grammar import NotGrammatical, Via, is_ipv4, via
from busyout.drivers.proxy.message import Request, render

Address = tuple[str, int]
"""IPv4 address and UDP port."""

DEFAULT_PORT = 5060


def mark_source(text: str, hop: Via, source: Address) -> tuple[str, Via]:
    """The top Via with `received` and `rport` filled in (RFC 3261 18.2.1, RFC 3581 4)."""
    wants_port = "rport" in hop.parameters
    if not wants_port and hop.host == source[0] and "received" not in hop.parameters:
        return text, hop
    filled = {name: value for name, value in hop.parameters.items() if name not in ("received", "rport")}
    filled["received"] = source[0]
    if wants_port:
        filled["rport"] = str(source[1])
    port = f":{hop.port}" if hop.port else ""
    raw = "".join(f";{name}={value}" if value else f";{name}" for name, value in filled.items())
    return f"SIP/2.0/{hop.transport} {hop.host}{port}{raw}", Via(hop.transport, hop.host, hop.port, filled)


def answer_address(hop: Via) -> Address | None:
    """Where an answer to that hop goes (RFC 3261 18.2.2); None when it is not an IPv4 address. `maddr` is ignored."""
    host = hop.parameters.get("received") or hop.host
    port = hop.parameters.get("rport", "")
    if not is_ipv4(host):
        return None
    return host, int(port) if port.isascii() and port.isdigit() and len(port) < 6 else hop.port or DEFAULT_PORT


def reply(
    request: Request, source: Address, status: tuple[int, str], *, to_tag: str, extra: Iterable[str] = ()
) -> tuple[bytes, Address]:
    """Our answer to a request, however malformed, and where it goes; `to_tag` is added where there is none."""
    vias = [f"Via: {value}" for value in request.values.get("via", ())]
    address = source
    try:
        first, comma, rest = request.first("via").partition(",")
        marked, hop = mark_source(first, via(first), source)
        vias[0] = f"Via: {marked}{comma}{rest}"
        address = answer_address(hop) or source
    except NotGrammatical:
        pass  # the sender of a Via that cannot be read is answered where its datagram came from
    lines = [*vias, f"From: {request.first('from')}", f"To: {_tagged(request.first('to'), to_tag)}"]
    lines += [f"Call-ID: {request.first('call-id')}", f"CSeq: {request.first('cseq')}"]
    lines += [*extra, "Server: Busyout", "Content-Length: 0"]
    if request.fault:
        lines = [line.replace("\r", " ").replace("\n", " ") for line in lines]
    return render(f"SIP/2.0 {status[0]} {status[1]}", lines, b""), address


def _tagged(to: str, to_tag: str) -> str:
    after = to.rpartition(">")[2].replace(" ", "").lower()
    return to if ";tag=" in after else f"{to};tag={to_tag}"
