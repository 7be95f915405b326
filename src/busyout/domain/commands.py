"""What can be asked of an element, as values tagged by `type`."""

from msgspec import Struct

from busyout.domain.configuration.tables import Tables, digest
from busyout.domain.drain import AtDeadline, DrainPolicy, UntilIdle


class Drain(Struct, frozen=True, tag="drain", forbid_unknown_fields=True):
    """Take the element out of service without cutting a call."""

    policy: DrainPolicy = UntilIdle()
    at_deadline: AtDeadline = AtDeadline.FORCE


class Restore(Struct, frozen=True, tag="restore", forbid_unknown_fields=True):
    """Put the element back into service."""


class Restart(Struct, frozen=True, tag="restart", forbid_unknown_fields=True):
    """Drain the element, restart its engine, and put it back into service."""

    policy: DrainPolicy = UntilIdle()
    at_deadline: AtDeadline = AtDeadline.FORCE
    save: bool = True
    """Whether the running configuration is saved first; otherwise its unsaved changes are lost."""


class Commit(Struct, frozen=True, tag="commit", forbid_unknown_fields=True):
    """Save the running configuration, so that it is in effect after the next start."""


class Configure(Struct, frozen=True, tag="configure", forbid_unknown_fields=True):
    """Replace the running configuration, live."""

    tables: Tables
    expected: str | None = None
    """Digest that the running configuration must have; None to replace whatever is there."""


class TakeOver(Struct, frozen=True, tag="take_over", forbid_unknown_fields=True):
    """Replace the engine's process by a new one that keeps the calls and the counts."""


def in_short(command: "Command") -> object:
    """What the audit trail keeps of a command: all of it, but of tables their digest."""
    if isinstance(command, Configure):
        return {"type": "configure", "digest": digest(command.tables), "expected": command.expected}
    return command


Command = Drain | Restore | Restart | Commit | Configure | TakeOver
