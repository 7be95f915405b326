"""What a request passes on its way in: checked before its body is read, counted while it is worked on."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from busyout.domain.mode import Mode, RequestClass
from busyout.services.gate import Gate


class Entrance(Protocol):
    """A way in that may be closed."""

    def check(self) -> None:
        """Raise a refusal where the request may not come in; counts nothing."""

    def enter(self) -> AbstractContextManager[None]:
        """Check once more and count, in one act; uncounted on the way out."""


@dataclass(frozen=True, slots=True)
class Through:
    """The way through the gate of the context services, for requests of one class."""

    gate: Gate
    kind: RequestClass

    def check(self) -> None:
        """Raise a refusal where requests of that class are not served now."""
        self.gate.check(self.kind)

    def enter(self) -> AbstractContextManager[None]:
        """Be counted among the requests in progress."""
        return self.gate.enter(self.kind)


@dataclass(frozen=True, slots=True)
class InEitherMode:
    """The way through the same gate for changes of schemas that the settings let in in production too.

    They count as what the mode in force is for, so that a switch waits for them.
    """

    gate: Gate

    def check(self) -> None:
        """Raise a refusal where nobody is let in now."""
        self.gate.check(self._kind())

    def enter(self) -> AbstractContextManager[None]:
        """Be counted among the requests in progress."""
        return self.gate.enter(self._kind())

    def _kind(self) -> RequestClass:
        return RequestClass.DATA if self.gate.mode is Mode.PRODUCTION else RequestClass.SCHEMA
