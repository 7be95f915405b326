"""The pieces of RFC 3261 that a proxy must understand: lists, parameters, addresses, URIs, Via. No I/O.

Every pattern takes linear time on any input; text is Latin-1 so that each byte survives.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import unquote

from msgspec import Struct

MAX_URI = 2048
"""Longest URI that is looked into, in characters."""

MAX_VIA = 1024
"""Longest Via value, in characters."""

WORD = r"[A-Za-z0-9\-.!%*_+`'~]++"

_PIECE = re.compile(r'[^,"<]++|"(?:[^"\\]|\\.)*+"|<[^>]*+>|(,)', re.DOTALL)
_PARAMETER = re.compile(
    rf'[ \t]*+;[ \t]*+({WORD})[ \t]*+(?:=[ \t]*+("(?:[^"\\]|\\.)*+"|[^\s;",=]++))?[ \t]*+', re.DOTALL | re.ASCII
)
_NAME_ADDRESS = re.compile(
    r'[ \t]*+(?:"(?:[^"\\]|\\.)*+"|[^<">]*+)[ \t]*+<[ \t]*+([^<>\s]*+)[ \t]*+>(.*+)', re.DOTALL | re.ASCII
)
_BARE_ADDRESS = re.compile(r'[ \t]*+([^\s;?<>",]++)[ \t]*+(;.*+)?', re.DOTALL | re.ASCII)
_URI = re.compile(
    r'(?:([^@\s<>"]++)@)?([A-Za-z0-9.\-_]++|\[[0-9A-Fa-f:.]++\])(?::([0-9]{1,5}))?((?:;[^\s;?<>"@]++)*+)(\?[^\s<>"]*+)?',
    re.ASCII,
)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*+):(.+)", re.DOTALL)
_VIA = re.compile(
    rf"[ \t]*+SIP[ \t]*+/[ \t]*+2\.0[ \t]*+/[ \t]*+({WORD})[ \t]++([A-Za-z0-9.\-_]++|\[[0-9A-Fa-f:.]++\])"
    r"[ \t]*+(?::[ \t]*+([0-9]{1,5}))?[ \t]*+(;.*+)?",
    re.DOTALL | re.IGNORECASE,
)
_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!$)|$)){4}")


class NotGrammatical(ValueError):
    """The text is not what RFC 3261 allows there."""


class Uri(Struct, frozen=True):
    """A SIP or tel URI, split."""

    scheme: str
    """In lower case."""
    user: str
    """As it was written, with a password if there was one; of a tel URI the number."""
    host: str
    """In lower case; empty for a tel URI."""
    port: int
    """0 where none is given."""
    parameters: str
    """Raw, with the leading semicolon."""
    headers: bool
    """Whether header fields follow after `?`."""

    @property
    def number(self) -> str:
        """The user part as routing sees it: without password and parameters, escapes resolved."""
        user = self.user.partition(";")[0].partition(":")[0]
        return unquote(user, "latin-1") if "%" in user else user

    def __str__(self) -> str:
        user = f"{self.user}@" if self.user else ""
        port = f":{self.port}" if self.port else ""
        return f"{self.scheme}:{user}{self.host}{port}{self.parameters}"


class Via(Struct, frozen=True):
    """One hop that a message has passed."""

    transport: str
    host: str
    port: int
    """0 where none is given."""
    parameters: Mapping[str, str]
    """By lower-case name; empty for one without a value."""


def split_list(value: str) -> list[str]:
    """The elements of a comma-separated value; commas in quotes and angle brackets do not count.

    Raises:
        NotGrammatical: A quote or bracket is not closed.
    """
    if "," not in value:
        return [value.strip(" \t")]
    elements, start, position = [], 0, 0
    while position < len(value):
        piece = _PIECE.match(value, position)
        if piece is None:
            raise NotGrammatical("a quote or bracket is not closed")
        position = piece.end()
        if piece.group(1):
            elements.append(value[start : position - 1].strip(" \t"))
            start = position
    elements.append(value[start:].strip(" \t"))
    return elements


def parameters(text: str) -> dict[str, str]:
    """Parameters by lower-case name; `text` is empty or begins with a semicolon.

    Raises:
        NotGrammatical: Something else is in the text, or a name is there twice.
    """
    found: dict[str, str] = {}
    position = 0
    while position < len(text):
        piece = _PARAMETER.match(text, position)
        if piece is None:
            raise NotGrammatical("parameters are not as RFC 3261 has them")
        name = piece.group(1).lower()
        if name in found:
            raise NotGrammatical("a parameter is there twice")
        found[name] = piece.group(2) or ""
        position = piece.end()
    return found


def address(value: str) -> tuple[str, str]:
    """URI and raw parameters of a name-addr or addr-spec.

    Raises:
        NotGrammatical: It is neither.
    """
    piece = (_NAME_ADDRESS if "<" in value else _BARE_ADDRESS).fullmatch(value)
    if piece is None or not piece.group(1):
        raise NotGrammatical("an address is not as RFC 3261 has it")
    rest = (piece.group(2) or "").strip(" \t")
    if rest and not rest.startswith(";"):
        raise NotGrammatical("an address is followed by something else")
    return piece.group(1), rest


def tag(raw: str) -> str:
    """The tag among raw parameters; empty when there is none.

    Raises:
        NotGrammatical: The parameters are malformed.
    """
    if raw.startswith(";tag=") and ";" not in raw[5:] and '"' not in raw:
        return raw[5:].strip(" \t")
    return parameters(raw).get("tag", "")


@lru_cache(maxsize=1024)
def uri(text: str) -> Uri:
    """A sip, sips or tel URI; another scheme gives a URI with nothing but the scheme.

    Raises:
        NotGrammatical: It is not a URI, or a sip URI that RFC 3261 does not allow.
    """
    piece = _SCHEME.fullmatch(text) if len(text) <= MAX_URI else None
    if piece is None:
        raise NotGrammatical("not a URI, or too long")
    scheme, rest = piece.group(1).lower(), piece.group(2)
    if scheme == "tel":
        number, _, after = rest.partition(";")
        return Uri(scheme, number, "", 0, f";{after}" if after else "", False)
    if scheme not in ("sip", "sips"):
        return Uri(scheme, "", "", 0, "", False)
    split = _URI.fullmatch(rest)
    if split is None:
        raise NotGrammatical("not a sip URI as RFC 3261 has it")
    user, host, port, raw, headers = split.groups()
    return Uri(scheme, user or "", host.lower(), _port(port), raw, headers is not None)


@lru_cache(maxsize=4096)
def via(text: str) -> Via:
    """One Via value.

    Raises:
        NotGrammatical: It is not one, or too long.
    """
    if len(text) > MAX_VIA:
        raise NotGrammatical("a Via is too long")
    piece = _VIA.fullmatch(text)
    if piece is None:
        raise NotGrammatical("a Via is not as RFC 3261 has it")
    transport, host, port, raw = piece.groups()
    return Via(transport.upper(), host.lower(), _port(port), parameters(raw.rstrip(" \t")) if raw else {})


def is_ipv4(text: str) -> bool:
    """Whether the text is an IPv4 address in dotted form."""
    return _IPV4.fullmatch(text) is not None


def _port(text: str | None) -> int:
    if text is None:
        return 0
    port = int(text)
    if not 1 <= port <= 65535:
        raise NotGrammatical("a port is not between 1 and 65535")
    return port
