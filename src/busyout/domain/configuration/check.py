"""What can be wrong with a configuration, found before anything is changed."""

from collections.abc import Iterator, Sequence
from ipaddress import AddressValueError, IPv4Address
from typing import Any

from busyout.domain.configuration.tables import TABLE_NAMES, Tables

MAX_ROWS = 10_000
"""Most rows in one table."""

MAX_INDEX = 1_000_000
"""Largest index of a row."""

MAX_WEIGHT = 65_535
"""Largest weight and priority of a trunk, as in an SRV record (RFC 2782)."""

MAX_NAME = 128
"""Longest name or pattern, in characters."""

BALANCING = ("off", "round_robin", "weights")


def check(tables: Tables) -> tuple[str, ...]:
    """One sentence for each thing that is wrong; empty when the configuration is acceptable."""
    return tuple(_findings(tables))


def _findings(tables: Tables) -> Iterator[str]:
    for table in TABLE_NAMES:
        yield from _shape(table, getattr(tables, table))
    for table in ("interface", "trunk_set", "peer"):
        yield from _unique(table, "name", getattr(tables, table))
    yield from _interfaces(tables)
    yield from _trunks(tables)
    yield from _references(tables)


def _shape(table: str, rows: Sequence[Any]) -> Iterator[str]:
    if len(rows) > MAX_ROWS:
        yield f"{table} has {len(rows)} rows; at most {MAX_ROWS} are allowed"
        return
    yield from _unique(table, "index", rows)
    for row in rows:
        if not 0 <= row.index <= MAX_INDEX:
            yield f"{table} {row.index}: an index is between 0 and {MAX_INDEX}"
        for field in row.__struct_fields__:
            value = getattr(row, field)
            if isinstance(value, str) and field != "text" and not _plain(value):
                yield f"{table} {row.index}: {field} is longer than {MAX_NAME} characters or not printable"
            elif isinstance(value, str) and "\0" in value:
                yield f"{table} {row.index}: {field} has a NUL character"


def _plain(value: str) -> bool:
    return len(value) <= MAX_NAME and value.isprintable()


def _unique(table: str, field: str, rows: Sequence[Any]) -> Iterator[str]:
    seen: set[Any] = set()
    for row in rows:
        value = getattr(row, field)
        if value in seen:
            yield f"{table} {row.index}: {field} {value} is there twice"
        if value == "":
            yield f"{table} {row.index}: {field} is empty"
        seen.add(value)


def _interfaces(tables: Tables) -> Iterator[str]:
    listening: set[tuple[str, int]] = set()
    for row in tables.interface:
        yield from _address("interface", row.index, row.address, row.port)
        if (row.address, row.port) in listening:
            yield f"interface {row.index}: {row.address}:{row.port} is there twice"
        listening.add((row.address, row.port))


def _trunks(tables: Tables) -> Iterator[str]:
    for row in tables.trunk_set:
        if row.balancing not in BALANCING:
            yield f"trunk_set {row.index}: balancing is one of {', '.join(BALANCING)}"
        if not 0.1 <= row.keep_alive_interval <= 2_000_000:
            yield f"trunk_set {row.index}: keep_alive_interval is between 0.1 and 2000000 seconds"
        if not 1 <= row.failure_threshold <= 100:
            yield f"trunk_set {row.index}: failure_threshold is between 1 and 100"
    for trunk in tables.trunk:
        yield from _address("trunk", trunk.index, trunk.address, trunk.port)
        if not (1 <= trunk.weight <= MAX_WEIGHT and 0 <= trunk.priority <= MAX_WEIGHT):
            yield f"trunk {trunk.index}: weight is between 1 and {MAX_WEIGHT}, priority between 0 and {MAX_WEIGHT}"


def _references(tables: Tables) -> Iterator[str]:
    sets = {row.name for row in tables.trunk_set}
    peers = {row.name for row in tables.peer}
    for trunk in tables.trunk:
        if trunk.trunk_set not in sets:
            yield f"trunk {trunk.index}: there is no trunk_set {trunk.trunk_set!r}"
    for peer in tables.peer:
        if peer.trunk_set and peer.trunk_set not in sets:
            yield f"peer {peer.index}: there is no trunk_set {peer.trunk_set!r}"
    for row in tables.classification:
        if row.peer not in peers:
            yield f"classification {row.index}: there is no peer {row.peer!r}"
    for route in tables.route:
        if route.peer not in peers:
            yield f"route {route.index}: there is no peer {route.peer!r}"
        if route.source_peer and route.source_peer not in peers:
            yield f"route {route.index}: there is no peer {route.source_peer!r}"


def _address(table: str, index: int, address: str, port: int) -> Iterator[str]:
    try:
        IPv4Address(address)
    except AddressValueError:
        yield f"{table} {index}: {address!r} is not an IPv4 address"
    if not 1 <= port <= 65535:
        yield f"{table} {index}: port {port} is not between 1 and 65535"
