"""Spans: what is found under digests is worked on span by span, so that neighbours are met together."""

from typing import Final

from msgspec import Struct

LETTERS: Final = 2
"""Of a digest, which tell the part that it is in."""

PARTS: Final = 16**LETTERS

SPAN_ENTRIES: Final = 10_000
"""About how many entries a span has, where there are more than fit in one."""


class Span(Struct, frozen=True):
    """Parts that follow upon one another."""

    first: str
    last: str


def part_of(digest: str) -> str:
    """The part that a digest is in."""
    return digest[:LETTERS]


def spans_of(entries: int) -> tuple[Span, ...]:
    """All parts, in spans of a size that suits so many entries."""
    width = max(1, min(PARTS, PARTS * SPAN_ENTRIES // max(1, entries)))
    return tuple(Span(_name(first), _name(min(first + width, PARTS) - 1)) for first in range(0, PARTS, width))


def _name(part: int) -> str:
    return f"{part:0{LETTERS}x}"


ALL_PARTS: Final = tuple(_name(part) for part in range(PARTS))
EVERYTHING: Final = Span(ALL_PARTS[0], ALL_PARTS[-1])
