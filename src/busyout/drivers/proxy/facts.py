"""What a proxy must know of a request before it does anything with it, and what is wrong with it. No I/O."""

import re

from msgspec import Struct

from busyout.drivers.proxy.bounds import MAX_MESSAGE
from busyout.drivers.proxy.grammar import NotGrammatical, Via, address, split_list, tag, uri, via
from busyout.drivers.proxy.message import Request

MAX_VIAS = 70
"""Most hops that a request may have passed."""

MAX_CALL_ID = 512
"""Longest Call-ID, in characters."""

DEFAULT_FORWARDS = 70
"""Max-Forwards of a request that comes without."""

SINGLE = (
    "call-id",
    "cseq",
    "from",
    "to",
    "max-forwards",
    "content-type",
    "content-length",
    "expires",
    "date",
    "event",
    "refer-to",
)
"""Headers that may be there once only."""

_CSEQ = re.compile(r"([0-9]{1,19})[ \t]++([A-Za-z0-9\-.!%*_+`'~]++)")
_NUMBER = re.compile(r"[0-9]{1,9}")
_CALL_ID = re.compile(r"[!-+\--~]++")


TOO_LARGE = (513, "Message Too Large")


class Fault(Exception):
    """A request that is refused for its form."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Facts(Struct, frozen=True):
    """What the headers of a request say."""

    via: Via
    """Of the hop it came from."""
    vias: list[str]
    recorded: list[str]
    """Record-Route values."""
    call_id: str
    cseq: int
    from_uri: str
    from_tag: str
    to_tag: str
    """Empty in a request that is outside a dialog."""
    forwards: int
    """Max-Forwards as it came."""


def facts_of(request: Request) -> Facts:
    """The facts.

    Raises:
        Fault: The request is malformed; the status says how.
    """
    if request.version != "SIP/2.0":
        raise Fault(505, "Version Not Supported")
    if request.size > MAX_MESSAGE:
        raise Fault(*TOO_LARGE)
    if request.fault:
        raise Fault(400, request.fault)
    try:
        return _read(request)
    except NotGrammatical as error:
        raise Fault(400, f"Bad Request: {error}") from error


def _read(request: Request) -> Facts:
    values = request.values
    for name in ("via", "from", "to", "call-id", "cseq"):
        if not values.get(name):
            raise Fault(400, f"{name.title()} is missing")
    for name in SINGLE:
        if name in values and len(values[name]) > 1:
            raise Fault(400, f"{name.title()} is there twice")
    vias = flat(values["via"])
    if len(vias) > MAX_VIAS:
        raise Fault(400, "Too many Via values")
    call_id = values["call-id"][0]
    if len(call_id) > MAX_CALL_ID or not _CALL_ID.fullmatch(call_id):
        raise Fault(400, "Call-ID is not as RFC 3261 has it")
    sender, sender_parameters = address(values["from"][0])
    _, receiver_parameters = address(values["to"][0])
    uri(request.uri)
    return Facts(
        via=via(vias[0]),
        vias=vias,
        recorded=flat(values.get("record-route", [])),
        call_id=call_id,
        cseq=_cseq(values["cseq"][0], request.method),
        from_uri=sender,
        from_tag=tag(sender_parameters),
        to_tag=tag(receiver_parameters),
        forwards=_forwards(values.get("max-forwards")),
    )


def flat(values: list[str]) -> list[str]:
    """Values of one header, those joined by commas taken apart."""
    if len(values) == 1 and "," not in values[0]:
        return values
    return [element for value in values for element in split_list(value)]


def cseq_of(value: str) -> tuple[int, str]:
    """Number and method of a CSeq.

    Raises:
        NotGrammatical: It is not one, or the number is above what RFC 3261 allows.
    """
    piece = _CSEQ.fullmatch(value)
    if piece is None or int(piece.group(1)) >= 1 << 31:
        raise NotGrammatical("CSeq is not as RFC 3261 has it")
    return int(piece.group(1)), piece.group(2)


def _cseq(value: str, method: str) -> int:
    number, named = cseq_of(value)
    if named != method:
        raise Fault(400, "CSeq names another method")
    return number


def _forwards(values: list[str] | None) -> int:
    if values is None:
        return DEFAULT_FORWARDS
    if not _NUMBER.fullmatch(values[0]) or int(values[0]) > 255:
        raise Fault(400, "Max-Forwards is not between 0 and 255")
    return int(values[0])
