"""What a server answers when it is asked for a file."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Resume:
    """Where an earlier attempt ended."""

    size: int
    """Bytes that are there."""
    validator: str
    """What the server said of the file then; only the same file may be gone on with."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that is coming."""

    start: int
    """Bytes before the first that comes; 0 where the server sends the whole."""
    total: int | None
    """Bytes of the whole; None where the server does not say."""
    validator: str | None
    """What the file can be recognised by later; None where nothing can be relied on."""
    etag: str | None
    chunks: AsyncGenerator[bytes, None]


@dataclass(frozen=True, slots=True)
class Redirect:
    """The server names another place."""

    location: str


Answer = Arrival | Redirect
