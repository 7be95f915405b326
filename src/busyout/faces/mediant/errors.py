"""Status of each refusal (section 11 of the document), and the one form that every error body has."""

from collections.abc import Mapping

from busyout.domain.errors import (
    BusyoutError,
    ConfigurationChanged,
    ElementBusy,
    ElementStarting,
    Failure,
    KeyReused,
    NoSuchElement,
    NotAuthenticated,
    NotPermitted,
    NotSupported,
    OperationSettled,
    OperationUnsettled,
    Refusal,
    StoreUnavailable,
    TransitionRefused,
)
from busyout.http import ForeignOrigin, MethodNotAllowed, NoRoom, NoSuchResource, NotAcceptable, ServerFault, encoded
from busyout.wire.mediant import messages


class NotSaved(Failure):
    """The configuration could not be saved."""


STATUSES: Mapping[type[BusyoutError], int] = {
    Refusal: 400,
    NotAuthenticated: 401,
    NotPermitted: 403,
    ForeignOrigin: 403,
    NoSuchResource: 404,
    MethodNotAllowed: 405,
    NotAcceptable: 406,
    TransitionRefused: 409,
    ElementBusy: 409,
    ConfigurationChanged: 409,
    KeyReused: 409,
    NotSupported: 409,
    OperationSettled: 409,
    OperationUnsettled: 409,
    NotSaved: 409,
    ServerFault: 500,
    NoSuchElement: 503,
    ElementStarting: 503,
    NoRoom: 503,
    StoreUnavailable: 503,
    Failure: 503,
}
"""Too many attempts are a 401 like every wrong password: the document has no other status for them.

503 is not in its list: a real device refuses connections while it starts, which a shared listener cannot do."""


def worded(_status: int, error: BusyoutError) -> bytes:
    """`{"description": …}`; what is in the way is said as in the document's own example of a conflict."""
    if isinstance(error, ElementBusy):
        return encoded(messages.Description(f"Device is currently performing {_holder(error)}"))
    return encoded(messages.Description(error.message))


def _holder(error: ElementBusy) -> str:
    return "another action" if error.holder is None else f"another action (operation {error.holder})"
