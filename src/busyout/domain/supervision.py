"""When an engine that ended by itself is started again: pure decisions."""

from msgspec import Struct

FIRST_BACK_OFF = 0.5
"""Seconds before the second start in a row."""

LONGEST_BACK_OFF = 60.0
"""Seconds between two starts at the most."""

FLAPPING_STARTS = 3
"""Starts within `FLAPPING_WINDOW` that raise an alarm."""

FLAPPING_WINDOW = 300.0
"""Seconds over which starts are counted."""


class Restarts(Struct, frozen=True):
    """Starts of an engine that nobody asked for, newest last."""

    at: tuple[float, ...] = ()

    def noted(self, now: float) -> "Restarts":
        """With one more start, and without those that no longer count."""
        return Restarts((*(at for at in self.at if now - at < FLAPPING_WINDOW), now))


def start_due_at(restarts: Restarts, *, now: float) -> float:
    """When the next start may be tried: at once the first time, then after ever longer waits."""
    recent = [at for at in restarts.at if now - at < FLAPPING_WINDOW]
    if not recent:
        return now
    return recent[-1] + min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2.0 ** (len(recent) - 1))


def flapping(restarts: Restarts, *, now: float) -> bool:
    """Whether the engine ends so often that somebody must look."""
    return sum(1 for at in restarts.at if now - at < FLAPPING_WINDOW) >= FLAPPING_STARTS
