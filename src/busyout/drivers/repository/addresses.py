"""Which addresses may be fetched from: the outside world, the configured repository, and what the settings allow."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from busyout.domain.errors import InvalidValue
from busyout.drivers.repository.target import Target, read_host, split

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

TRANSLATED = IPv6Network("64:ff9b::/96")
"""IPv4 addresses as IPv6-only networks see them (RFC 6052)."""

TRANSLATED_LOCALLY = IPv6Network("64:ff9b:1::/48")
"""The same, within one network (RFC 8215)."""

COMPATIBLE = IPv6Network("::/96")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the settings allow although it is at an inner address."""

    places: frozenset[tuple[str, int | None]] = frozenset()
    """Hosts and ports; None for every port."""
    networks: tuple[Network, ...] = ()

    def names(self, target: Target) -> bool:
        """Whether the host of a target is named."""
        return bool({(target.host, None), target.place} & self.places)

    def holds(self, address: Address) -> bool:
        """Whether an address is in a network that is named."""
        return any(address in network for network in self.networks)


def read_allowed(entries: Iterable[str]) -> Allowed:
    """What a list from the settings allows: `host`, `host:port`, an address, or a network such as `10.0.0.0/8`.

    Raises:
        InvalidValue: An entry is none of these; the message repeats it.
    """
    places: set[tuple[str, int | None]] = set()
    networks: list[Network] = []
    for entry in entries:
        try:
            networks.append(ip_network(entry))
        except ValueError:
            places.add(read_place(entry))
    return Allowed(frozenset(places), tuple(networks))


def read_place(entry: str) -> tuple[str, int | None]:
    """The host and port of an entry; None for every port.

    Raises:
        InvalidValue: It is neither `host` nor `host:port`.
    """
    try:
        parts, port = split(f"//{entry}")
        if parts.path or parts.query or parts.fragment or "@" in entry:
            raise InvalidValue
        return read_host(parts.hostname), port
    except InvalidValue as error:
        raise InvalidValue(f"{entry!r} is no host, host:port, address or network") from error


def judge(target: Target, addresses: Iterable[Address], *, home: Target | None, allowed: Allowed) -> None:
    """Let a target pass whose host has these addresses; `home` is the configured repository.

    Raises:
        InvalidValue: One of them is an inner address, and nobody has allowed it.
    """
    if allowed.names(target) or (home is not None and target.place == home.place):
        return
    for address in addresses:
        kind = inner(address)
        if kind and not allowed.holds(address):
            raise InvalidValue(f"{target.shown} is at {address}, a {kind} address that the settings do not allow")


def inner(address: Address) -> str | None:
    """What kind of inner address it is; None for one of the outside world."""
    carried = carried_by(address)
    if carried is not None and (kind := inner(carried)):
        return kind
    kinds = {
        "loopback": address.is_loopback,
        "link-local": address.is_link_local,
        "multicast": address.is_multicast,
        "private": address in TRANSLATED_LOCALLY or getattr(address, "is_site_local", False),
        "reserved": address.is_unspecified or (carried is None and address.is_reserved),
    }
    found = next((kind for kind, applies in kinds.items() if applies), None)
    return found or (None if address.is_global or carried is not None else "private")


def carried_by(address: Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for or is tunnelled to; None where it is none of that sort."""
    if isinstance(address, IPv4Address):
        return None
    if address in TRANSLATED or (address in COMPATIBLE and int(address) > 1):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address.teredo is not None:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour
