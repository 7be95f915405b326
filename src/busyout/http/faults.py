"""What HTTP itself has to refuse, before any service is asked. Faces map these like every other refusal."""

from typing import ClassVar

from busyout.domain.errors import BusyoutError, Refusal


class NoSuchResource(Refusal):
    """There is nothing at that address."""


class MethodNotAllowed(Refusal):
    """That method is not possible here."""

    def __init__(self, allowed: tuple[str, ...]) -> None:
        super().__init__(f"possible here: {', '.join(allowed)}")
        self.allowed = allowed
        """Methods that are, in the order of the Allow header."""


class NotAcceptable(Refusal):
    """The Accept header excludes every format this resource has."""


class UnsupportedMediaType(Refusal):
    """A body of that type is not read here."""


class MalformedRequest(Refusal):
    """The request's address, parameters or headers are not well-formed."""


class MalformedBody(Refusal):
    """The body is not what is expected here."""


class BodyIncomplete(MalformedBody):
    """The connection ended before the whole body had arrived."""


class BodyTooLarge(Refusal):
    """The body is larger than is allowed here."""


class NoRoom(Refusal):
    """Too many large bodies are coming in at once; try again later."""

    retry_after: ClassVar[float] = 5.0


class ForeignOrigin(Refusal):
    """A page of another web site may not do that."""


class ForeignHost(ForeignOrigin):
    """The request is for a host of another name, as web pages send it that had their own name resolved to us."""


class ServerFault(BusyoutError):
    """An error in the server itself; its log has the details."""

    def __init__(self, incident: str) -> None:
        super().__init__(f"an error in the server itself; its log has the details under incident {incident}")
        self.incident = incident
        """Names the entry in the log."""
