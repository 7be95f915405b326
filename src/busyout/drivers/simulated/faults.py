"""What can go wrong with a simulated engine, when somebody asks for it."""

from dataclasses import dataclass
from enum import Enum

METHODS = frozenset(
    {
        "start",
        "info",
        "stop",
        "take_over",
        "admit",
        "load",
        "calls",
        "end",
        "counters",
        "apply",
        "trunks",
        "set_trunk",
        "events",
    }
)
"""What a fault can be limited to: the methods of the driver port that ask the engine."""


class Fault(Enum):
    """One way to go wrong."""

    REFUSES = "refuses"
    """Answers with an error and changes nothing; a stop is survived, a start finds the tables wrong."""
    HANGS = "hangs"
    """Does not answer until the fault is taken away; a stop has to kill."""
    DIES = "dies"
    """Ends instead of answering; once."""
    LIES = "lies"
    """Says that it is done and does nothing; asked for counts, tells zeros."""
    LOSES_ANSWER = "loses_answer"
    """Does it, and the answer never arrives."""


@dataclass(slots=True)
class _Asked:
    fault: Fault
    methods: frozenset[str]
    left: int | None


class Faults:
    """The faults that were asked for and are still there."""

    __slots__ = ("_asked",)

    def __init__(self) -> None:
        self._asked: list[_Asked] = []

    def add(self, fault: Fault, methods: frozenset[str], *, times: int | None) -> None:
        """Let the methods (none: all of them) go wrong, so many times; None until `clear`.

        An engine dies once and hangs until `clear`, whatever `times` says.

        Raises:
            ValueError: One of the methods does not exist, or `times` is below 1.
        """
        unknown = methods - METHODS
        if unknown:
            raise ValueError(f"no method {', '.join(sorted(unknown))}; there are {', '.join(sorted(METHODS))}")
        if times is not None and times < 1:
            raise ValueError("a fault that never happens is none")
        left = {Fault.DIES: 1, Fault.HANGS: None}.get(fault, times)
        self._asked.append(_Asked(fault, methods or METHODS, left))

    def take(self, method: str) -> Fault | None:
        """The fault that a request meets, counted as met; None when it meets none."""
        asked = next((asked for asked in self._asked if method in asked.methods), None)
        if asked is None:
            return None
        if asked.left is not None:
            asked.left -= 1
        self._asked = [other for other in self._asked if other.left != 0]
        return asked.fault

    def hanging(self, method: str) -> bool:
        """Whether requests of this kind are not answered at present."""
        return any(asked.fault is Fault.HANGS and method in asked.methods for asked in self._asked)

    def clear(self) -> None:
        """Take every fault away; what hangs is answered."""
        self._asked.clear()
