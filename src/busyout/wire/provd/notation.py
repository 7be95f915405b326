r"""The notation of an operation in progress: `[label|]state[;current[/end]](\(sub_oips\))*`.

Section "Operation In Progress". Written as the servers write it, read as both official clients read it.
"""

import re
from typing import Final, Literal

from msgspec import Struct

State = Literal["waiting", "progress", "success", "fail"]
"""The states there are."""

HEAD: Final = re.compile(r"(?:(?P<label>\w+)\|)?(?P<state>\w+)(?:;(?P<current>\d+)(?:/(?P<end>\d+))?)?")
"""What stands before the parentheses. Clients take any word for a state."""

LABEL: Final = re.compile(r"\w+")

DEEPEST: Final = 100
"""Most levels that are read."""


class InvalidProgress(ValueError):
    """A text that is no operation in progress; the message says why."""


class Progress(Struct, frozen=True):
    """An operation in progress, and those that it is made of."""

    state: str
    label: str | None = None
    """A word of letters, digits and underscores; None for none."""
    current: int | None = None
    """How much is done, from 0; None where nothing is counted."""
    end: int | None = None
    """How much there is to do; None or 0 while that is unknown."""
    parts: tuple["Progress", ...] = ()


def written(progress: Progress) -> str:
    """An operation in progress as text.

    Raises:
        ValueError: A label is no word, or a number is negative: no client could read it.
    """
    label, current, end = progress.label, progress.current, progress.end
    if (label is not None and not LABEL.fullmatch(label)) or min(current or 0, end or 0) < 0:
        raise ValueError(f"no client can read label {label!r} with {current}/{end}")
    text = progress.state if label is None else f"{label}|{progress.state}"
    if current is not None:
        text += f";{current}/{end}" if end else f";{current}"
    return text + "".join(f"({written(part)})" for part in progress.parts)


def read(text: str) -> Progress:
    """The operation in progress that a text stands for.

    Raises:
        InvalidProgress: It stands for none.
    """
    progress, rest = _read(text, 0, 1)
    if rest < len(text):
        raise InvalidProgress(f"invalid character: {text[rest]}")
    return progress


def _read(text: str, start: int, depth: int) -> tuple[Progress, int]:
    """What begins at `start`, and where it ends."""
    head = HEAD.match(text, start)
    if head is None:
        raise InvalidProgress("Invalid progress string")
    if depth > DEEPEST:
        raise InvalidProgress(f"more than {DEEPEST} levels of parentheses")
    parts, place = [], head.end()
    while text.startswith("(", place):
        part, place = _read(text, place + 1, depth + 1)
        if place == len(text):
            raise InvalidProgress("unbalanced number of parentheses")
        if text[place] != ")":
            raise InvalidProgress(f"invalid character: {text[place]}")
        parts.append(part)
        place += 1
    label, state, current, end = head.group("label", "state", "current", "end")
    return Progress(state, label, _number(current), _number(end), tuple(parts)), place


def _number(digits: str | None) -> int | None:
    try:
        return None if digits is None else int(digits)
    except ValueError as error:
        raise InvalidProgress("a number with too many digits") from error
