"""Where plug-ins come from: files behind URLs, read safely."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from msgspec import Struct


class Access(Struct, frozen=True):
    """How the outside may be reached."""

    http_proxy: str | None = None
    """`http://[user:password@]host:port`; None for none."""
    ftp_proxy: str | None = None
    https_proxy: str | None = None
    """`host[:port]`; None for none."""
    plugin_server: str | None = None
    """The configured repository; it alone may be at an inner address without being allowed by name. None for none."""


class Fetched(Struct, frozen=True):
    """A file that has arrived whole."""

    size: int
    """Bytes."""
    sha1: str
    """Lower-case hex."""
    sha256: str
    etag: str | None
    """What the server said identifies it; None where it said nothing."""


Tell = Callable[[int, int | None], None]
"""Told the bytes that are there, and how many there will be (None while unknown)."""


class Repository(Protocol):
    """Reads files from HTTP, HTTPS, FTP and folders."""

    async def fetch(self, url: str, into: Path, *, access: Access, limit: int, tell: Tell) -> Fetched:
        """Bring a file of at most `limit` bytes; `into` appears whole or not at all. Resumes what is in `into`.part.

        Raises:
            InvalidValue: The URL's scheme or address is not allowed.
            RepositoryUnreachable: It could not be read, after retries; the message says which URL and why.
        """
