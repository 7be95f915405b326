"""The configuration tables of an element, and the difference between two of them.

References between tables are by name. An empty pattern matches everything, one that ends in `*` the beginning.
"""

from typing import Annotated, Any

from msgspec import Meta, Struct

Index = Annotated[int, Meta(ge=0, le=2_147_483_647)]
"""Names a row; unique in its table."""

Port = Annotated[int, Meta(ge=1, le=65535)]


class Interface(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the element listens for SIP over UDP."""

    index: Index
    name: str
    address: str
    port: Port


class TrunkSet(Struct, frozen=True, forbid_unknown_fields=True):
    """Addresses that serve the same destination."""

    index: Index
    name: str
    keep_alive: bool = False
    keep_alive_interval: float = 60.0
    """Seconds between two OPTIONS."""
    failure_threshold: int = 2
    """Unanswered OPTIONS in a row after which a trunk is down."""
    balancing: str = "off"
    """`off`, `round_robin` or `weights`."""


class Trunk(Struct, frozen=True, forbid_unknown_fields=True):
    """One address of a trunk set."""

    index: Index
    trunk_set: str
    address: str
    port: Port = 5060
    priority: int = 0
    """Lower is tried first."""
    weight: int = 1
    enabled: bool = True


class Peer(Struct, frozen=True, forbid_unknown_fields=True):
    """A party that calls come from or go to."""

    index: Index
    name: str
    trunk_set: str = ""


class Classification(Struct, frozen=True, forbid_unknown_fields=True):
    """Which peer a call comes from; the first match counts."""

    index: Index
    name: str
    peer: str
    source_address: str = ""
    source_user: str = ""
    source_host: str = ""
    destination_user: str = ""
    destination_host: str = ""
    allow: bool = True


class Route(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a call goes; the first match counts."""

    index: Index
    name: str
    peer: str
    source_peer: str = ""
    source_user: str = ""
    source_host: str = ""
    destination_user: str = ""
    destination_host: str = ""
    tag: str = ""


class DialPlanRule(Struct, frozen=True, forbid_unknown_fields=True):
    """A prefix and the tag it gives; the longest prefix counts."""

    index: Index
    plan: str
    prefix: str
    tag: str


class Opaque(Struct, frozen=True, forbid_unknown_fields=True):
    """Text of a vendor's file that is kept word for word."""

    index: Index
    table: str
    text: str


class Tables(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole configuration; a table that is left out is empty."""

    interface: tuple[Interface, ...] = ()
    trunk_set: tuple[TrunkSet, ...] = ()
    trunk: tuple[Trunk, ...] = ()
    peer: tuple[Peer, ...] = ()
    classification: tuple[Classification, ...] = ()
    route: tuple[Route, ...] = ()
    dial_plan: tuple[DialPlanRule, ...] = ()
    opaque: tuple[Opaque, ...] = ()


class TableDifference(Struct, frozen=True):
    """What differs in one table; rows as in `Tables`."""

    table: str
    added: tuple[dict[str, Any], ...]
    removed: tuple[dict[str, Any], ...]
    changed: tuple[tuple[dict[str, Any], dict[str, Any]], ...]
    """Pairs (before, after) of rows with the same index."""


class Difference(Struct, frozen=True):
    """What the running configuration would change in the startup one if it were saved."""

    element: str
    running: str
    """Digest."""
    startup: str
    """Digest."""
    tables: tuple[TableDifference, ...]
    """Only those that differ; empty when nothing does."""
