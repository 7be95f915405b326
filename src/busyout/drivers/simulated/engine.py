"""One simulated engine: its process, if it has one, and what tests and demonstrations do to it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from busyout.domain.configuration.routing import CallRequest
from busyout.domain.configuration.tables import Tables, digest
from busyout.domain.engine import EngineEvent, EngineInfo, EngineSetup, TrunkStatus
from busyout.domain.traffic import Call, Counters, Load
from busyout.drivers.simulated.behaviour import Behaviour
from busyout.drivers.simulated.faults import Fault, Faults
from busyout.drivers.simulated.machine import Carried, Machine, Offer, Outcome
from busyout.drivers.simulated.trunks import Trunks
from busyout.ports.clock import Clock

NAME = "simulated"
VERSION = "1.0"

LEAST_EPOCH_STEP = 0.001
"""Seconds by which the epochs of two processes differ at the least."""

NOBODY_ANSWERS = 408

ANYBODY = CallRequest(
    source_address="127.0.0.1",
    source_port=5060,
    source_user="caller",
    source_host="127.0.0.1",
    destination_user="callee",
    destination_host="127.0.0.1",
)
"""Who calls whom when a test does not care."""


@dataclass(slots=True)
class Process:
    """A process that runs."""

    pid: int
    epoch: float
    machine: Machine

    def info(self) -> EngineInfo:
        """Who answers."""
        return EngineInfo(
            name=NAME,
            version=VERSION,
            pid=self.pid,
            epoch=self.epoch,
            admitting=self.machine.admitting,
            digest=digest(self.machine.tables),
        )

    def counters(self, now: float) -> Counters:
        """What this process has counted."""
        return Counters(epoch=self.epoch, taken_at=now, values=self.machine.counts(now))


class SimulatedEngine:
    """An engine in memory. Its methods are what the world does to it; a driver reaches it by `process`."""

    __slots__ = (
        "_clock",
        "_epoch",
        "_listeners",
        "_offered",
        "_pids",
        "_surviving",
        "_unreachable",
        "behaviour",
        "cut",
        "faults",
        "name",
        "process",
        "refused",
        "starts",
    )

    def __init__(self, name: str, clock: Clock, pids: Iterator[int]) -> None:
        self.name = name
        self.behaviour = Behaviour()
        self.faults = Faults()
        self.process: Process | None = None
        self.starts = 0
        """Processes started so far, take-overs not counted."""
        self.refused = 0
        """Calls refused because admission was closed, over all processes."""
        self.cut: list[str] = []
        """Ids of the calls that were up when a process ended and did not survive that."""
        self._clock = clock
        self._pids = pids
        self._epoch = 0.0
        self._offered = 0
        self._surviving: tuple[Carried, ...] = ()
        self._unreachable: set[str] = set()
        self._listeners: list[Callable[[EngineEvent], None]] = []

    @property
    def restarts(self) -> int:
        """Starts after the first."""
        return max(0, self.starts - 1)

    @property
    def running(self) -> bool:
        """Whether there is a process."""
        return self.process is not None

    @property
    def admitting(self) -> bool:
        """Whether a new call would be let in."""
        return self.process is not None and self.process.machine.admitting

    @property
    def tables(self) -> Tables:
        """The configuration in effect; empty while stopped."""
        return self.process.machine.tables if self.process else Tables()

    @property
    def load(self) -> Load:
        """Work in progress; none while stopped."""
        return self.process.machine.load(self._clock.now()) if self.process else Load(0, 0, 0)

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every call in progress, oldest first; none while stopped."""
        process = self.process
        return process.machine.calls(self._clock.now(), limit=1_000_000, after=None) if process else ()

    @property
    def trunks(self) -> tuple[TrunkStatus, ...]:
        """Every trunk; none while stopped."""
        return self.process.machine.trunks.statuses() if self.process else ()

    def counter(self, name: str) -> int:
        """One counter of the present process; 0 while stopped."""
        return self.process.machine.counts(self._clock.now())[name] if self.process else 0

    def call(self, *, seconds: float = 60.0, ringing: float = 0.0, request: CallRequest = ANYBODY) -> Outcome:
        """Offer a call that rings, is answered and lasts so long; tells what the caller was told."""
        self._offered += 1
        offer = Offer(f"{self._offered:012d}@{self.name}", seconds, ringing, request)
        if self.process is None:
            return Outcome(offer.id, NOBODY_ANSWERS)
        machine = self.process.machine
        before = machine.counters["refused_draining"]
        outcome = machine.offer(offer, self._clock.now())
        self.refused += machine.counters["refused_draining"] - before
        return outcome

    def hang_up(self, call: str) -> None:
        """Let one of the parties end a call now; nothing when it is not in progress."""
        if self.process is not None:
            self.process.machine.hang_up(call, self._clock.now())

    def trunk_answers(self, trunk: str, answers: bool) -> None:
        """Let the far end of a trunk answer from now on, or not."""
        (self._unreachable.discard if answers else self._unreachable.add)(trunk)
        if self.process is not None:
            state = self.process.machine.trunks.probe(trunk, self._clock.now())
            if state is not None:
                self.notice(f"trunk-{state}", self._clock.now(), trunk)

    def fault(self, fault: Fault, *methods: str, times: int | None = None) -> None:
        """Let the driver methods of those names (none: all of them) go wrong; see `Faults.add`."""
        self.faults.add(fault, frozenset(methods), times=times)

    def heal(self) -> None:
        """Take every fault away."""
        self.faults.clear()

    def die(self) -> None:
        """End the process, as a crash does; nothing when there is none."""
        if self.process is None:
            return
        now = self._clock.now()
        left = self.process.machine.carried(now)
        if self.behaviour.survives_restart:
            self._surviving = left
        else:
            self.cut.extend(call.offer.id for call in left)
        self.process = None
        self.notice("gone", now, "")

    def spawn(self, setup: EngineSetup, behaviour: Behaviour) -> Process:
        """Start a process in place of none."""
        now = self._clock.now()
        self.behaviour = behaviour
        machine = self._machine(setup, now)
        machine.adopt(call for call in self._surviving if call.ends_at > now)
        self._surviving = ()
        self.starts += 1
        self._epoch = max(now, self._epoch + LEAST_EPOCH_STEP)
        self.process = Process(next(self._pids), self._epoch, machine)
        return self.process

    def replace(self, process: Process, setup: EngineSetup) -> Process:
        """Put a new process, with the calls and counts of the old one, in its place."""
        now = self._clock.now()
        machine = self._machine(setup, now)
        machine.adopt(process.machine.carried(now, ending=True))
        machine.counters.update(process.machine.counters)
        self.process = Process(next(self._pids), process.epoch, machine)
        return self.process

    def _machine(self, setup: EngineSetup, now: float) -> Machine:
        return Machine(setup, self.behaviour, Trunks(setup.tables, self._unreachable, now), self.notice)

    def listen(self, listener: Callable[[EngineEvent], None]) -> None:
        """Tell a listener of each event."""
        self._listeners.append(listener)

    def leave(self, listener: Callable[[EngineEvent], None]) -> None:
        """Tell it no more."""
        self._listeners.remove(listener)

    def notice(self, kind: str, at: float, subject: str) -> None:
        """Tell everyone who listens."""
        for listener in tuple(self._listeners):
            listener(EngineEvent(kind=kind, at=at, subject=subject, detail={}))
