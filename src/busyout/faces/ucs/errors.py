"""Status and name of each refusal and failure, in the one form that the documents show (8.5, page "Welcome")."""

from collections.abc import Mapping
from typing import Final

from busyout.domain.context.errors import (
    AlreadyEnded,
    DuplicateKeyValues,
    ExtensionInUse,
    GateShut,
    ImportRunning,
    ModeKept,
    ModeNotAllowed,
    ModeSwitching,
    NameTaken,
    NoKeyUsable,
    NoProfileSchema,
    NoSuchBusinessAttribute,
    NoSuchCustomer,
    NoSuchExtension,
    NoSuchInteraction,
    NoSuchKey,
    NoSuchRecord,
    NoSuchService,
    NoSuchState,
    NoSuchTask,
    UniqueValueTaken,
)
from busyout.domain.errors import (
    BusyoutError,
    ElementBusy,
    Failure,
    InvalidValue,
    NoSuchElement,
    NotAuthenticated,
    NotPermitted,
    Refusal,
    StoreUnavailable,
)
from busyout.http import (
    BodyTooLarge,
    ForeignOrigin,
    MalformedBody,
    MalformedRequest,
    MethodNotAllowed,
    NoRoom,
    NoSuchResource,
    ServerFault,
    UnsupportedMediaType,
)
from busyout.wire.ucs.messages import Problem, encoded

STATUSES: Final[Mapping[type[BusyoutError], int]] = {
    Refusal: 400,
    InvalidValue: 400,
    MalformedBody: 400,
    MalformedRequest: 400,
    NoKeyUsable: 400,
    NotAuthenticated: 401,
    NotPermitted: 403,
    ForeignOrigin: 403,
    NameTaken: 403,
    ExtensionInUse: 403,
    DuplicateKeyValues: 403,
    UniqueValueTaken: 403,
    AlreadyEnded: 403,
    NoSuchResource: 404,
    NoSuchExtension: 404,
    NoSuchBusinessAttribute: 404,
    NoSuchKey: 404,
    NoSuchCustomer: 404,
    NoSuchRecord: 404,
    NoSuchService: 404,
    NoSuchState: 404,
    NoSuchTask: 404,
    NoSuchInteraction: 404,
    NoProfileSchema: 404,
    MethodNotAllowed: 405,
    BodyTooLarge: 413,
    UnsupportedMediaType: 415,
    ServerFault: 500,
    ModeNotAllowed: 503,
    ModeSwitching: 503,
    ModeKept: 503,
    GateShut: 503,
    ImportRunning: 503,
    ElementBusy: 503,
    NoSuchElement: 503,
    NoRoom: 503,
    StoreUnavailable: 503,
    Failure: 503,
}
"""Wire notes, 2.4 and 5.5: 403 is the documents' status for what the state of the server forbids; they have no 409."""

NAMES: Final[Mapping[int, str]] = {
    400: "InvalidParameter",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    413: "RequestTooLarge",
    415: "UnsupportedMediaType",
    500: "InternalError",
    503: "Unavailable",
}
"""Names by status, where the kind of error has none of its own below."""

OWN: Final = (ModeNotAllowed, ModeSwitching, ModeKept, NoProfileSchema)
"""Errors that clients may want to tell apart: they are named like their types."""


def worded(status: int, error: BusyoutError) -> bytes:
    """Message and name."""
    name = type(error).__name__ if isinstance(error, OWN) else NAMES.get(status, "Refused")
    return encoded(Problem(error.message, name))
