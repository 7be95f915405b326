"""Routing tables made fast: the same answers as `domain.configuration.routing`, without reading every row. No I/O."""

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

from busyout.domain.configuration.routing import CallRequest, matches
from busyout.domain.configuration.tables import Classification, Peer, Route, Tables, Trunk

Row = TypeVar("Row", Classification, Route)

PATTERNS = ("source_user", "source_host", "destination_user", "destination_host", "source_address")


class _Patterns(Generic[Row]):
    """Rows in order, found by the pattern field that tells most of them apart."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows: list[Row] = sorted(rows, key=lambda row: row.index)
        fields = [name for name in PATTERNS if self._rows and hasattr(self._rows[0], name)]
        self._field = max(fields, key=self._distinct, default="destination_user")
        self._tests = [
            tuple((name, getattr(row, name)) for name in fields if getattr(row, name) not in ("", "*"))
            for row in self._rows
        ]
        self._exact: dict[str, list[int]] = {}
        self._prefix: dict[int, dict[str, list[int]]] = {}
        for position, row in enumerate(self._rows):
            self._file(position, getattr(row, self._field))

    def _distinct(self, name: str) -> int:
        return len({getattr(row, name) for row in self._rows})

    def _file(self, position: int, pattern: str) -> None:
        if not pattern or pattern.endswith("*"):
            prefix = pattern[:-1]
            self._prefix.setdefault(len(prefix), {}).setdefault(prefix, []).append(position)
        else:
            self._exact.setdefault(pattern, []).append(position)

    def matching(self, request: CallRequest) -> Iterator[Row]:
        """Every row whose patterns match, in order."""
        value = getattr(request, self._field)
        positions = list(self._exact.get(value, ()))
        for length, prefixes in self._prefix.items():
            if length <= len(value):
                positions += prefixes.get(value[:length], ())
        positions.sort()
        return (self._rows[position] for position in positions if self._fits(position, request))

    def _fits(self, position: int, request: CallRequest) -> bool:
        return all(matches(pattern, getattr(request, name)) for name, pattern in self._tests[position])


class Lookup:
    """The routing of one set of tables."""

    def __init__(self, tables: Tables) -> None:
        self._peers: dict[str, Peer] = {}
        self._serving: dict[str, Peer] = {}
        for peer in tables.peer:
            self._peers.setdefault(peer.name, peer)
            if peer.trunk_set:
                self._serving.setdefault(peer.trunk_set, peer)
        self._peer_order = {peer.name: position for position, peer in enumerate(tables.peer)}
        self._by_address: dict[tuple[str, int], Peer] = {}
        self._trunks: dict[str, list[Trunk]] = {}
        for trunk in tables.trunk:
            self._file(trunk)
        for members in self._trunks.values():
            members.sort(key=lambda trunk: (trunk.priority, trunk.index))
        self._classification = _Patterns(tables.classification)
        self._routes = _Patterns(tables.route)
        self._tags: dict[str, str] = {}
        for rule in tables.dial_plan:
            self._tags.setdefault(rule.prefix, rule.tag)
        self._lengths = sorted({len(prefix) for prefix in self._tags}, reverse=True)

    def _file(self, trunk: Trunk) -> None:
        self._trunks.setdefault(trunk.trunk_set, []).append(trunk)
        peer = self._serving.get(trunk.trunk_set)
        if peer is None:
            return
        known = self._by_address.get((trunk.address, trunk.port))
        if known is None or self._peer_order[peer.name] < self._peer_order[known.name]:
            self._by_address[trunk.address, trunk.port] = peer

    def classify(self, request: CallRequest) -> Peer | None:
        """The peer a call comes from; None when it is refused."""
        peer = self._by_address.get((request.source_address, request.source_port))
        if peer is not None:
            return peer
        row = next(self._classification.matching(request), None)
        return self._peers.get(row.peer) if row is not None and row.allow else None

    def destination(self, source: Peer, request: CallRequest) -> Peer | None:
        """The peer a call goes to; None when no route matches."""
        tag = self._tag(request.destination_user)
        for row in self._routes.matching(request):
            if row.source_peer in ("", source.name) and row.tag in ("", tag):
                return self._peers.get(row.peer)
        return None

    def trunks(self, peer: Peer) -> Sequence[Trunk]:
        """Trunks that lead to a peer, disabled ones included, those to be tried first at the front."""
        return self._trunks.get(peer.trunk_set, ())

    def _tag(self, number: str) -> str:
        for length in self._lengths:
            found = self._tags.get(number[:length]) if length <= len(number) else None
            if found is not None:
                return found
        return ""
