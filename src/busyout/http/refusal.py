"""How a refusal becomes an answer: one look-up in the face's table, and the headers that HTTP asks for."""

from falcon.asgi import Response

from busyout.domain.errors import BusyoutError, ElementStarting, StoreUnavailable, TooManyAttempts
from busyout.http.faults import MethodNotAllowed
from busyout.http.route import Face, status_of

CHALLENGE = 'Basic realm="Busyout"'

STORE_RETRY_AFTER = 5
"""Seconds told to a client while the store does not answer."""


def refuse(face: Face, error: BusyoutError, response: Response) -> None:
    """Answer with a refusal in the face's own words."""
    status = status_of(face.statuses, type(error))
    response.status = status
    response.data = face.worded(status, error)
    response.content_type = face.error_type
    if status == 401:
        response.set_header("WWW-Authenticate", CHALLENGE)
    if isinstance(error, MethodNotAllowed):
        response.set_header("Allow", ", ".join(error.allowed))
    if (seconds := _retry_after(error)) is not None:
        response.set_header("Retry-After", str(seconds))
    secure(response)


def secure(response: Response) -> None:
    """Tell browsers not to guess the type of an answer and nobody to keep it."""
    response.set_header("X-Content-Type-Options", "nosniff")
    response.set_header("Cache-Control", "no-store")


def _retry_after(error: BusyoutError) -> int | None:
    match error:
        case TooManyAttempts() | ElementStarting():
            return max(1, round(error.retry_after))
        case StoreUnavailable():
            return STORE_RETRY_AFTER
        case _:
            return None
