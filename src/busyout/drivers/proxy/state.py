"""What the parts of the proxy share: configuration in effect, calls, counters, and what is to be sent. No I/O."""

from collections.abc import Callable
from typing import NamedTuple

from msgspec import Struct

from busyout.domain.configuration.tables import Tables
from busyout.domain.engine import EngineEvent
from busyout.drivers.proxy.calls import Call, CallTable, Transactions
from busyout.drivers.proxy.facts import Facts
from busyout.drivers.proxy.grammar import Via
from busyout.drivers.proxy.lookup import Lookup
from busyout.drivers.proxy.memories import MEMORY_SECONDS, Memories, Memory
from busyout.drivers.proxy.message import Request
from busyout.drivers.proxy.replies import Address
from busyout.drivers.proxy.seal import Seal

COUNTERS = (
    "offered",
    "admitted",
    "answered",
    "completed",
    "failed",
    "ended_by_us",
    "expired",
    "refused_draining",
    "refused_not_classified",
    "refused_no_route",
    "refused_no_trunk",
    "refused_capacity",
    "refused_too_large",
    "retransmissions",
    "transactions",
    "malformed",
    "too_large",
    "stray",
    "unsent",
)
"""offered = admitted + refused_…, and admitted = completed + failed + ended_by_us + expired + calls in progress."""

MAX_PAYLOAD = 65_507
"""Longest UDP payload over IPv4, in bytes."""

SourceOf = Callable[[str], str | None]
"""The local address that datagrams to an address leave from; None where that is not known."""


class Send(NamedTuple):
    """A datagram to be sent by the interface of that index."""

    data: bytes
    address: Address
    interface: int


class Incoming(Struct, frozen=True):
    """A well-formed request, and how it came."""

    request: Request
    facts: Facts
    source: Address
    interface: int
    now: float
    branch: str
    """The one that it gets when it is passed on."""
    hop: Via
    """Its top Via with the source filled in."""
    marked: str
    """The text of `hop`."""


class Admission(Struct):
    """Whether new calls are let in, and how many at most."""

    admitting: bool
    retry_after: int
    capacity: int
    retry_until: float = 0.0
    """Until when a set-up may be tried again although admission is closed."""


class State:
    """The proxy's memory; every part reads it, the part whose business it is writes it."""

    def __init__(self, seal: Seal, admission: Admission, clock_offset: float, source_of: SourceOf) -> None:
        """`clock_offset` is what must be added to the monotonic clock to get seconds since the epoch."""
        self.seal = seal
        self.admission = admission
        self.clock_offset = clock_offset
        self.tables = Tables()
        self.lookup = Lookup(self.tables)
        self.interfaces: dict[int, Address] = {}
        self.own: dict[Address, int] = {}
        self.calls = CallTable()
        self.transactions = Transactions()
        self.memories = Memories()
        self.admitted = 0
        self.began: float | None = None
        """Since when every INVITE that was let in is known; None until the first tables."""
        self.counters = dict.fromkeys(COUNTERS, 0)
        self.out: list[Send] = []
        self.events: list[EngineEvent] = []
        self.watched = False
        self._source_of = source_of
        self._facing: dict[str, int | None] = {}

    def configure(self, tables: Tables) -> None:
        """Put tables into effect; their interfaces count only the first time."""
        if not self.interfaces:
            self.interfaces = {row.index: (row.address, row.port) for row in tables.interface}
            self.own = {address: index for index, address in self.interfaces.items()}
        self.tables = tables
        self.lookup = Lookup(tables)

    def count(self, name: str) -> None:
        """One more of something."""
        self.counters[name] += 1

    def send(self, data: bytes, address: Address, interface: int) -> None:
        """Have a datagram sent; one that is too long for UDP is counted, not sent."""
        if len(data) > MAX_PAYLOAD:
            self.count("unsent")
            return
        self.out.append(Send(data, address, interface))

    def happened(self, kind: str, now: float, subject: str, **detail: str | int | bool) -> None:
        """Tell those who watch."""
        if self.watched:
            self.events.append(EngineEvent(kind, now + self.clock_offset, subject, dict(detail)))

    def facing(self, host: str, default: int) -> int:
        """The interface by which datagrams to a host leave; `default` where the system does not prefer another."""
        if len(self.interfaces) == 1:
            return default
        if host not in self._facing:
            if len(self._facing) > 4096:
                self._facing.clear()
            source = self._source_of(host)
            found = [index for index, address in self.interfaces.items() if address[0] == source]
            self._facing[host] = found[0] if found else None
        facing = self._facing[host]
        return default if facing is None or self.interfaces[facing][0] == self.interfaces[default][0] else facing

    def finish(self, call: Call, outcome: str, now: float, *, status: int = 0) -> None:
        """Forget a call that has ended; `outcome` is the name of a counter, `status` that of the callee's refusal."""
        if not self.calls.remove(call):
            return
        self.count("ended_by_us" if call.ended_by_us else outcome)
        self.memories.keep(
            Memory(
                branch=call.branch,
                call_id=call.id,
                expires=now + MEMORY_SECONDS,
                number=call.number,
                uri=call.uri,
                hop=call.hop,
                interface=call.callee.interface,
                status=status,
                from_tag=call.from_tag,
                cseq=call.cseq,
                settled=status == 0,
            )
        )
        self.happened("call-end", now, call.id, outcome="ended_by_us" if call.ended_by_us else outcome)
