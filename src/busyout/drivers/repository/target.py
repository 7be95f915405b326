"""URLs taken apart and put together anew, so that what was judged is what is asked, and no password is ever shown."""

import re
from dataclasses import dataclass, field, replace
from ipaddress import IPv6Address, ip_address
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from busyout.domain.errors import InvalidValue

PORTS = {"http": 80, "https": 443, "ftp": 21}
"""The schemes that are fetched over a network, and their usual ports."""

LONGEST = 4096
"""Characters of a URL."""

SHOWN = 200
"""Characters of a URL in a message."""

NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,252}[a-z0-9_.])?")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
KEPT = "/%:=&?~+!$,;'@()*[]-._"
"""Characters of a path or query that stay as they are written; what is quoted already stays so."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user and a password, never shown."""

    user: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Target:
    """One file on one server."""

    scheme: str
    host: str
    """Lower case and ASCII; an IPv6 address without brackets."""
    port: int
    path: str
    """Quoted, and never empty."""
    query: str = ""
    credentials: Credentials | None = None

    @property
    def url(self) -> str:
        """The whole, but for user and password."""
        query = f"?{self.query}" if self.query else ""
        return f"{self.scheme}://{self.authority}{self.path}{query}"

    @property
    def shown(self) -> str:
        """For messages and logs: without user, password and query, which may hold a key."""
        whole = f"{self.scheme}://{self.authority}{self.path}{'?...' if self.query else ''}"
        return whole if len(whole) <= SHOWN else f"{whole[:SHOWN]}..."

    @property
    def authority(self) -> str:
        """`host`, or `host:port` where the port is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def place(self) -> tuple[str, int]:
        """Host and port."""
        return self.host, self.port

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port: what credentials belong to."""
        return self.scheme, self.host, self.port


def read_target(url: str) -> Target:
    """The target that a URL names.

    Raises:
        InvalidValue: It is not a URL of http, https or ftp; the message repeats nothing that may be a password.
    """
    parts, port = split(url)
    if parts.scheme not in PORTS:
        raise InvalidValue(f"only http, https and ftp URLs are fetched, not {parts.scheme[:20] or 'a bare'}: ones")
    return Target(
        scheme=parts.scheme,
        host=read_host(parts.hostname),
        port=PORTS[parts.scheme] if port is None else port,
        path=quote(parts.path, safe=KEPT) or "/",
        query=quote(parts.query, safe=KEPT),
        credentials=read_credentials(parts),
    )


def split(url: str) -> tuple[SplitResult, int | None]:
    """The parts of a URL and the port that it states.

    Raises:
        InvalidValue: It cannot be taken apart.
    """
    if len(url) > LONGEST or CONTROL.search(url):
        raise InvalidValue("a URL is too long or has control characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidValue("a URL is malformed") from None  # the cause may repeat a password
    if port == 0:
        raise InvalidValue("a URL names port 0")
    return parts, port


def read_host(text: str | None) -> str:
    """The host of a URL, lower case and in ASCII.

    Raises:
        InvalidValue: It is no name of a host and no address.
    """
    if not text:
        raise InvalidValue("a URL names no host")
    try:
        if ":" in text and "%" not in text:
            return str(IPv6Address(text))
        name = text.lower() if text.isascii() else text.encode("idna").decode("ascii").lower()
    except ValueError:
        name = ""
    if not NAME.fullmatch(name):
        raise InvalidValue("a URL names a host that cannot be one")
    return name


def read_credentials(parts: SplitResult) -> Credentials | None:
    """User and password of a URL; None where it names no user.

    Raises:
        InvalidValue: They have control characters, which no protocol takes.
    """
    if parts.username is None:
        return None
    found = Credentials(unquote(parts.username), unquote(parts.password or ""))
    if CONTROL.search(found.user) or CONTROL.search(found.password) or ":" in found.user:
        raise InvalidValue("the user or password in a URL has characters that it cannot have")
    return found


def redirected(target: Target, location: str) -> Target:
    """Where a server sends us to; credentials go along only to the same scheme, host and port.

    Raises:
        InvalidValue: That is not to be fetched.
    """
    try:
        joined = urljoin(target.url, location)
    except ValueError:
        raise InvalidValue(f"{target.shown} redirects to a malformed URL") from None  # it may repeat a password
    try:
        found = read_target(joined)
    except InvalidValue as error:
        raise InvalidValue(f"{target.shown} redirects to what is not fetched: {error.message}") from error
    if target.scheme == "https" and found.scheme != "https":
        raise InvalidValue(f"{target.shown} redirects to {found.shown}, which is not encrypted")
    if found.credentials is None and found.origin == target.origin:
        return replace(found, credentials=target.credentials)
    return found


def literal(host: str) -> bool:
    """Whether a host is an address in its usual notation."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
