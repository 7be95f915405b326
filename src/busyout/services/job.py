"""One step at work: what it may use, and how it tells of itself."""

from dataclasses import dataclass, field
from typing import Protocol

from msgspec.structs import replace

from busyout.domain.errors import OperationCancelled
from busyout.domain.operation import Operation, Progress, Requests, Step, Transfer
from busyout.ports.clock import Clock
from busyout.ports.driver import Driver
from busyout.ports.store import OperationJournal
from busyout.services.agreement import Agreement
from busyout.services.alarms import Alarms
from busyout.services.configuration import Configuration
from busyout.services.context.book import Definitions
from busyout.services.events import Events
from busyout.services.inventory import Inventory
from busyout.services.provisioning import Provisioning


class Action(Protocol):
    """What a step does, and how it is taken back. Both may be called twice."""

    @property
    def label(self) -> str:
        """Words that an operator understands."""

    async def do(self, job: "Job") -> None:
        """Do it; after a crash, recognise from the job's notes what was done already."""

    async def undo(self, job: "Job") -> None:
        """Take it back, as far as it was done."""


class Job:
    """The step that is being done: its element, its notes, its progress."""

    def __init__(self, operation: Operation, number: int, journal: OperationJournal, means: "Means") -> None:
        self.operation = operation
        self._number = number
        self._journal = journal
        self._means = means

    @property
    def step(self) -> Step:
        """The step as it is journalled."""
        return self.operation.steps[self._number]

    @property
    def notes(self) -> dict[str, object]:
        """What this step wrote down so far."""
        return self.step.notes

    @property
    def element(self) -> str:
        """Name of the element."""
        return self.operation.element

    @property
    def driver(self) -> Driver:
        """What drives the element."""
        return self._means.inventory.driver(self.element)

    @property
    def clock(self) -> Clock:
        """The time."""
        return self._means.clock

    @property
    def inventory(self) -> Inventory:
        """The elements."""
        return self._means.inventory

    @property
    def configuration(self) -> Configuration:
        """The datastores."""
        return self._means.configuration

    @property
    def alarms(self) -> Alarms:
        """Where to complain."""
        return self._means.alarms

    @property
    def provisioning(self) -> Provisioning:
        """The repository, the shelf and what is known of them."""
        return self._means.provisioning

    @property
    def agreement(self) -> Agreement:
        """What the servers agree on about the mode of the context services."""
        return self._means.agreement

    @property
    def definitions(self) -> Definitions:
        """What is defined of the context of customers."""
        return self._means.definitions

    @property
    def drain_warning(self) -> float:
        """Seconds after which a drain without a deadline warns."""
        return self._means.drain_warning

    @property
    def resumed(self) -> bool:
        """Whether the step was begun before, by a server that did not finish it."""
        return bool(self.step.notes)

    @property
    def waited(self) -> float:
        """Seconds since the step was first begun, restarts of the server included."""
        return self.clock.now() - (self.step.started_at or self.clock.now())

    def note_of(self, label: str, name: str) -> object:
        """What the step of that label wrote down under that name; None when it did not."""
        return next((step.notes.get(name) for step in self.operation.steps if step.label == label), None)

    async def note(self, **notes: object) -> None:
        """Write down, durably, what is needed to recognise the effect of what comes next."""
        await self._write(replace(self.step, notes={**self.step.notes, **notes}))

    def remember(self, **notes: object) -> None:
        """Write down for later steps what need not be known after a crash in this one; durable when the step ends."""
        self.operation = with_step(self.operation, self._number, replace(self.step, notes={**self.step.notes, **notes}))

    async def keep(self, progress: Progress) -> None:
        """Keep progress in the journal, for those who look after a crash."""
        await self._write(replace(self.step, progress=progress))

    def tell(self, progress: Progress) -> None:
        """Show progress to those who read along."""
        self._show(replace(self.step, progress=progress), progress=progress)

    def tell_transfers(self, *transfers: Transfer) -> None:
        """Show to those who read along how far files are; kept in the journal when the step ends."""
        self._show(replace(self.step, transfers=transfers), transfers=transfers)

    def _show(self, step: Step, **facts: object) -> None:
        self.operation = with_step(self.operation, self._number, step)
        self._means.live[self.operation.id] = self.operation
        event = self._means.events.new(
            "operation.progress", element=self.element, operation=self.operation.id, step=step.label, **facts
        )
        self._means.events.publish((event,))

    async def pause(self, seconds: float) -> Requests:
        """Wait, then read what operators have asked meanwhile.

        Raises:
            OperationCancelled: Somebody cancelled.
        """
        await self.clock.sleep(seconds)
        requests = (await self._journal.find(self.operation.id)).requests
        self.operation = replace(self.operation, requests=requests)
        if requests.cancel:
            raise OperationCancelled
        return requests

    async def _write(self, step: Step) -> None:
        self.operation = with_step(self.operation, self._number, step)
        await self._journal.record(self.operation, ())


@dataclass(frozen=True, slots=True)
class Means:
    """What every job may use."""

    inventory: Inventory
    configuration: Configuration
    alarms: Alarms
    events: Events
    clock: Clock
    provisioning: Provisioning
    agreement: Agreement
    definitions: Definitions
    drain_warning: float
    """Seconds after which a drain without a deadline warns."""
    live: dict[str, Operation] = field(default_factory=dict)
    """Operations in progress here, newer than the journal by their progress."""


def with_step(operation: Operation, number: int, step: Step) -> Operation:
    """The operation with one step replaced."""
    steps = (*operation.steps[:number], step, *operation.steps[number + 1 :])
    return replace(operation, steps=steps)
