"""The states of a managed element, as ITU-T X.731 defines them, and the table machinery every state shares."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

from busyout.domain.errors import TransitionRefused

S = TypeVar("S", bound=Enum)
E = TypeVar("E", bound=Enum)


class AdministrativeState(Enum):
    """Whether the element may be used, as the operators have decided (X.731, 8.1.1.3)."""

    UNLOCKED = "unlocked"
    SHUTTING_DOWN = "shutting_down"
    LOCKED = "locked"


class AdministrativeEvent(Enum):
    """What changes an administrative state (X.731, table 3)."""

    UNLOCK = "unlock"
    SHUT_DOWN = "shut_down"
    LAST_USER_QUIT = "last_user_quit"
    LOCK = "lock"


class OperationalState(Enum):
    """Whether the element works at all (X.731, 8.1.1.1)."""

    ENABLED = "enabled"
    DISABLED = "disabled"


class UsageState(Enum):
    """How much of the element is in use (X.731, 8.1.1.2)."""

    IDLE = "idle"
    ACTIVE = "active"
    BUSY = "busy"


ADMINISTRATIVE_TRANSITIONS: Mapping[tuple[AdministrativeState, AdministrativeEvent], AdministrativeState] = {
    (AdministrativeState.UNLOCKED, AdministrativeEvent.SHUT_DOWN): AdministrativeState.SHUTTING_DOWN,
    (AdministrativeState.UNLOCKED, AdministrativeEvent.LOCK): AdministrativeState.LOCKED,
    (AdministrativeState.SHUTTING_DOWN, AdministrativeEvent.LAST_USER_QUIT): AdministrativeState.LOCKED,
    (AdministrativeState.SHUTTING_DOWN, AdministrativeEvent.LOCK): AdministrativeState.LOCKED,
    (AdministrativeState.SHUTTING_DOWN, AdministrativeEvent.UNLOCK): AdministrativeState.UNLOCKED,
    (AdministrativeState.LOCKED, AdministrativeEvent.UNLOCK): AdministrativeState.UNLOCKED,
}


def move(table: Mapping[tuple[S, E], S], state: S, event: E) -> S:
    """The state that follows `event` in `state`.

    Raises:
        TransitionRefused: The table has no such transition.
    """
    try:
        return table[state, event]
    except KeyError:
        raise TransitionRefused(f"{event.value} is not possible while {state.value}") from None
