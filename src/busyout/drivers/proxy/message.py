"""SIP messages: datagrams to messages and back. No I/O, and no exception but `NotSip`."""

import re
from collections.abc import Iterable

from msgspec import Struct

MAX_DATAGRAM = 65_535
"""Longest datagram that is looked at, in bytes."""

MAX_HEADERS = 256
"""Most header lines in one message."""

MAX_HEADER = 16_384
"""Longest header line, in bytes, after folded lines were joined."""

COMPACT = {
    "a": "accept-contact",
    "b": "referred-by",
    "c": "content-type",
    "d": "request-disposition",
    "e": "content-encoding",
    "f": "from",
    "i": "call-id",
    "j": "reject-contact",
    "k": "supported",
    "l": "content-length",
    "m": "contact",
    "n": "identity-info",
    "o": "event",
    "r": "refer-to",
    "s": "subject",
    "t": "to",
    "u": "allow-events",
    "v": "via",
    "x": "session-expires",
    "y": "identity",
}
"""One-letter header names and what they stand for."""

SPELLED = {
    "Via": "via",
    "From": "from",
    "To": "to",
    "Call-ID": "call-id",
    "Call-Id": "call-id",
    "CSeq": "cseq",
    "Contact": "contact",
    "Route": "route",
    "Record-Route": "record-route",
    "Max-Forwards": "max-forwards",
    "Content-Type": "content-type",
    "Content-Length": "content-length",
}
"""Names as nearly everybody spells them, so that most headers need no work."""

_NAME = re.compile(r"([A-Za-z0-9\-.!%*_+`'~]++)[ \t]*+")
_FOLD = re.compile(r"\r\n[ \t]++")
_STATUS = re.compile(r"SIP/2\.0 ([1-6][0-9]{2}) (.*)", re.DOTALL | re.IGNORECASE)
_LENGTH = re.compile(r"[0-9]{1,9}")


class NotSip(ValueError):
    """The datagram cannot be answered: it is no SIP message, or a malformed response."""


class Message(Struct):
    """What requests and responses have in common."""

    lines: list[tuple[str, str]]
    """Each header line as it came (unfolded), after its canonical name."""
    values: dict[str, list[str]]
    """Values by canonical name, in order; not split at commas."""
    body: bytes
    fault: str
    """What is wrong with the header section; empty when nothing is."""
    size: int
    """Of the datagram, in bytes."""

    def first(self, name: str) -> str:
        """The first value of a header; empty when it is not there."""
        found = self.values.get(name)
        return found[0] if found else ""


class Request(Message):
    """A request."""

    method: str = ""
    uri: str = ""
    version: str = ""


class Response(Message):
    """A response."""

    status: int = 0
    reason: str = ""


def parse(data: bytes) -> Request | Response:
    """The message in a datagram.

    Raises:
        NotSip: There is none in it, or it is a response that is malformed.
    """
    if len(data) > MAX_DATAGRAM:
        raise NotSip("the datagram is too long")
    head, gap, body = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
    text = head.decode("latin-1")
    fault = "" if gap else "The header section does not end"
    if text.count("\n") != text.count("\r\n") or text.count("\r") != text.count("\r\n"):
        fault = "A line does not end with CR LF"
    if "\r\n " in text or "\r\n\t" in text:
        text = _FOLD.sub(" ", text)
    start, *rest = text.split("\r\n")
    lines, values, wrong = _headers(rest)
    fault = fault or wrong
    if not fault:
        body, fault = _cut(values.get("content-length"), body)
    return _message(start, (lines, values, body, fault, len(data)))


def _headers(rest: list[str]) -> tuple[list[tuple[str, str]], dict[str, list[str]], str]:
    lines: list[tuple[str, str]] = []
    values: dict[str, list[str]] = {}
    fault = "" if len(rest) <= MAX_HEADERS else "Too many header lines"
    for line in rest[:MAX_HEADERS]:
        spelled, colon, value = line.partition(":")
        name = SPELLED.get(spelled) or _canonical(spelled)
        if not colon or not name or len(line) > MAX_HEADER:
            fault = fault or "A header line is not as RFC 3261 has it"
            continue
        lines.append((name, line))
        if name in values:
            values[name].append(value.strip(" \t"))
        else:
            values[name] = [value.strip(" \t")]
    return lines, values, fault


def _canonical(spelled: str) -> str:
    piece = _NAME.fullmatch(spelled)
    if piece is None:
        return ""
    name = piece.group(1).lower()
    return COMPACT.get(name, name)


def _cut(lengths: list[str] | None, body: bytes) -> tuple[bytes, str]:
    if lengths is None:
        return body, ""
    if len(lengths) > 1:
        return body, "Content-Length is there twice"
    if not _LENGTH.fullmatch(lengths[0]):
        return body, "Content-Length is not a number"
    if int(lengths[0]) > len(body):
        return body, "The body is shorter than Content-Length"
    return body[: int(lengths[0])], ""


def _message(
    start: str, rest: tuple[list[tuple[str, str]], dict[str, list[str]], bytes, str, int]
) -> Request | Response:
    lines, values, body, fault, size = rest
    if start[:4].upper() == "SIP/":
        status = _STATUS.fullmatch(start)
        if status is None or fault:
            raise NotSip(fault or "the status line is malformed")
        return Response(lines, values, body, "", size, int(status.group(1)), status.group(2))
    words = start.split(" ")
    version = words[-1].upper()
    if len(words) < 3 or not version.startswith("SIP/"):
        if "SIP/" not in start.upper():
            raise NotSip("neither a request nor a response")
        version, fault = "SIP/2.0", fault or "The request line is not as RFC 3261 has it"
    if len(words) != 3 or not _NAME.fullmatch(words[0]) or not words[1]:
        fault = fault or "The request line is not as RFC 3261 has it"
    return Request(lines, values, body, fault, size, words[0], words[1] if len(words) > 1 else "", version)


def render(start: str, lines: Iterable[str], body: bytes) -> bytes:
    """The datagram of a message; `lines` are header lines without their ends."""
    return "\r\n".join((start, *lines, "", "")).encode("latin-1", "replace") + body
