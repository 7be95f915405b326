"""The media type of provd, and when a header lets it through."""

from typing import Final

PROVD: Final = "application/vnd.proformatique.provd+json"
"""Media type of every body."""

PROBLEM: Final = "application/problem+json"
"""Media type of an error for those who ask for it by name (RFC 9457)."""

TEXT: Final = "text/plain; charset=ascii"
"""Media type of an error for everybody else."""

TAKEN: Final = frozenset({PROVD, "application/json"})

LONGEST: Final = 1024
"""Characters of a header that are looked at."""


def accepts(accept: str | None, media_type: str) -> bool:
    """Whether a client takes `media_type`: spelt exactly, or by a wildcard; weights, even 0, do not count."""
    wanted = (media_type, "*/*", f"{media_type.partition('/')[0]}/*")
    return not accept or any(_bare(one) in wanted for one in accept[:LONGEST].split(","))


def wants_problems(accept: str | None) -> bool:
    """Whether a client asks for problem documents by name."""
    return accept is not None and any(_bare(one) == PROBLEM for one in accept[:LONGEST].split(","))


def takes(content_type: str | None) -> bool:
    """Whether a body of that type is looked at: ours, JSON, with whatever parameters, in any case, or none named."""
    return not content_type or _bare(content_type).lower() in TAKEN


def _bare(media_type: str) -> str:
    """Without parameters."""
    return media_type.partition(";")[0].strip()
