"""Status of each refusal and failure as provd's clients know them; one line of text, or a problem document."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from busyout.domain.errors import (
    BusyoutError,
    ElementBusy,
    Failure,
    NoSuchDevice,
    NoSuchElement,
    NoSuchMonitor,
    NoSuchOperation,
    NoSuchParameter,
    NoSuchProfile,
    NotAuthenticated,
    NotDeletable,
    NotPermitted,
    Refusal,
    StoreUnavailable,
)
from busyout.http import (
    BodyTooLarge,
    ForeignOrigin,
    MalformedBody,
    MethodNotAllowed,
    NoRoom,
    NoSuchResource,
    NotAcceptable,
    ServerFault,
    UnsupportedMediaType,
)
from busyout.wire.provd import messages
from busyout.wire.provd.media import PROVD

__all__ = [
    "STATUSES",
    "ElementBusy",
    "InProgress",
    "NotFinished",
    "problem",
    "unknown_device_is_a_wrong_value",
    "while_in_progress",
    "worded",
]


class InProgress(Refusal):
    """An operation for that is already in progress."""


class NotFinished(Failure):
    """What was asked for could not be done, or is not done yet."""


STATUSES: Final[Mapping[type[BusyoutError], int]] = {
    Refusal: 400,
    NotAuthenticated: 401,
    NotPermitted: 403,
    ForeignOrigin: 403,
    NotDeletable: 403,
    NoSuchResource: 404,
    NoSuchParameter: 404,
    NoSuchMonitor: 404,
    NoSuchOperation: 404,
    NoSuchDevice: 404,
    NoSuchProfile: 404,
    MethodNotAllowed: 405,
    NotAcceptable: 406,
    BodyTooLarge: 413,
    UnsupportedMediaType: 415,
    ServerFault: 500,
    NoSuchElement: 503,
    NoRoom: 503,
    StoreUnavailable: 503,
    Failure: 503,
}
"""Wire notes, 1.2, 1.5 and section 7: unknown plug-ins, double and unfitting ones are 400; who guesses gets a 401."""

TEXTS: Final[Mapping[type[BusyoutError], str]] = {
    NotAcceptable: f'You must accept the "{PROVD}" MIME type.',
    UnsupportedMediaType: f'Entity must be in media type "{PROVD}".',
    NoSuchResource: "No such resource",
    NoSuchParameter: "No such resource",
    NoSuchMonitor: "No such resource",
    NoSuchDevice: "No such resource",
    NoSuchProfile: "No such resource",
    NotAuthenticated: "Unauthorized",
}
"""Texts that clients know (wire notes, 1.2)."""


def worded(_status: int, error: BusyoutError) -> bytes:
    """One line of ASCII."""
    text = next((TEXTS[kind] for kind in type(error).__mro__ if kind in TEXTS), error.message)
    return " ".join(text.split()).encode("ascii", "backslashreplace")


def problem(status: int, error: BusyoutError) -> bytes:
    """For those who ask for it: the kind of error, and its text."""
    name = re.sub(r"(?<!^)(?=[A-Z])", "-", type(error).__name__).lower()
    title = (type(error).__doc__ or "").strip().splitlines()[0]
    told = messages.Problem(f"urn:busyout:problem:{name}", title, status, error.message)
    return messages.encoded(told)


def malformed(text: str) -> MalformedBody:
    """The refusal of a body that has not the shape that is expected."""
    return MalformedBody(text)


@contextmanager
def while_in_progress(text: str) -> Iterator[None]:
    """Word it in that way when something else is being done already.

    Raises:
        InProgress: It is.
    """
    try:
        yield
    except ElementBusy as error:
        raise InProgress(text) from error


@contextmanager
def unknown_device_is_a_wrong_value() -> Iterator[None]:
    """Refuse the body, not the address, when it is the body that names a device that there is not.

    Raises:
        MalformedBody: There is none of that id.
    """
    try:
        yield
    except NoSuchDevice as error:
        raise MalformedBody(error.message) from error
