"""The simulated engine proper: admission, calls that end at their time, and counters. No I/O; time is told to it."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import islice

from busyout.domain.configuration.routing import CallRequest, classify, destination
from busyout.domain.configuration.tables import Tables
from busyout.domain.engine import EngineSetup
from busyout.domain.errors import NoSuchCall
from busyout.domain.traffic import Call, Ended, Load
from busyout.drivers.simulated.behaviour import Behaviour
from busyout.drivers.simulated.trunks import Trunks

Notice = Callable[[str, float, str], None]
"""Told of each event: its kind, when, and what it concerns."""

NOT_FOUND = 404
UNAVAILABLE = 503

COUNTERS = (
    "offered",
    "admitted",
    "answered",
    "refused_draining",
    "refused_no_route",
    "refused_capacity",
    "failed",
    "completed",
    "ended_by_us",
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A call that somebody wants to make."""

    id: str
    """Ids of later calls sort after those of earlier ones."""
    seconds: float
    """How long it lasts once it is answered."""
    ringing: float
    """Seconds until it is answered."""
    request: CallRequest


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the caller was told."""

    id: str
    status: int
    """SIP status: 200, 404 (no route), 408 (nobody answers), 503."""
    retry_after: int | None = None
    """Seconds; None where the answer has no Retry-After."""

    @property
    def admitted(self) -> bool:
        """Whether the call is up, or ringing."""
        return self.status == 200


@dataclass(slots=True)
class Carried:
    """A call that was admitted: setup, then established, then ending until its BYE is answered."""

    offer: Offer
    since: float
    trunk: str
    state: str
    until: float
    """When this state ends."""

    @property
    def ends_at(self) -> float:
        """When the parties hang up, or hung up."""
        return self.until + self.offer.seconds if self.state == "setup" else self.until

    def seen(self) -> Call:
        """As the port shows it."""
        request = self.offer.request
        return Call(
            id=self.offer.id,
            state=self.state,
            since=self.since,
            caller=f"{request.source_user}@{request.source_host}",
            callee=f"{request.destination_user}@{request.destination_host}",
            trunk=self.trunk,
        )


class Machine:
    """One process of a simulated engine."""

    __slots__ = (
        "_behaviour",
        "_calls",
        "_due",
        "_notice",
        "_states",
        "admitting",
        "counters",
        "retry_after",
        "tables",
        "trunks",
    )

    def __init__(self, setup: EngineSetup, behaviour: Behaviour, trunks: Trunks, notice: Notice) -> None:
        self.tables: Tables = setup.tables
        self.admitting = setup.admitting
        self.retry_after = setup.retry_after
        self.counters: Counter[str] = Counter()
        self.trunks = trunks
        self._behaviour = behaviour
        self._notice = notice
        self._calls: dict[str, Carried] = {}
        self._states: Counter[str] = Counter()
        self._due: list[tuple[float, str]] = []

    def offer(self, offer: Offer, now: float) -> Outcome:
        """Admit a new call, or refuse it."""
        self.settle(now)
        self.counters["offered"] += 1
        if not self.admitting:
            return self._refuse(offer, "refused_draining", UNAVAILABLE, self.retry_after)
        capacity = self._behaviour.capacity
        if capacity is not None and self._states["setup"] + self._states["established"] >= capacity:
            return self._refuse(offer, "refused_capacity", UNAVAILABLE, None)
        trunk = ""
        if self.tables.route:
            source = classify(self.tables, offer.request)
            peer = destination(self.tables, source, offer.request) if source else None
            if peer is None:
                return self._refuse(offer, "refused_no_route", NOT_FOUND, None)
            leaving_by = self.trunks.usable(peer)
            if leaving_by is None:
                return self._refuse(offer, "failed", UNAVAILABLE, None)
            trunk = leaving_by.trunk_set
        self.counters["admitted"] += 1
        self.adopt((Carried(offer, now, trunk, "setup", now + offer.ringing),))
        self._notice("call-start", now, offer.id)
        self.settle(now)
        return Outcome(offer.id, 200)

    def _refuse(self, offer: Offer, counter: str, status: int, retry_after: int | None) -> Outcome:
        self.counters[counter] += 1
        return Outcome(offer.id, status, retry_after)

    def adopt(self, calls: Iterable[Carried]) -> None:
        """Carry calls in the state they are in."""
        for call in calls:
            self._calls[call.offer.id] = call
            self._states[call.state] += 1
            heappush(self._due, (call.until, call.offer.id))

    def settle(self, now: float) -> None:
        """Let happen what was due until now."""
        while self._due and self._due[0][0] <= now:
            at, name = heappop(self._due)
            call = self._calls.get(name)
            if call is not None and call.until == at:
                self._move(call, at)

    def _move(self, call: Carried, at: float) -> None:
        if call.state == "setup":
            self.counters["answered"] += 1
            self._enter(call, "established", at + call.offer.seconds)
        elif call.state == "established":
            self.counters["completed"] += 1
            self._begin_ending(call, at)
        else:
            self._forget(call)

    def _begin_ending(self, call: Carried, at: float) -> None:
        self._notice("call-end", at, call.offer.id)
        if self._behaviour.bye_seconds:
            self._enter(call, "ending", at + self._behaviour.bye_seconds)
        else:
            self._forget(call)

    def _enter(self, call: Carried, state: str, until: float) -> None:
        self._states[call.state] -= 1
        self._states[state] += 1
        call.state, call.until = state, until
        heappush(self._due, (until, call.offer.id))

    def _forget(self, call: Carried) -> None:
        self._states[call.state] -= 1
        del self._calls[call.offer.id]

    def load(self, now: float) -> Load:
        """Work in progress."""
        self.settle(now)
        open_transactions = self._states["setup"] + self._states["ending"]
        return Load(
            calls=self._states["established"],
            setups=self._states["setup"],
            transactions=open_transactions if self._behaviour.transactions_known else None,
            capacity=self._behaviour.capacity,
        )

    def calls(self, now: float, *, limit: int, after: str | None) -> tuple[Call, ...]:
        """Calls in progress, oldest first."""
        self.settle(now)
        left = (call for call in self._calls.values() if after is None or call.offer.id > after)
        return tuple(call.seen() for call in islice(left, limit))

    def end(self, ids: Collection[str] | None, now: float) -> Ended:
        """End calls with BYE or CANCEL; None for all of them.

        Raises:
            NoSuchCall: One single id was given and it is not in progress.
        """
        self.settle(now)
        asked = list(self._calls) if ids is None else list(dict.fromkeys(ids))
        up = [self._calls[name] for name in asked if name in self._calls and self._calls[name].state != "ending"]
        if ids is not None and len(asked) == 1 and not up:
            raise NoSuchCall(f"there is no call {asked[0]!r}")
        for call in up:
            self.counters["ended_by_us"] += 1
            self._begin_ending(call, now)
        return Ended(asked=len(up), ended=len(up), failed=0)

    def counts(self, now: float) -> dict[str, int]:
        """Every counter."""
        self.settle(now)
        return {name: self.counters[name] for name in COUNTERS}

    def hang_up(self, name: str, now: float) -> None:
        """Let one of the parties end a call; nothing when it is not in progress."""
        self.settle(now)
        call = self._calls.get(name)
        if call is not None and call.state != "ending":
            self.counters["completed" if call.state == "established" else "failed"] += 1
            self._begin_ending(call, now)

    def carried(self, now: float, *, ending: bool = False) -> tuple[Carried, ...]:
        """The calls that would be cut if the process ended now; with those whose BYE is under way, where asked."""
        self.settle(now)
        return tuple(call for call in self._calls.values() if ending or call.state != "ending")

    def reload(self, tables: Tables, now: float) -> None:
        """Put tables into effect."""
        self.tables = tables
        self.trunks.reload(tables, now)
