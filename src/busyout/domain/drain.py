"""How long work in progress is waited for, and what a drain does next: pure decisions."""

from enum import Enum
from typing import assert_never

from msgspec import Struct

from busyout.domain.traffic import Load

LINGER = 0.5
"""Seconds between quiet and the stop where the driver knows its open transactions."""

LINGER_BLIND = 2.0
"""Seconds between quiet and the stop where the driver does not know its open transactions."""

SOON = 0.1
"""Seconds between two looks when the end is near."""

USUALLY = 0.25
"""Seconds between two looks, however many calls are up: all of them may end at once, and the stop is to follow soon."""

END_PATIENCE = 8.0
"""Seconds that calls ended by us have to disappear before the drain goes on without them."""


class Immediately(Struct, frozen=True, tag="immediately"):
    """Do not wait: end the calls in progress at once."""


class Within(Struct, frozen=True, tag="within"):
    """Wait for the calls in progress to end, then drop those that are left."""

    seconds: float
    """Longest wait, in seconds, from the moment new calls are refused."""


class UntilIdle(Struct, frozen=True, tag="until_idle"):
    """Wait until every call has ended by itself, however long that takes."""


DrainPolicy = Immediately | Within | UntilIdle


class AtDeadline(Enum):
    """What happens to the calls that are left when the deadline passes."""

    FORCE = "force"
    """They are ended, with BYE to both sides."""
    ABORT = "abort"
    """The element is put back into service and the operation fails."""
    EXTEND = "extend"
    """The wait starts anew for as long again, with a warning each time."""


class DrainVerdict(Enum):
    """What a drain does next."""

    DRAINING = "draining"
    """Work is still in progress: look again later."""
    QUIET = "quiet"
    """Nothing is in progress: go on."""
    END_REMAINING = "end_remaining"
    """The deadline has passed: end what is left."""
    ABORT = "abort"
    """The deadline has passed: put the element back."""
    EXTEND = "extend"
    """The deadline has passed: wait for as long again."""


AFTER_DEADLINE = {
    AtDeadline.FORCE: DrainVerdict.END_REMAINING,
    AtDeadline.ABORT: DrainVerdict.ABORT,
    AtDeadline.EXTEND: DrainVerdict.EXTEND,
}


def deadline_after(policy: DrainPolicy, *, extended: float) -> float | None:
    """Seconds from the start of the drain to its deadline; None where it has none.

    `extended` is what operators and `AtDeadline.EXTEND` have added so far, in seconds.
    """
    match policy:
        case Immediately():
            return 0.0
        case Within(seconds=seconds):
            return seconds + extended
        case UntilIdle():
            return None
        case _:
            assert_never(policy)


def judge(
    policy: DrainPolicy, load: Load, *, waited: float, extended: float, at_deadline: AtDeadline, forced: bool
) -> DrainVerdict:
    """What a drain does next, `waited` seconds after new calls were first refused.

    `forced` says that an operator asked, while the drain was running, to end what is left.
    """
    if load.quiet:
        return DrainVerdict.QUIET
    if forced:
        return DrainVerdict.END_REMAINING
    deadline = deadline_after(policy, extended=extended)
    if deadline is None or waited < deadline:
        return DrainVerdict.DRAINING
    if isinstance(policy, Immediately):
        return DrainVerdict.END_REMAINING
    return AFTER_DEADLINE[at_deadline]


def look_again_after(load: Load, *, deadline_in: float | None = None) -> float:
    """Seconds until the load is worth another look: most often near the end.

    `deadline_in` is in seconds, None where there is no deadline; the look that finds it passed is not late.
    """
    left = load.calls + load.setups
    if left <= 5:
        return SOON
    return USUALLY if deadline_in is None else min(USUALLY, max(SOON, deadline_in))


def linger(load: Load) -> float:
    """Seconds to wait between quiet and the stop, for the retransmissions of the last answers."""
    return LINGER_BLIND if load.transactions is None else LINGER


def seconds_to_empty(history: tuple[tuple[float, int], ...]) -> float | None:
    """Estimate of the seconds until no call is left, from (seconds, calls) samples, oldest first.

    A straight line through the first and the last sample; None while the number of calls does not fall.
    """
    if len(history) < 2:
        return None
    (first_at, first), (last_at, last) = history[0], history[-1]
    if last_at <= first_at or last >= first:
        return None
    return last * (last_at - first_at) / (first - last)


def waiting_for(load: Load, *, deadline_in: float | None) -> str:
    """What a drain is waiting for, in one sentence."""
    if load.quiet:
        return "nothing: every call has ended"
    parts = [
        _counted(load.calls, "call"),
        _counted(load.setups, "call set-up"),
        _counted(load.transactions or 0, "transaction"),
    ]
    text = " and ".join(part for part in parts if part) + " to end"
    return text if deadline_in is None else f"{text}, for {max(0.0, deadline_in):.0f} s more"


def _counted(number: int, noun: str) -> str:
    if number == 0:
        return ""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
