"""Status of each refusal and failure, and its problem document (RFC 9457)."""

import re
from collections.abc import Mapping

from busyout.domain.context.errors import (
    AlreadyEnded,
    DuplicateKeyValues,
    ExtensionInUse,
    GateShut,
    ImportRunning,
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
    ConfigurationChanged,
    DocumentExists,
    ElementBusy,
    ElementStarting,
    Failure,
    InvalidConfiguration,
    InvalidValue,
    KeyReused,
    NoSuchCall,
    NoSuchDevice,
    NoSuchElement,
    NoSuchMonitor,
    NoSuchOperation,
    NoSuchPackage,
    NoSuchParameter,
    NoSuchPlugin,
    NoSuchProfile,
    NoSuchTrunk,
    NotAuthenticated,
    NotDeletable,
    NotPermitted,
    NotSupported,
    OperationSettled,
    OperationUnsettled,
    Refusal,
    StoreUnavailable,
    TooManyAttempts,
    TooManyStreams,
    TransitionRefused,
)
from busyout.http import (
    BodyTooLarge,
    ForeignOrigin,
    MalformedRequest,
    MethodNotAllowed,
    NoRoom,
    NoSuchResource,
    NotAcceptable,
    ServerFault,
    encoded,
)
from busyout.wire import native

PROBLEM_JSON = "application/problem+json"


class NotApplied(Failure):
    """The configuration could not be put into effect; the one before is in effect again."""


STATUSES: Mapping[type[BusyoutError], int] = {
    Refusal: 400,
    NotAuthenticated: 401,
    NotPermitted: 403,
    ForeignOrigin: 403,
    NoSuchResource: 404,
    NoSuchElement: 404,
    NoSuchOperation: 404,
    NoSuchCall: 404,
    NoSuchTrunk: 404,
    NoSuchPlugin: 404,
    NoSuchPackage: 404,
    NoSuchParameter: 404,
    NoSuchMonitor: 404,
    NoSuchDevice: 404,
    NoSuchProfile: 404,
    NoProfileSchema: 404,
    NoSuchExtension: 404,
    NoSuchBusinessAttribute: 404,
    NoSuchKey: 404,
    NoSuchCustomer: 404,
    NoSuchService: 404,
    NoSuchState: 404,
    NoSuchTask: 404,
    NoSuchInteraction: 404,
    NoSuchRecord: 404,
    MethodNotAllowed: 405,
    NotAcceptable: 406,
    TransitionRefused: 409,
    ElementBusy: 409,
    OperationSettled: 409,
    OperationUnsettled: 409,
    NotSupported: 409,
    NotDeletable: 409,
    DocumentExists: 409,
    NameTaken: 409,
    ExtensionInUse: 409,
    DuplicateKeyValues: 409,
    UniqueValueTaken: 409,
    ImportRunning: 409,
    AlreadyEnded: 409,
    NotApplied: 409,
    ConfigurationChanged: 412,
    BodyTooLarge: 413,
    InvalidValue: 422,
    NoKeyUsable: 422,
    InvalidConfiguration: 422,
    KeyReused: 422,
    TooManyAttempts: 429,
    TooManyStreams: 429,
    ServerFault: 500,
    ElementStarting: 503,
    ModeNotAllowed: 503,
    ModeSwitching: 503,
    GateShut: 503,
    NoRoom: 503,
    StoreUnavailable: 503,
    Failure: 503,
}


def worded(status: int, error: BusyoutError) -> bytes:
    """The problem document of an error."""
    return encoded(problem(status, error))


def problem(status: int, error: BusyoutError) -> native.Problem:
    """What went wrong: the kind from the error's type, the case from its message."""
    title = (type(error).__doc__ or "").strip().splitlines()[0]
    return native.Problem(
        type=f"urn:busyout:problem:{name_of(type(error))}",
        title=title,
        status=status,
        detail="" if error.message == title else error.message,
        holder=(error.holder or "") if isinstance(error, ElementBusy) else "",
        findings=error.findings if isinstance(error, InvalidConfiguration) else (),
        incident=error.incident if isinstance(error, ServerFault) else "",
    )


def name_of(error: type[BusyoutError]) -> str:
    """An error's name in a problem document: `element-busy`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", error.__name__).lower()


OF_STORE = (StoreUnavailable,)
"""What everything that reads the store may meet."""

OF_EVENTS = (TooManyStreams, *OF_STORE)

OF_ELEMENT = (NoSuchElement, Failure)
"""What everything about one element may meet."""

OF_INTERACTIONS = (
    InvalidValue,
    NameTaken,
    NoSuchCustomer,
    NoSuchService,
    ModeNotAllowed,
    ModeSwitching,
    GateShut,
    *OF_STORE,
)

OF_CALLS = (*OF_ELEMENT, NoSuchCall, NotSupported)

OF_TRUNKS = (*OF_ELEMENT, NoSuchTrunk, NotSupported)

OF_OPERATION = (NoSuchOperation, *OF_STORE)

OF_REQUESTS = (*OF_OPERATION, OperationSettled, InvalidValue)
"""What is refused of those who influence an operation."""

OF_COMMANDS = (*OF_ELEMENT, ElementBusy, NotSupported, InvalidValue, InvalidConfiguration, ConfigurationChanged)

OF_RETRY = (*OF_COMMANDS, *OF_OPERATION, OperationUnsettled)

OF_CONFIGURATION = (*OF_COMMANDS, NotApplied, MalformedRequest)

OF_ROSTER = (InvalidValue, InvalidConfiguration, *OF_STORE)
