"""The proxy as a machine without I/O: datagrams and the time go in, datagrams to be sent come out."""

from msgspec import structs

from busyout.domain.configuration.tables import RESTART_TABLES, Tables, changed_tables, digest
from busyout.domain.engine import Applied, EngineEvent, TrunkStatus
from busyout.domain.errors import NoSuchCall
from busyout.domain.traffic import Call as CallView
from busyout.domain.traffic import Load
from busyout.drivers.proxy.calls import TIMER_F, Call, Transaction
from busyout.drivers.proxy.ending import Ending
from busyout.drivers.proxy.initial import Initial
from busyout.drivers.proxy.keepalive import KeepAlive
from busyout.drivers.proxy.memoir import Memoir, read_memoir, write_memoir
from busyout.drivers.proxy.memories import MEMORY_SECONDS
from busyout.drivers.proxy.message import NotSip, Request, parse
from busyout.drivers.proxy.replies import Address
from busyout.drivers.proxy.requests import Requests
from busyout.drivers.proxy.responses import Responses
from busyout.drivers.proxy.seal import Seal
from busyout.drivers.proxy.state import Admission, Send, SourceOf, State
from busyout.drivers.proxy.trunks import TrunkTable

SWEEP_INTERVAL = 1.0
"""Seconds between two looks at what has expired."""


class Proxy:
    """A record-routing SIP proxy. `now` is always a monotonic time in seconds."""

    def __init__(self, seal: Seal, admission: Admission, *, clock_offset: float, source_of: SourceOf) -> None:
        self._state = State(seal, admission, clock_offset, source_of)
        self._trunks = TrunkTable()
        self._keepalive = KeepAlive(self._state, self._trunks)
        self._ending = Ending(self._state)
        self._requests = Requests(self._state, Initial(self._state, self._trunks), self._ending)
        self._responses = Responses(self._state, self._ending, self._keepalive)
        self._sweep_at = 0.0

    def configure(self, tables: Tables, now: float) -> None:
        """Put the first tables into effect, interfaces included."""
        self._state.configure(tables)
        if self._state.began is None:
            self._state.began = now
        self._trunks.configure(tables, now + self._state.clock_offset)
        self._keepalive.configure(tables, now)

    def receive(self, data: bytes, source: Address, interface: int, now: float) -> list[Send]:
        """Take a datagram that came by the interface of that index; returns what is to be sent."""
        if data.strip(b"\r\n\0 ") == b"":
            return []
        try:
            message = parse(data)
        except NotSip:
            self._state.count("malformed")
            return []
        if isinstance(message, Request):
            self._requests.receive(message, source, interface, now)
        else:
            self._responses.receive(message, source, now)
        return self._sent()

    def tick(self, now: float) -> list[Send]:
        """Let time pass; to be called every 50 ms or so."""
        self._ending.tick(now)
        self._keepalive.tick(now)
        if now >= self._sweep_at:
            self._sweep_at = now + SWEEP_INTERVAL
            self._sweep(now)
        return self._sent()

    def watch(self, watched: bool) -> None:
        """Whether events are wanted."""
        self._state.watched = watched

    def events(self) -> list[EngineEvent]:
        """What has happened since the last time this was asked."""
        events, self._state.events = self._state.events, []
        return events

    def admit(self, admitting: bool, retry_after: int, now: float) -> None:
        """Open or close admission."""
        admission = self._state.admission
        changed = admission.admitting != admitting
        admission.admitting, admission.retry_after = admitting, retry_after
        if changed:
            admission.retry_until = now + MEMORY_SECONDS
            self._state.happened("admission", now, "", admitting=admitting)

    def admitting(self) -> bool:
        """Whether new calls are let in."""
        return self._state.admission.admitting

    def digest(self) -> str:
        """Digest of the tables in effect."""
        return digest(self._state.tables)

    def load(self) -> Load:
        """Work in progress."""
        answered = sum(1 for call in self._state.calls if call.answered)
        return Load(
            calls=answered,
            setups=len(self._state.calls) - answered,
            transactions=len(self._state.transactions) + self._ending.open_requests(),
            capacity=self._state.admission.capacity,
        )

    def calls(self, limit: int, after: str | None) -> tuple[CallView, ...]:
        """Calls in progress, oldest first."""
        number = 0
        if after is not None:
            known = self._state.calls.get(after) or self._state.memories.of_call(after)
            if known is None:
                return ()
            number = known.number
        return tuple(_view(call) for call in self._state.calls.after(number, limit))

    def end(self, ids: tuple[str, ...] | None, now: float) -> tuple[tuple[str, ...], list[Send]]:
        """Begin to end calls; returns the ids of those in progress and what is to be sent.

        Raises:
            NoSuchCall: One single id was given and it is not in progress.
        """
        table = self._state.calls
        found = (
            list(table) if ids is None else [call for call in map(table.get, dict.fromkeys(ids)) if call is not None]
        )
        if ids is not None and len(ids) == 1 and not found:
            raise NoSuchCall(f"there is no call {ids[0]!r} in progress")
        for call in found:
            self._ending.end(call, now)
        return tuple(call.id for call in found), self._sent()

    def in_progress(self, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Which of these calls are still there."""
        return tuple(call_id for call_id in ids if self._state.calls.get(call_id) is not None)

    def counters(self) -> dict[str, int]:
        """Counts since the start."""
        return dict(self._state.counters)

    def count(self, name: str) -> None:
        """One more of something that only the sockets see."""
        self._state.count(name)

    def apply(self, tables: Tables, now: float, *, dry_run: bool) -> Applied:
        """Put tables into effect, all but those that need a restart."""
        before = self._state.tables
        changed = changed_tables(before, tables)
        applied = Applied(
            live=tuple(name for name in changed if name not in RESTART_TABLES),
            needs_restart=tuple(name for name in changed if name in RESTART_TABLES),
        )
        if applied.live and not dry_run:
            kept = {name: getattr(before, name) for name in applied.needs_restart}
            self.configure(structs.replace(tables, **kept), now)
        return applied

    def trunks(self) -> tuple[TrunkStatus, ...]:
        """Every trunk."""
        return self._trunks.statuses()

    def set_trunk(self, trunk: str, enabled: bool) -> None:
        """Use a trunk for new calls or not.

        Raises:
            NoSuchTrunk: There is none of that id.
        """
        self._trunks.enable(trunk, enabled)

    def memoir(self) -> Memoir:
        """All that is known of the traffic."""
        return write_memoir(self._state, self._ending, self._trunks)

    def restore(self, memoir: Memoir) -> None:
        """Go on where another process left off; to be followed by `configure`."""
        read_memoir(memoir, self._state, self._ending, self._trunks)

    def _sent(self) -> list[Send]:
        out, self._state.out = self._state.out, []
        return out

    def _sweep(self, now: float) -> None:
        state = self._state
        state.memories.expire(now)
        for transaction in state.transactions.expire(now):
            call = state.calls.get(transaction.call_id)
            if call is None:
                continue
            if transaction.method == "BYE" and call.answered and not call.ended_by_us:
                state.finish(call, "completed", now)
            elif transaction.branch == call.branch and transaction.method == "INVITE" and not call.answered:
                self._give_up(call, transaction, now)
        for call in state.calls.silent(now):
            state.finish(call, "expired", now)

    def _give_up(self, call: Call, transaction: Transaction, now: float) -> None:
        if not call.provisional:
            self._state.finish(call, "failed", now)
        elif call.cancelled:
            self._ending.answer_caller(call, (408, "Request Timeout"), now)
        else:
            transaction.expires = now + TIMER_F
            self._state.transactions.open(transaction)
            self._ending.cancel(call, now)


def _view(call: Call) -> CallView:
    return CallView(
        id=_readable(call.id),
        state=call.state,
        since=call.since,
        caller=_readable(call.caller_uri),
        callee=_readable(call.callee_uri),
        trunk=call.trunk,
    )


def _readable(text: str) -> str:
    return text if text.isascii() else text.encode("latin-1").decode("utf-8", "replace")
