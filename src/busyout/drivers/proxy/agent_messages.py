"""The SIP messages that our caller and answerer send. No I/O."""

from secrets import token_hex

from msgspec import Struct

from busyout.drivers.proxy import grammar
from busyout.drivers.proxy.message import Message, Request, Response, render

Address = tuple[str, int]
"""IPv4 address and UDP port."""

REASONS = {
    180: "Ringing",
    200: "OK",
    405: "Method Not Allowed",
    481: "Call/Transaction Does Not Exist",
    486: "Busy Here",
    487: "Request Terminated",
    503: "Service Unavailable",
}


class Party(Struct, frozen=True):
    """One side of a call, from our point of view: what every request of ours in it repeats."""

    call_id: str
    local: str
    """From, with our tag."""
    remote: str
    """To, with the other's tag once it is known."""
    target: str
    """Request-URI."""
    route: tuple[str, ...]
    """Route headers, first hop first."""
    next_hop: Address
    """Where requests are sent."""


def invitation(target: Address, own: Address, number: str) -> Party:
    """The beginning of a call to `number` at `target`, before anybody has answered."""
    uri = f"sip:{number}@{target[0]}:{target[1]}"
    caller = f'"Busyout caller" <sip:caller@{own[0]}:{own[1]}>;tag={token_hex(6)}'
    return Party(f"{token_hex(10)}@{own[0]}", caller, f"<{uri}>", uri, (), target)


def established(party: Party, answer: Response) -> Party:
    """The call as the answer to our INVITE establishes it (RFC 3261, 12.1.2).

    Raises:
        NotGrammatical: Contact or Record-Route are not as RFC 3261 has them.
    """
    contact, _ = grammar.address(answer.first("contact"))
    hops = [hop for value in answer.values.get("record-route", []) for hop in grammar.split_list(value)]
    route = tuple(reversed(hops))
    first, _ = grammar.address(route[0]) if route else (contact, "")
    hop = grammar.uri(first)
    return Party(party.call_id, party.local, answer.first("to"), contact, route, (hop.host, hop.port or 5060))


def request(method: str, party: Party, own: Address, *, sequence: int, branch: str) -> bytes:
    """A request in a call; `branch` names its transaction."""
    lines = [
        f"Via: SIP/2.0/UDP {own[0]}:{own[1]};branch={branch}",
        "Max-Forwards: 70",
        *(f"Route: {hop}" for hop in party.route),
        f"From: {party.local}",
        f"To: {party.remote}",
        f"Call-ID: {party.call_id}",
        f"CSeq: {sequence} {method}",
        f"Contact: <sip:caller@{own[0]}:{own[1]}>",
    ]
    body = session(own) if method == "INVITE" else b""
    return render(f"{method} {party.target} SIP/2.0", [*lines, *_content(body)], body)


def response(to: Request, status: int, own: Address, *, tag: str = "", extra: tuple[str, ...] = ()) -> bytes:
    """An answer to a request; `tag` is ours where the request has none of us yet."""
    kept = [line for name, line in to.lines if name in ("via", "from", "call-id", "cseq", "record-route")]
    remote = to.first("to")
    if tag and ";tag=" not in remote:
        remote += f";tag={tag}"
    body = session(own) if status == 200 and to.method == "INVITE" else b""
    contact = (f"Contact: <sip:answerer@{own[0]}:{own[1]}>",) if to.method == "INVITE" else ()
    lines = [*kept, f"To: {remote}", *contact, *extra, *_content(body)]
    return render(f"SIP/2.0 {status} {REASONS[status]}", lines, body)


def branch_of(message: Message) -> str:
    """The transaction that a message belongs to; empty where it has no usable Via."""
    try:
        return grammar.via(grammar.split_list(message.first("via"))[0]).parameters.get("branch", "")
    except grammar.NotGrammatical:
        return ""


def method_of(message: Message) -> str:
    """The method that CSeq names."""
    return message.first("cseq").rpartition(" ")[2]


def return_address(request: Request, source: Address) -> Address:
    """Where an answer goes: the address the request came from, at the port its Via names (RFC 3261, 18.2.2)."""
    try:
        via = grammar.via(grammar.split_list(request.first("via"))[0])
    except grammar.NotGrammatical:
        return source
    return (source[0], source[1] if "rport" in via.parameters else via.port or 5060)


def session(own: Address) -> bytes:
    """A session description with one G.711 stream that nobody sends."""
    lines = ("v=0", f"o=- 1 1 IN IP4 {own[0]}", "s=-", f"c=IN IP4 {own[0]}", "t=0 0", "m=audio 9 RTP/AVP 8", "")
    return "\r\n".join(lines).encode("ascii")


def new_branch() -> str:
    """A name for a transaction, unique in the world (RFC 3261, 8.1.1.7)."""
    return f"z9hG4bK{token_hex(8)}"


def _content(body: bytes) -> tuple[str, ...]:
    length = f"Content-Length: {len(body)}"
    return ("Content-Type: application/sdp", length) if body else (length,)
