"""What an element carries: calls, load, counters."""

from msgspec import Struct


class Load(Struct, frozen=True):
    """Work in progress at one instant."""

    calls: int
    """Established calls."""
    setups: int
    """Calls that were admitted and are not answered yet."""
    transactions: int | None
    """Transactions without a final answer; None where the engine does not tell."""
    registrations: int | None = None
    """Registered users; None where the engine does not keep them."""
    capacity: int | None = None
    """Most calls the element can carry; None where it has no fixed limit."""

    @property
    def quiet(self) -> bool:
        """Whether calls, set-ups and transactions are all zero."""
        return self.calls == 0 and self.setups == 0 and not self.transactions


class Call(Struct, frozen=True):
    """One call in progress."""

    id: str
    """The engine's own id; for SIP the Call-ID."""
    state: str
    """`setup`, `established` or `ending`."""
    since: float
    """When the call was admitted, in seconds since the epoch."""
    caller: str
    callee: str
    trunk: str
    """Name of the trunk set it leaves by; empty where it has none."""


class Ended(Struct, frozen=True):
    """What became of calls that we ended."""

    asked: int
    ended: int
    failed: int


class Counters(Struct, frozen=True):
    """Counts that only grow while the engine's process lives."""

    epoch: float
    """Start of the process that counts, in seconds since the epoch: a new epoch starts at zero."""
    taken_at: float
    values: dict[str, int]
    """By name: offered, admitted, answered, refused_draining, refused_no_route, failed, completed, ended_by_us, …"""
