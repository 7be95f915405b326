"""The trunks of a simulated engine: which there are, which are in use, which answer. No I/O."""

from dataclasses import dataclass

from busyout.domain.configuration.tables import Peer, Tables, Trunk
from busyout.domain.engine import TrunkStatus
from busyout.domain.errors import NoSuchTrunk

ROUND_TRIP = 0.001
"""Seconds that a simulated trunk takes to answer a keep-alive."""


def trunk_id(trunk: Trunk) -> str:
    """How a trunk is called in its element."""
    return f"{trunk.trunk_set}/{trunk.index}"


@dataclass(slots=True)
class _Watched:
    trunk: Trunk
    enabled: bool
    operational: str
    since: float


class Trunks:
    """Every trunk of an engine's tables and its state."""

    __slots__ = ("_unreachable", "_watched")

    def __init__(self, tables: Tables, unreachable: set[str], now: float) -> None:
        self._unreachable = unreachable
        self._watched: dict[str, _Watched] = {}
        self.reload(tables, now)

    def reload(self, tables: Tables, now: float) -> None:
        """Follow changed tables; what was set by hand stays, unless the row itself says otherwise now."""
        watching = {row.name for row in tables.trunk_set if row.keep_alive}
        before, self._watched = self._watched, {}
        for trunk in tables.trunk:
            name = trunk_id(trunk)
            state = self._probe(name) if trunk.trunk_set in watching else "unknown"
            known = before.get(name)
            by_hand = known is not None and known.trunk.enabled == trunk.enabled
            enabled = known.enabled if known is not None and by_hand else trunk.enabled
            since = known.since if known is not None and known.operational == state else now
            self._watched[name] = _Watched(trunk, enabled, state, since)

    def _probe(self, name: str) -> str:
        return "down" if name in self._unreachable else "up"

    def statuses(self) -> tuple[TrunkStatus, ...]:
        """Every trunk, in the order of the tables."""
        return tuple(
            TrunkStatus(
                id=name,
                uri=f"sip:{watched.trunk.address}:{watched.trunk.port}",
                operational=watched.operational,
                enabled=watched.enabled,
                since=watched.since,
                round_trip=ROUND_TRIP if watched.operational == "up" else None,
            )
            for name, watched in self._watched.items()
        )

    def set_enabled(self, name: str, enabled: bool) -> None:
        """Use a trunk for new calls or not.

        Raises:
            NoSuchTrunk: There is none of that id.
        """
        if name not in self._watched:
            raise NoSuchTrunk(f"there is no trunk {name!r}")
        self._watched[name].enabled = enabled

    def probe(self, name: str, now: float) -> str | None:
        """Look again whether a trunk answers; its new state, or None when that is not watched or has not changed."""
        watched = self._watched.get(name)
        if watched is None or watched.operational in ("unknown", self._probe(name)):
            return None
        watched.operational, watched.since = self._probe(name), now
        return watched.operational

    def usable(self, peer: Peer) -> Trunk | None:
        """The trunk that a new call to a peer leaves by; None when all are down or disabled."""
        fit = [
            watched.trunk
            for watched in self._watched.values()
            if watched.trunk.trunk_set == peer.trunk_set and watched.enabled and watched.operational != "down"
        ]
        return min(fit, key=lambda trunk: (trunk.priority, trunk.index), default=None)
