"""The neutral tables that configure an element which carries calls.

A row is named by its `index`, unique in its table; references between tables are by name. An empty pattern
matches everything; a pattern ending in `*` matches the beginning, any other the whole.
"""

from hashlib import sha256

import msgspec
from msgspec import Struct
from msgspec.structs import force_setattr


class Interface(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the element listens for SIP."""

    index: int
    name: str
    address: str
    """IPv4 address."""
    port: int
    """UDP port."""


class TrunkSet(Struct, frozen=True, forbid_unknown_fields=True):
    """Addresses that serve the same destination, watched together."""

    index: int
    name: str
    keep_alive: bool = False
    """Whether OPTIONS is sent to every trunk."""
    keep_alive_interval: float = 60.0
    """Seconds between two OPTIONS."""
    failure_threshold: int = 2
    """Unanswered OPTIONS in a row after which a trunk is down."""
    balancing: str = "off"
    """`off` (first that is up), `round_robin` or `weights`."""

    def __post_init__(self) -> None:
        # 60 and 60.0 are the same interval and must have the same digest.
        force_setattr(self, "keep_alive_interval", float(self.keep_alive_interval))


class Trunk(Struct, frozen=True, forbid_unknown_fields=True):
    """One address of a trunk set."""

    index: int
    trunk_set: str
    address: str
    """IPv4 address."""
    port: int = 5060
    priority: int = 0
    """Lower is tried first."""
    weight: int = 1
    enabled: bool = True


class Peer(Struct, frozen=True, forbid_unknown_fields=True):
    """A party that calls come from or go to."""

    index: int
    name: str
    trunk_set: str = ""
    """Where calls to it go, and (by source address) where its calls come from; empty for a party that only calls."""


class Classification(Struct, frozen=True, forbid_unknown_fields=True):
    """Which peer a call comes from when its source address is no trunk's; first match counts, no match is refused."""

    index: int
    name: str
    peer: str
    source_address: str = ""
    source_user: str = ""
    source_host: str = ""
    destination_user: str = ""
    destination_host: str = ""
    allow: bool = True


class Route(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a call goes: first match from the top counts, no match is refused."""

    index: int
    name: str
    peer: str
    """Destination."""
    source_peer: str = ""
    source_user: str = ""
    source_host: str = ""
    destination_user: str = ""
    destination_host: str = ""
    tag: str = ""
    """Tag that the dial plan gave the destination number; empty for any."""


class DialPlanRule(Struct, frozen=True, forbid_unknown_fields=True):
    """A prefix and the tag it gives; the longest prefix counts."""

    index: int
    plan: str
    prefix: str
    tag: str


class Opaque(Struct, frozen=True, forbid_unknown_fields=True):
    """Something a vendor's file contained that we keep word for word and do not interpret."""

    index: int
    table: str
    text: str


class Tables(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole configuration of one element."""

    interface: tuple[Interface, ...] = ()
    trunk_set: tuple[TrunkSet, ...] = ()
    trunk: tuple[Trunk, ...] = ()
    peer: tuple[Peer, ...] = ()
    classification: tuple[Classification, ...] = ()
    route: tuple[Route, ...] = ()
    dial_plan: tuple[DialPlanRule, ...] = ()
    opaque: tuple[Opaque, ...] = ()


TABLE_NAMES: tuple[str, ...] = Tables.__struct_fields__

RESTART_TABLES: tuple[str, ...] = ("interface",)
"""Tables whose change takes effect only when the engine starts; every other one is reloaded live."""


def digest(tables: Tables) -> str:
    """The content's fingerprint: equal exactly when the tables are equal."""
    return sha256(msgspec.json.encode(tables)).hexdigest()[:32]


def changed_tables(before: Tables, after: Tables) -> tuple[str, ...]:
    """Names of the tables that differ, in schema order."""
    return tuple(name for name in TABLE_NAMES if getattr(before, name) != getattr(after, name))
