"""Calls in progress and transactions without a final answer. No I/O; all times are seconds of one monotonic clock."""

from collections.abc import Iterator

from msgspec import Struct, field

from busyout.drivers.proxy.bounds import MAX_OPEN
from busyout.drivers.proxy.replies import Address

SETUP, ESTABLISHED, ENDING = "setup", "established", "ending"
"""The states of a call, in the order it takes them."""

SILENCE_LIMIT = 12 * 3600.0
"""Seconds without any message after which a call is taken for dead."""

T1 = 0.5
"""RFC 3261's estimate of a round trip, in seconds."""

T2 = 4.0
"""Longest time between two retransmissions, in seconds."""

TIMER_F = 64 * T1
"""Seconds after which a request without an answer has failed."""

TIMER_C = 180.0
"""Seconds after its last provisional answer at which an INVITE is given up."""

MAX_TRANSACTIONS = 50_000
"""Most transactions that are followed; those beyond are carried, but not counted."""


class Leg(Struct):
    """One side of a call, as the proxy must address it."""

    target: str = ""
    """URI of its Contact; empty while it is not known."""
    routes: list[str] = field(default_factory=list)
    """Route values from us to that side."""
    address: Address | None = None
    """Where its last message came from."""
    interface: int = 0
    """Index of the interface that faces it."""
    cseq: int = 0
    """Highest CSeq it has used in this dialog."""


class Call(Struct):
    """A call that was admitted."""

    id: str
    number: int
    """Admission order."""
    since: float
    """In seconds since the epoch."""
    branch: str
    """Of the INVITE that began it, as we forwarded it."""
    cseq: int
    """Of that INVITE."""
    from_value: str
    """The From header of the caller."""
    from_tag: str
    to_value: str
    """The To header; with the callee's tag once it has answered."""
    to_tag: str
    """Empty until the callee has answered."""
    uri: str
    """Request-URI that the INVITE left with."""
    hop: Address
    """Where the INVITE was sent."""
    caller_uri: str
    callee_uri: str
    trunk: str
    """Trunk set it leaves by."""
    caller: Leg
    callee: Leg
    vias: list[str]
    """Via values of the INVITE as it came, ours not among them."""
    touched: float
    """Time of its last message."""
    state: str = SETUP
    answered: bool = False
    acknowledged: bool = False
    """Whether the caller has sent its ACK."""
    provisional: bool = False
    """Whether the callee has sent a provisional answer."""
    last_said: bytes = b""
    """The last provisional answer as the caller got it; empty once there is a final one."""
    ended_by_us: bool = False
    cancelled: bool = False
    """Whether a CANCEL of ours is under way."""
    ending_since: float = 0.0
    """When we began to end it."""
    open_byes: int = 0
    """BYEs of ours that are not answered."""

    @property
    def weight(self) -> int:
        """What is kept of its INVITE, in characters."""
        texts = (
            self.id,
            self.from_value,
            self.to_value,
            self.uri,
            self.caller_uri,
            self.callee_uri,
            self.caller.target,
        )
        return sum(map(len, texts)) + sum(map(len, self.caller.routes)) + sum(map(len, self.vias))


class Transaction(Struct):
    """A request that was passed on and has no final answer yet."""

    branch: str
    method: str
    call_id: str
    expires: float
    contact: str = ""
    """Contact URI that the request offers for the dialog."""

    @property
    def weight(self) -> int:
        """What is kept of it, in characters."""
        return len(self.branch) + len(self.call_id) + len(self.contact)


class Transactions:
    """Open transactions by branch and method."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], Transaction] = {}
        self._weight = 0

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Transaction]:
        return iter(self._open.values())

    def open(self, transaction: Transaction) -> bool:
        """Follow a transaction; false when it is followed already (its time starts anew)."""
        key = (transaction.branch, transaction.method)
        known = self._open.get(key)
        if known is not None:
            known.expires = max(known.expires, transaction.expires)
            return False
        if len(self._open) < MAX_TRANSACTIONS and self._weight + transaction.weight <= MAX_OPEN:
            self._open[key] = transaction
            self._weight += transaction.weight
        return True

    def get(self, branch: str, method: str) -> Transaction | None:
        """An open transaction."""
        return self._open.get((branch, method))

    def close(self, branch: str, method: str) -> Transaction | None:
        """Stop following a transaction; None when it was not followed."""
        closed = self._open.pop((branch, method), None)
        self._weight -= closed.weight if closed is not None else 0
        return closed

    def expire(self, now: float) -> list[Transaction]:
        """Stop following those whose time is over, and return them."""
        over = [transaction for transaction in self._open.values() if transaction.expires <= now]
        for transaction in over:
            self.close(transaction.branch, transaction.method)
        return over


class CallTable:
    """Calls by Call-ID, in the order of their admission."""

    def __init__(self) -> None:
        self._calls: dict[str, Call] = {}

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Call]:
        return iter(self._calls.values())

    def get(self, call_id: str) -> Call | None:
        """The call in progress of that Call-ID."""
        return self._calls.get(call_id)

    def add(self, call: Call) -> None:
        """Keep a call."""
        self._calls[call.id] = call

    def remove(self, call: Call) -> bool:
        """Forget a call; false when it was not in progress."""
        return self._calls.pop(call.id, None) is not None

    def after(self, number: int, limit: int) -> list[Call]:
        """At most `limit` calls admitted after that number."""
        found: list[Call] = []
        for call in self._calls.values():
            if call.number > number:
                found.append(call)
                if len(found) >= limit:
                    break
        return found

    def silent(self, now: float) -> list[Call]:
        """Answered calls without traffic for too long."""
        return [call for call in self._calls.values() if call.answered and now - call.touched > SILENCE_LIMIT]
