"""How long a fetch waits for what."""

from dataclasses import dataclass

from busyout.drivers.repository.trouble import Unreadable


@dataclass(frozen=True, slots=True)
class Patience:
    """Limits in seconds."""

    connect: float = 10.0
    """For a name to be resolved, and again for a connection."""
    answer: float = 30.0
    """From the beginning of a connection to the whole head of the answer."""
    silence: float = 15.0
    """Between two pieces of a file."""
    grace: float = 60.0
    """How long a transfer may be as slow as it likes."""
    least_rate: float = 4096.0
    """Bytes a second that a transfer must have kept up when its grace is over."""
    pauses: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0)
    """Before the second try, the third, and so on."""
    longest_pause: float = 60.0
    """The most that a server can ask for."""

    def judge_pace(self, received: int, seconds: float) -> None:
        """Let a transfer go on that has brought so much in so many seconds.

        Raises:
            Unreadable: It is too slow ever to end.
        """
        if seconds > self.grace and received < (seconds - self.grace) * self.least_rate:
            raise Unreadable(
                f"after {seconds:.0f} s it brings less than {self.least_rate:g} bytes a second", passing=True
            )
