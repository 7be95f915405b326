"""How a simulated engine behaves: the driver options of its element, read and checked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from busyout.domain.engine import Capability
from busyout.domain.errors import InvalidValue

LARGEST_CAPACITY = 1_000_000
"""Most calls that an engine can be told to carry at the same time."""

ALWAYS_LACKING = frozenset(
    {Capability.MEDIA_COUNTERS, Capability.SURVIVES_RESTART, Capability.PROVISIONING, Capability.CONTEXT}
)
"""What a simulated engine cannot do unless its options say so; it never has media."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What kind of engine is simulated."""

    capacity: int | None = None
    """Most calls at a time; None for no limit."""
    survives_restart: bool = False
    """Whether calls go on while the engine is stopped and are known again after its start."""
    bye_seconds: float = 0.0
    """Seconds for which the BYE at the end of a call stays unanswered."""
    start_seconds: float = 0.0
    """Seconds that a start takes."""
    transactions_known: bool = True
    """Whether the engine tells its open transactions."""
    lacks: frozenset[Capability] = frozenset()
    """What the engine cannot do although simulated engines usually can."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What the engine can do."""
        able = frozenset(Capability) - ALWAYS_LACKING - self.lacks
        return able | {Capability.SURVIVES_RESTART} if self.survives_restart else able


def read_behaviour(options: Mapping[str, str]) -> Behaviour:
    """The behaviour that an element's driver options ask for.

    Raises:
        InvalidValue: An option is unknown or its value is wrong.
    """
    fields: dict[str, Any] = {}
    for name, text in options.items():
        if name not in READERS:
            raise InvalidValue(f"the simulated driver has no option {name!r}; it knows {', '.join(sorted(READERS))}")
        try:
            fields[name] = READERS[name](text)
        except ValueError as error:
            raise InvalidValue(f"option {name} of the simulated driver: {error}") from error
    return replace(Behaviour(), **fields)


def _capacity(text: str) -> int:
    number = int(text)
    if not 1 <= number <= LARGEST_CAPACITY:
        raise ValueError(f"between 1 and {LARGEST_CAPACITY} calls")
    return number


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 3600:
        raise ValueError("between 0 and 3600 seconds")
    return seconds


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("true or false")
    return text == "true"


def _capabilities(text: str) -> frozenset[Capability]:
    return frozenset(Capability(word.strip()) for word in text.split(",") if word.strip())


READERS: Mapping[str, Callable[[str], Any]] = {
    "capacity": _capacity,
    "survives_restart": _flag,
    "bye_seconds": _seconds,
    "start_seconds": _seconds,
    "transactions_known": _flag,
    "lacks": _capabilities,
}
