"""The trunks as the proxy sees them: up or down, in use or not, and which one a call takes. No I/O."""

from zlib import crc32

from msgspec import Struct

from busyout.domain.configuration.tables import Peer, Tables, Trunk
from busyout.domain.engine import TrunkStatus
from busyout.domain.errors import NoSuchTrunk
from busyout.drivers.proxy.lookup import Lookup

UP, DOWN, UNKNOWN = "up", "down", "unknown"
"""The operational states of a trunk."""


def trunk_id(trunk: Trunk) -> str:
    """`SET/INDEX`."""
    return f"{trunk.trunk_set}/{trunk.index}"


class TrunkState(Struct):
    """What is known of one trunk."""

    id: str
    uri: str
    since: float
    """In seconds since the epoch."""
    operational: str = UNKNOWN
    round_trip: float | None = None
    """None before the first answer."""
    failures: int = 0
    """Keep-alives in a row without an answer."""
    enabled: bool | None = None
    """What `set_trunk` asked for; None when it did not."""


class TrunkTable:
    """Every trunk of the tables in effect."""

    def __init__(self) -> None:
        self._trunks: dict[str, TrunkState] = {}
        self._rows: dict[str, Trunk] = {}
        self._balancing: dict[str, str] = {}
        self._turn: dict[str, int] = {}

    def configure(self, tables: Tables, at: float) -> None:
        """Take over new tables at `at` seconds since the epoch; what is known of a trunk that stays is kept."""
        self._rows = {trunk_id(row): row for row in tables.trunk}
        self._balancing = {row.name: row.balancing for row in tables.trunk_set}
        watched = {row.name for row in tables.trunk_set if row.keep_alive}
        kept: dict[str, TrunkState] = {}
        for name, row in self._rows.items():
            uri = f"sip:{row.address}:{row.port}"
            known = self._trunks.get(name)
            kept[name] = known if known is not None and known.uri == uri else TrunkState(name, uri, at)
            if row.trunk_set not in watched and kept[name].operational != UNKNOWN:
                kept[name].operational, kept[name].since, kept[name].failures = UNKNOWN, at, 0
        self._trunks = kept
        self._turn = {name: turn for name, turn in self._turn.items() if name in self._balancing}

    def get(self, name: str) -> TrunkState | None:
        """One trunk."""
        return self._trunks.get(name)

    def enable(self, name: str, enabled: bool) -> None:
        """Use a trunk for new calls or not.

        Raises:
            NoSuchTrunk: There is none of that id.
        """
        if name not in self._trunks:
            raise NoSuchTrunk(f"there is no trunk {name}")
        self._trunks[name].enabled = enabled

    def choose(self, lookup: Lookup, peer: Peer, call_id: str, *, sticky: bool) -> Trunk | None:
        """The trunk that a new call to a peer takes; None when none is up and in use.

        `sticky` asks for the same one whenever the same Call-ID comes again, as a retransmission needs it.
        """
        usable = [trunk for trunk in lookup.trunks(peer) if self._usable(trunk)]
        if not usable:
            return None
        first = [trunk for trunk in usable if trunk.priority == usable[0].priority]
        balancing = self._balancing.get(peer.trunk_set, "off")
        if balancing == "off" or len(first) == 1:
            return first[0]
        if balancing == "round_robin" and not sticky:
            turn = self._turn[peer.trunk_set] = self._turn.get(peer.trunk_set, -1) + 1
            return first[turn % len(first)]
        return _weighted(first, call_id)

    def _usable(self, trunk: Trunk) -> bool:
        known = self._trunks[trunk_id(trunk)]
        return known.operational != DOWN and self._in_use(trunk, known)

    def _in_use(self, trunk: Trunk, known: TrunkState) -> bool:
        return trunk.enabled if known.enabled is None else known.enabled

    def statuses(self) -> tuple[TrunkStatus, ...]:
        """Every trunk, in the order of the table."""
        return tuple(
            TrunkStatus(
                id=known.id,
                uri=known.uri,
                operational=known.operational,
                enabled=self._in_use(self._rows[known.id], known),
                since=known.since,
                round_trip=known.round_trip,
            )
            for known in self._trunks.values()
        )

    def snapshot(self) -> list[TrunkState]:
        """What is known, for the process that takes over."""
        return list(self._trunks.values())

    def restore(self, trunks: list[TrunkState]) -> None:
        """Take over what another process knew; to be followed by `configure`."""
        self._trunks = {known.id: known for known in trunks}


def _weighted(trunks: list[Trunk], call_id: str) -> Trunk:
    point = crc32(call_id.encode("latin-1", "replace")) % sum(trunk.weight for trunk in trunks)
    for trunk in trunks:
        point -= trunk.weight
        if point < 0:
            return trunk
    return trunks[-1]
