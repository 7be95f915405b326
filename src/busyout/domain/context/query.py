"""What is asked of services, states and tasks: which of them, and how much of each is told."""

from enum import Enum

from msgspec import Struct


class Which(Enum):
    """All of them, or by whether they have ended."""

    ALL = "all"
    ACTIVE = "active"
    COMPLETED = "completed"


class Views(Struct, frozen=True):
    """What is told beside a service, a state or a task itself."""

    active_states: bool = False
    completed_states: bool = False
    active_tasks: bool = False
    completed_tasks: bool = False
    extensions: tuple[str, ...] = ()
    """Names of extensions."""


class ServiceQuery(Struct, frozen=True):
    """Which services of somebody."""

    which: Which = Which.ALL
    types: tuple[str, ...] = ()
    """By database id or name; empty for every type."""
    started_from: float | None = None
    """Seconds since the epoch, on or after which they started; None for no bound."""
    started_to: float | None = None
    """Seconds since the epoch, strictly before which they started; None for no bound."""
    views: Views = Views()


class StateQuery(Struct, frozen=True):
    """Which states of a service."""

    which: Which = Which.ALL
    types: tuple[str, ...] = ()
    views: Views = Views()


class TaskQuery(Struct, frozen=True):
    """Which tasks of a service."""

    which: Which = Which.ALL
    types: tuple[str, ...] = ()
    state: int | None = None
    """Only those of that state; None for those of every state and of none."""
    extensions: tuple[str, ...] = ()
