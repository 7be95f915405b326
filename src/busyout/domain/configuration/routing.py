"""Where a call comes from and where it goes: pure look-ups in the tables."""

from msgspec import Struct

from busyout.domain.configuration.tables import Peer, Tables, Trunk


class CallRequest(Struct, frozen=True):
    """What routing looks at in a new call."""

    source_address: str
    source_port: int
    source_user: str
    source_host: str
    destination_user: str
    destination_host: str


def matches(pattern: str, value: str) -> bool:
    """Whether `value` fits `pattern`: empty fits all, a trailing `*` fits the beginning."""
    if not pattern or pattern == "*":
        return True
    if pattern.endswith("*"):
        return value.startswith(pattern[:-1])
    return pattern == value


def classify(tables: Tables, request: CallRequest) -> Peer | None:
    """The peer a call comes from: the trunk it is sent by, else the first matching row; None when it is refused."""
    sets = {
        trunk.trunk_set
        for trunk in tables.trunk
        if trunk.address == request.source_address and trunk.port == request.source_port
    }
    by_trunk = next((peer for peer in tables.peer if peer.trunk_set and peer.trunk_set in sets), None)
    return by_trunk or _by_row(tables, request)


def _by_row(tables: Tables, request: CallRequest) -> Peer | None:
    for row in sorted(tables.classification, key=lambda row: row.index):
        if (
            matches(row.source_address, request.source_address)
            and matches(row.source_user, request.source_user)
            and matches(row.source_host, request.source_host)
            and matches(row.destination_user, request.destination_user)
            and matches(row.destination_host, request.destination_host)
        ):
            return _peer(tables, row.peer) if row.allow else None
    return None


def destination(tables: Tables, source: Peer, request: CallRequest) -> Peer | None:
    """The peer a call goes to; None when no route matches."""
    tag = tag_of(tables, request.destination_user)
    for row in sorted(tables.route, key=lambda row: row.index):
        if (
            row.source_peer in ("", source.name)
            and matches(row.source_user, request.source_user)
            and matches(row.source_host, request.source_host)
            and matches(row.destination_user, request.destination_user)
            and matches(row.destination_host, request.destination_host)
            and row.tag in ("", tag)
        ):
            return _peer(tables, row.peer)
    return None


def tag_of(tables: Tables, number: str) -> str:
    """The tag of the longest prefix in the dial plan that `number` starts with; empty when none fits."""
    fitting = [rule for rule in tables.dial_plan if number.startswith(rule.prefix)]
    return max(fitting, key=lambda rule: len(rule.prefix)).tag if fitting else ""


def candidates(tables: Tables, peer: Peer) -> tuple[Trunk, ...]:
    """The enabled trunks that lead to a peer, those to be tried first at the front."""
    members = [trunk for trunk in tables.trunk if trunk.trunk_set == peer.trunk_set and trunk.enabled]
    return tuple(sorted(members, key=lambda trunk: (trunk.priority, trunk.index)))


def _peer(tables: Tables, name: str) -> Peer | None:
    return next((peer for peer in tables.peer if peer.name == name), None)
