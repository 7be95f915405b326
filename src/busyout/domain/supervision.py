"""When an engine that ended by itself is started again: pure decisions."""

from msgspec import Struct

FIRST_BACK_OFF = 0.5
"""Seconds before the second start in a row."""

LONGEST_BACK_OFF = 60.0
"""Seconds between two starts at the most."""

MOST_DOUBLINGS = 32
"""Doublings after which the wait is the longest in any case."""

FLAPPING_STARTS = 3
"""Starts within `FLAPPING_WINDOW` that raise an alarm."""

FLAPPING_WINDOW = 300.0
"""Seconds over which starts are counted."""


class Restarts(Struct, frozen=True):
    """Starts of an engine that nobody asked for, newest last."""

    at: tuple[float, ...] = ()

    def noted(self, now: float) -> "Restarts":
        """With one more start, and without those that no longer count."""
        return Restarts((*self.recent(now), now))

    def recent(self, now: float) -> tuple[float, ...]:
        """The starts that count: none from long ago, and none from a future that a clock set back has left behind."""
        return tuple(at for at in self.at if 0 <= now - at < FLAPPING_WINDOW)


def start_due_at(restarts: Restarts, *, now: float) -> float:
    """When the next start may be tried: at once the first time, then after ever longer waits."""
    recent = restarts.recent(now)
    if not recent:
        return now
    doublings = min(len(recent) - 1, MOST_DOUBLINGS)
    return recent[-1] + min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2.0**doublings)


def flapping(restarts: Restarts, *, now: float) -> bool:
    """Whether the engine ends so often that somebody must look."""
    return len(restarts.recent(now)) >= FLAPPING_STARTS
