"""Values as text: times, numbers, columns. Pure."""

from collections.abc import Sequence
from urllib.parse import quote

from busyout.wire import times

NONE = "-"
"""Stands where there is no value, so that columns stay countable."""


def span(seconds: float | None) -> str:
    """A length of time, short: `850 ms`, `34.2 s`, `5 min 20 s`, `3 h 12 min`, `2 d 3 h`."""
    if seconds is None:
        return NONE
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 99.95:
        return f"{seconds:.1f} s"
    for large, size, small, step in (("d", 86400, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1)):
        if seconds >= size:
            whole, rest = divmod(round(seconds / step) * step, size)
            return f"{whole:.0f} {large} {rest / step:.0f} {small}"
    return NONE


def segment(name: str) -> str:
    """A name as one part of a path."""
    return quote(name, safe="")


def counted(number: int, noun: str) -> str:
    """`1 call`, `2 calls`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def lasted(started: str | None, ended: str | None, *, now: float) -> float | None:
    """Seconds from one timestamp to another, or to now while there is no other; None before it began."""
    if started is None:
        return None
    return max(0.0, (now if ended is None else times.seconds(ended)) - times.seconds(started))


def columns(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows in aligned columns, two spaces apart, under their titles."""
    table = [titles, *rows]
    widths = [max(len(row[number]) for row in table) for number in range(len(titles))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]


def flat(value: object) -> str:
    """A value on one line, in quotes where it has blanks."""
    text = str(value).replace("\n", " ")
    return f'"{text}"' if " " in text else text
