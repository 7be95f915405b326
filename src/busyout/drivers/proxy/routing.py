"""Where a message goes inside a dialog: Route headers and targets (RFC 3261 16.4 to 16.6). No I/O."""

from collections.abc import Mapping

from msgspec import Struct

from busyout.drivers.proxy.facts import flat
from busyout.drivers.proxy.grammar import NotGrammatical, Uri, address, is_ipv4, parameters, uri
from busyout.drivers.proxy.message import Request
from busyout.drivers.proxy.replies import DEFAULT_PORT, Address
from busyout.drivers.proxy.seal import MARK


class Path(Struct, frozen=True):
    """The way a request still has to go."""

    uri: str
    """Its Request-URI."""
    routes: list[str]
    """Route values that are left, ours removed."""
    mark: str
    """The dialog mark that it brought; empty when it brought none."""
    interface: int | None
    """The interface that our own last Route value names; None when there was none."""


def path_of(request: Request, own: Mapping[Address, int]) -> Path:
    """The way a request still has to go, after everything that names us has been taken off.

    Raises:
        NotGrammatical: A Route value cannot be read.
    """
    target, mark, interface = request.uri, "", None
    values = request.values.get("route")
    routes = list(flat(values)) if values else []
    if routes:
        here = uri(target)
        if here.parameters and _at(here) in own and MARK in parameters(here.parameters):
            mark, interface = parameters(here.parameters)[MARK], own[_at(here)]
            target = address(routes.pop())[0]
    while routes:
        first = uri(address(routes[0])[0])
        if _at(first) not in own:
            break
        mark, interface = parameters(first.parameters).get(MARK, ""), own[_at(first)]
        del routes[0]
    return Path(target, routes, mark, interface)


def next_hop(target: str, routes: list[str]) -> tuple[str, list[str], str]:
    """Request-URI, Route values and the URI of the next hop; a strict router gets what it expects.

    Raises:
        NotGrammatical: The first Route value cannot be read.
    """
    if not routes:
        return target, routes, target
    first = address(routes[0])[0]
    if "lr" in parameters(uri(first).parameters):
        return target, routes, first
    return first, [*routes[1:], f"<{target}>"], first


def locate(text: str) -> Address | None:
    """Where requests to a URI are sent; None when that is not a unicast IPv4 address over UDP."""
    try:
        where = uri(text)
        known = parameters(where.parameters) if where.parameters else {}
    except NotGrammatical:
        return None
    host = known.get("maddr") or where.host
    if where.scheme != "sip" or known.get("transport", "udp").lower() != "udp" or not is_ipv4(host):
        return None
    if not 0 < int(host.partition(".")[0]) < 224:
        return None
    return host, where.port or DEFAULT_PORT


def addressed_to(where: Uri, own: Mapping[Address, int]) -> bool:
    """Whether a URI names one of our own addresses."""
    return where.scheme in ("sip", "sips") and _at(where) in own


def _at(where: Uri) -> Address:
    return where.host, where.port or DEFAULT_PORT
