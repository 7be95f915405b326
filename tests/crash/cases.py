"""Each step of each activity, with the moments at which the server is killed in it and what must come of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from tests.crash import moments
from tests.crash.moments import Scene
from tests.live.api import Json

DRAIN: Final = "drain the calls"
SAVE: Final = "save the configuration"
RESTART: Final = "restart the engine"
ADMIT: Final = "admit calls"
APPLY: Final = "apply the configuration"
HAND_OVER: Final = "hand over to a new process"

RULE: Final[Json] = {"index": 0, "plan": "short", "prefix": "9", "tag": "mobile"}
"""The row of the dial plan that makes the running configuration another one than the startup one."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What an operation does, each exactly once however often the server dies."""

    starts: int = 0
    """Engine processes that were started and carried calls."""
    running: int = 0
    """Replacements of the running configuration."""
    startup: int = 0
    """Replacements of the startup configuration."""
    administrative: str = "unlocked"
    unsaved: bool = False
    """Whether running and startup differ in the end."""


@dataclass(frozen=True, slots=True)
class Activity:
    """A command, what precedes it, and what must come of it."""

    command: Json
    effects: Effects
    before: tuple[Json, ...] = ()
    """Commands that are done first."""
    call: bool = False
    """Whether a call is up throughout, and must not be cut."""
    changed: bool = False
    """Whether the running configuration has the row that the startup one lacks at the beginning."""


ACTIVITIES: Final = {
    "drain": Activity({"type": "drain"}, Effects(administrative="locked"), call=True),
    "restart": Activity({"type": "restart"}, Effects(starts=1, startup=1), changed=True),
    "restart with a call": Activity({"type": "restart"}, Effects(starts=1, startup=1), changed=True, call=True),
    "restart unsaved": Activity({"type": "restart", "save": False}, Effects(starts=1, running=1), changed=True),
    "restore": Activity({"type": "restore"}, Effects(), before=({"type": "drain"},)),
    "commit": Activity({"type": "commit"}, Effects(startup=1), changed=True, call=True),
    "configure": Activity({"type": "configure"}, Effects(running=1, unsaved=True), call=True),
    "take over": Activity({"type": "take_over"}, Effects(starts=1), call=True),
}

Moment = Callable[[Scene], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Case:
    """One death of the server."""

    activity: str
    step: str
    moment: Moment
    frozen: bool = field(default=False)
    """Whether the engine is frozen before the command, so that the step stays in its middle."""

    def __str__(self) -> str:
        return f"{self.activity}-{self.step}-{self.moment.__name__}".replace(" ", "_")


FIRST: Final = Case("restart", SAVE, moments.begin)
LAST: Final = Case("restart", ADMIT, moments.begin)

SHORT: Final = (
    FIRST,
    Case("restart with a call", DRAIN, moments.waiting),
    Case("restart", RESTART, moments.starting),
    LAST,
    Case("restart unsaved", RESTART, moments.begin),
    Case("drain", DRAIN, moments.waiting),
    Case("restore", ADMIT, moments.asking, frozen=True),
    Case("commit", SAVE, moments.begin),
    Case("configure", APPLY, moments.asking, frozen=True),
    Case("take over", HAND_OVER, moments.handing_over),
)
"""Each step once, where it is held in its middle if it can be."""

ALL: Final = (
    *SHORT,
    Case("restart", SAVE, moments.done),
    Case("restart", DRAIN, moments.begin),
    Case("restart", DRAIN, moments.done),
    Case("restart", RESTART, moments.begin),
    Case("restart", RESTART, moments.stopping),
    Case("restart", RESTART, moments.done),
    Case("restart unsaved", DRAIN, moments.begin),
    Case("restart unsaved", RESTART, moments.stopping),
    Case("restart unsaved", RESTART, moments.starting),
    Case("restart unsaved", ADMIT, moments.begin),
    Case("drain", DRAIN, moments.begin),
    Case("drain", DRAIN, moments.done),
    Case("restore", ADMIT, moments.begin),
    Case("restore", ADMIT, moments.done),
    Case("commit", SAVE, moments.done),
    Case("configure", APPLY, moments.begin),
    Case("configure", APPLY, moments.done),
    Case("take over", HAND_OVER, moments.begin),
    Case("take over", HAND_OVER, moments.done),
)
