"""Which steps each command is made of."""

from busyout.domain.commands import Command, Commit, Configure, Drain, Restart, Restore, TakeOver
from busyout.domain.engine import Capability
from busyout.domain.operation import Operation
from busyout.services.activities.admit import Admit
from busyout.services.activities.configure import ApplyTables
from busyout.services.activities.drain import DrainCalls
from busyout.services.activities.restart import RestartEngine
from busyout.services.activities.save import Save
from busyout.services.activities.take_over import TakeOverEngine
from busyout.services.job import Action

LANE = "service"
"""The lane of every command so far: one at a time on each element."""


def plan(command: Command) -> tuple[Action, ...]:
    """The steps of a command, in order."""
    match command:
        case Drain(policy=policy, at_deadline=at_deadline):
            return (DrainCalls(policy, at_deadline),)
        case Restore():
            return (Admit(),)
        case Restart(policy=policy, at_deadline=at_deadline, save=save):
            steps = (DrainCalls(policy, at_deadline), RestartEngine(), Admit(after=DrainCalls.label))
            return (Save(), *steps) if save else steps
        case Commit():
            return (Save(),)
        case Configure(tables=tables, expected=expected):
            return (ApplyTables(tables, expected),)
        case TakeOver():
            return (TakeOverEngine(),)


def moves_engine(operation: Operation) -> bool:
    """Whether the operation is just now ending and starting the engine's process, so that nobody else must."""
    current = operation.current
    return current is not None and operation.steps[current].label in (RestartEngine.label, TakeOverEngine.label)


def needs(command: Command) -> frozenset[Capability]:
    """What an element must be able to do for a command."""
    return frozenset({Capability.TAKEOVER}) if isinstance(command, TakeOver) else frozenset()
