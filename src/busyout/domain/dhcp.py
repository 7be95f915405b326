"""What a DHCP server tells of a lease."""

import re
from collections.abc import Mapping
from enum import Enum
from ipaddress import IPv4Address
from typing import Final

from msgspec import Struct

from busyout.domain.errors import InvalidValue

MAX_OPTIONS: Final = 256
"""Most options of one request."""

VENDOR_CLASS: Final = 60
"""Option by which a client says what it is (RFC 2132, 9.13)."""

_MAC = re.compile(r"[0-9a-fA-F]{1,2}([:-])(?:[0-9a-fA-F]{1,2}\1){4}[0-9a-fA-F]{1,2}|[0-9a-fA-F]{12}")
_OPTION = re.compile(r"(\d{3})((?:[0-9a-fA-F]{1,2}(?:\.[0-9a-fA-F]{1,2})*)?)", re.ASCII)


class Lease(Enum):
    """What became of a lease."""

    COMMIT = "commit"
    """Given or renewed."""
    EXPIRY = "expiry"
    RELEASE = "release"


class DhcpInfo(Struct, frozen=True):
    """One lease."""

    lease: Lease
    ip: str
    mac: str
    """Normal form; empty unless the lease is given."""
    options: Mapping[int, bytes]
    """By code; none unless the lease is given."""

    @property
    def vendor_class(self) -> str | None:
        """What the client says that it is; None where it does not, or not in printable ASCII."""
        told = self.options.get(VENDOR_CLASS, b"").decode("latin-1")
        return told if told and told.isascii() and told.isprintable() else None


def read_dhcp(value: object) -> DhcpInfo:
    """A lease as a DHCP server's script tells it: `op`, `ip`, and for a commit `mac` and `options`.

    An option is its code in three digits and its bytes in hex of one or two digits, joined by dots: `06059.65.61`.

    Raises:
        InvalidValue: Something is missing or wrong; the message says what.
    """
    if not isinstance(value, dict):
        raise InvalidValue("dhcp_info is a JSON object")
    ip = _ip(_text(value, "ip"))
    try:
        lease = Lease(_text(value, "op"))
    except ValueError as error:
        raise InvalidValue("invalid operation value") from error
    if lease is not Lease.COMMIT:
        return DhcpInfo(lease, ip, "", {})
    return DhcpInfo(lease, ip, normalized_mac(_text(value, "mac")), _options(value.get("options")))


def normalized_mac(text: str) -> str:
    """A MAC address in its normal form, from one with colons, with dashes or without.

    Raises:
        InvalidValue: It is none.
    """
    found = _MAC.fullmatch(text)
    if found is None:
        raise InvalidValue("invalid MAC string")
    separator = found.group(1)
    pairs = text.split(separator) if separator else re.findall("..", text)
    return ":".join(pair.zfill(2) for pair in pairs).lower()


def _text(value: Mapping[str, object], name: str) -> str:
    text = value.get(name)
    if not isinstance(text, str):
        raise InvalidValue(f"Missing {name!r} key" if name not in value else f"{name} is a text")
    return text


def _ip(text: str) -> str:
    try:
        return str(IPv4Address(text))
    except ValueError as error:
        raise InvalidValue("invalid IP address") from error


def _options(value: object) -> dict[int, bytes]:
    if not isinstance(value, list) or len(value) > MAX_OPTIONS:
        raise InvalidValue(f"options is a list of at most {MAX_OPTIONS} texts")
    options: dict[int, bytes] = {}
    for option in value:
        found = _OPTION.fullmatch(option) if isinstance(option, str) and len(option) <= 1024 else None
        if found is None or int(found.group(1)) > 255:
            raise InvalidValue("an option is a code of three digits and bytes in hex, joined by dots")
        options[int(found.group(1))] = bytes(int(byte, 16) for byte in found.group(2).split(".") if byte)
    return options
