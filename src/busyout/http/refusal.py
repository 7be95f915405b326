"""How a refusal becomes an answer: one look-up in the face's table, and the headers that HTTP asks for."""

from collections.abc import Iterator
from typing import Final

from busyout.domain.errors import BusyoutError, ElementStarting, StoreUnavailable, TooManyAttempts
from busyout.http.faults import MethodNotAllowed
from busyout.http.route import Face, Reply, status_of

CHALLENGE: Final = 'Basic realm="Busyout"'

STORE_RETRY_AFTER: Final = 5
"""Seconds told to a client while the store does not answer."""


def refusal(face: Face, error: BusyoutError) -> Reply:
    """A refusal in the face's own words."""
    status = status_of(face.statuses, type(error))
    return Reply(status, face.worded(status, error), face.error_type, tuple(_headers(status, error)))


def _headers(status: int, error: BusyoutError) -> Iterator[tuple[str, str]]:
    if status == 401:
        yield "WWW-Authenticate", CHALLENGE
    match error:
        case MethodNotAllowed():
            yield "Allow", ", ".join(error.allowed)
        case TooManyAttempts() | ElementStarting():
            yield "Retry-After", str(max(1, round(error.retry_after)))
        case StoreUnavailable():
            yield "Retry-After", str(STORE_RETRY_AFTER)
