"""Errors as types. A refusal changed nothing; a failure may have changed something.

The docstring of a refusal is its default message; each face maps refusals to its own answers in one table.
"""

from typing import ClassVar


class BusyoutError(Exception):
    """Something went wrong."""

    def __init__(self, message: str | None = None) -> None:
        text = message or (type(self).__doc__ or "").strip().splitlines()[0]
        super().__init__(text)
        self.message = text


class Refusal(BusyoutError):
    """The request was refused; nothing was changed."""


class TransitionRefused(Refusal):
    """That is not possible in the present state."""


class ElementBusy(Refusal):
    """Another operation holds the element."""

    def __init__(self, message: str | None = None, *, holder: str | None = None) -> None:
        super().__init__(message)
        self.holder = holder
        """Id of the operation that holds the element; None when it settled while we were looking."""


class NoSuchElement(Refusal):
    """There is no element of that name."""


class NoSuchOperation(Refusal):
    """There is no operation of that id."""


class NoSuchCall(Refusal):
    """There is no such call."""


class NoSuchTrunk(Refusal):
    """There is no such trunk."""


class OperationSettled(Refusal):
    """The operation has already settled."""


class OperationUnsettled(Refusal):
    """The operation has not settled yet."""


class NotPermitted(Refusal):
    """Your privilege level does not permit that."""


class NotAuthenticated(Refusal):
    """Valid credentials are required."""


class TooManyAttempts(NotAuthenticated):
    """Too many failed attempts; try again later."""

    def __init__(self, message: str | None = None, *, retry_after: float = 60.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds until the next attempt is looked at."""


class TooManyStreams(Refusal):
    """Too many streams of events are open; close one, or try again later."""

    def __init__(self, message: str | None = None, *, retry_after: float = 15.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds until another attempt makes sense."""


class KeyReused(Refusal):
    """That Idempotency-Key was used before for a different request."""


class ConfigurationChanged(Refusal):
    """The configuration was changed by somebody else meanwhile."""


class InvalidValue(Refusal):
    """A value is not acceptable."""


class InvalidConfiguration(Refusal):
    """The configuration is not acceptable."""

    def __init__(self, findings: tuple[str, ...]) -> None:
        super().__init__("; ".join(findings) or None)
        self.findings = findings
        """One sentence for each thing that is wrong."""


class NotSupported(Refusal):
    """The element cannot do that."""


class ElementStarting(Refusal):
    """The element is starting; try again shortly."""

    retry_after: ClassVar[float] = 2.0


class NoSuchPlugin(Refusal):
    """There is no plug-in of that id."""


class NoSuchPackage(Refusal):
    """There is no package of that id."""


class NoSuchParameter(Refusal):
    """There is no parameter of that id."""


class NoSuchMonitor(Refusal):
    """There is no operation of that number here."""


class NoSuchDevice(Refusal):
    """There is no device of that id."""


class NoSuchProfile(Refusal):
    """There is no config of that id."""


class NotDeletable(Refusal):
    """The document says of itself that it is not deletable."""


class DocumentExists(Refusal):
    """There is a document of that id already."""


class Failure(BusyoutError):
    """Something failed on the way; the element may have been changed."""


class ElementUnreachable(Failure):
    """The element does not answer."""


class EngineRefused(Failure):
    """The element refused a command."""


class EngineGone(ElementUnreachable):
    """The element's process is gone."""


class PartlyEnded(Failure):
    """Not every call could be ended."""

    def __init__(self, ended: int, failed: int) -> None:
        super().__init__(f"{ended} calls were ended, {failed} could not be")
        self.ended = ended
        self.failed = failed


class StopTimeout(Failure):
    """The element's process did not end in time."""


class DeadlinePassed(Failure):
    """The deadline passed with calls still in progress."""


class OperationCancelled(Failure):
    """The operation was cancelled."""


class OperationFailed(Failure):
    """The operation did not succeed."""


class OutcomeUnknown(Failure):
    """The server was interrupted, and the element does not tell whether the step had its effect."""


class StoreUnavailable(Failure):
    """The store does not answer."""


class SealBroken(Failure):
    """A sealed value does not open."""


class TokenServiceUnavailable(Failure):
    """The token service does not answer."""


class RepositoryUnreachable(Failure):
    """A file could not be fetched."""


class NotTrusted(Failure):
    """A file is not what its digest or its signature says."""


class UnsafeArchive(Failure):
    """An archive would leave its directory, follow a link, or exceed a bound."""


class InvalidRecipe(Failure):
    """The package files of a plug-in cannot be read."""


class FilterFailed(Failure):
    """A filter of a package's recipe failed."""


class NotStored(Failure):
    """A file could not be written."""
