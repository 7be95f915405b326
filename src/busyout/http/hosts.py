"""Which host a request is for. Browsers name the site of the page there, whatever address that name resolves to."""

import re
from ipaddress import ip_address
from typing import Final

from busyout.http.faults import ForeignHost

HOST: Final = re.compile(r"(?:\[(?P<six>[^\[\]]+)\]|(?P<name>[^:\[\]]+))(?::[0-9]{0,5})?")
"""The header Host: an IPv6 address in brackets, or a name or IPv4 address, and perhaps a port."""


def at_loopback(header: str | None) -> None:
    """Let pass a Host that is localhost or a loopback address; one that is missing, too, which no browser sends.

    Raises:
        ForeignHost: It is any other name or address.
    """
    if header is None:
        return
    named = HOST.fullmatch(header.strip())
    if named is None or not _is_loopback(named["six"] or named["name"]):
        raise ForeignHost("ask this server by localhost or by a loopback address: it serves without credentials")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
