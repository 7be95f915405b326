"""How a refusal becomes an answer: one look-up in the face's table, and the headers that HTTP asks for."""

from collections.abc import Iterator
from typing import Final

from busyout.domain.context.errors import GateShut, ModeSwitching
from busyout.domain.errors import BusyoutError, ElementStarting, StoreUnavailable, TooManyAttempts, TooManyStreams
from busyout.http.faults import MethodNotAllowed, NoRoom
from busyout.http.route import Face, Reply, status_of

STORE_RETRY_AFTER: Final = 5
"""Seconds told to a client while the store does not answer."""


def refusal(face: Face, error: BusyoutError, accept: str | None) -> Reply:
    """A refusal in the face's own words, in the form that is asked for."""
    status, other = status_of(face.statuses, type(error)), face.manners.wording
    headers = tuple(_headers(face, status, error))
    if other is not None and other.wanted(accept):
        return Reply(status, other.worded(status, error), other.media_type, headers)
    return Reply(status, face.worded(status, error), face.error_type, headers)


def _headers(face: Face, status: int, error: BusyoutError) -> Iterator[tuple[str, str]]:
    if status == 401 and face.manners.challenge is not None:
        yield "WWW-Authenticate", face.manners.challenge
    match error:
        case MethodNotAllowed():
            yield "Allow", ", ".join(error.allowed)
        case TooManyAttempts() | TooManyStreams() | ElementStarting() | ModeSwitching() | GateShut() | NoRoom():
            yield "Retry-After", str(max(1, round(error.retry_after)))
        case StoreUnavailable():
            yield "Retry-After", str(STORE_RETRY_AFTER)
