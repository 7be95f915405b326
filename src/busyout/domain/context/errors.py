"""Errors of the context services and their modes, as types."""

from typing import ClassVar

from busyout.domain.errors import Failure, Refusal
from busyout.domain.mode import Mode


class NoSuchExtension(Refusal):
    """There is no extension of that name."""


class NoSuchBusinessAttribute(Refusal):
    """There is no business attribute of that name."""


class NoSuchKey(Refusal):
    """There is no identification key of that name."""


class NoSuchCustomer(Refusal):
    """There is no customer of that id."""


class NoSuchService(Refusal):
    """There is no service of that id."""


class NoSuchState(Refusal):
    """There is no state of that id."""


class NoSuchTask(Refusal):
    """There is no task of that id."""


class NoSuchInteraction(Refusal):
    """There is no interaction of that id."""


class NoSuchRecord(Refusal):
    """There is no such record."""


class NameTaken(Refusal):
    """There is something of that name already."""


class ExtensionInUse(Refusal):
    """An identification key uses the extension."""


class DuplicateKeyValues(Refusal):
    """The unique key would be of more than one customer."""


class UniqueValueTaken(Refusal):
    """Another customer has the values of a unique key."""


class ImportRunning(Refusal):
    """Another import is being carried out; only one can be at a time."""


class NoKeyUsable(Refusal):
    """No identification key fits what was given."""


class AlreadyEnded(Refusal):
    """That has ended already."""


class ModeNotAllowed(Refusal):
    """Method not available in the present mode."""

    def __init__(self, mode: Mode) -> None:
        super().__init__(f'Method not available while the system is in "{mode.value}" mode')
        self.mode = mode
        """The mode that is in force."""


class ModeSwitching(Refusal):
    """The mode is being switched; try again shortly."""

    def __init__(self, message: str | None = None, *, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = max(1.0, retry_after)
        """Seconds until the switch is over at the latest, where that is known; at least 1."""


class GateShut(Refusal):
    """This server has lost its place among those that share the store; try again shortly."""

    retry_after: ClassVar[float] = 2.0


class NoProfileSchema(Refusal):
    """No profile schema is defined."""


class ModeKept(Failure):
    """The mode was not changed."""

    def __init__(self, message: str | None = None, *, still_running: int = 0) -> None:
        super().__init__(message)
        self.still_running = still_running
        """Requests that were still in progress when the switch was given up."""
