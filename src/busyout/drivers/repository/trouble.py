"""What keeps a file from being read, before it is known for which URL."""

from busyout.domain.errors import Failure


class Unreadable(Failure):
    """A file could not be read this time."""

    def __init__(self, why: str, *, passing: bool = False, after: float = 0.0, anew: bool = False) -> None:
        super().__init__(why)
        self.passing = passing
        """Whether it is worth another try."""
        self.after = after
        """Seconds that the server asked to be left alone for."""
        self.anew = anew
        """Whether what has arrived so far is of no use."""

    def at(self, place: str) -> "Unreadable":
        """The same, met at a place that we were sent to."""
        why = f"at {place}, where it redirects to: {self.message}"
        return Unreadable(why, passing=self.passing, after=self.after, anew=self.anew)
