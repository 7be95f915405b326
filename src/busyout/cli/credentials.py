"""Where the server is, and who we are to it."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from busyout.cli.exits import CommandError, Exit

DEFAULT_SERVER = "http://127.0.0.1:8080"

ADMIN = "admin"
"""The operator that the first start makes."""

PASSWORD_FILE = "admin-password"  # noqa: S105 - the name of a file
"""In the data directory: the password of the first start, readable by its owner only."""

RUN_DIRECTORY = ".run"
"""Data directory of `make run`, in the directory it is started in."""


class Target(Struct, frozen=True):
    """A server and the credentials for it."""

    server: str
    """URL without a path."""
    user: str
    password: str
    """Empty where none is known: the request goes without credentials."""
    authority: Path | None = None
    """PEM file of the certificate authority; None for those of the system."""

    def __repr__(self) -> str:
        return f"Target({self.server!r}, {self.user!r})"


class Wanted(Struct, frozen=True):
    """What the command line said about it; None where it said nothing."""

    server: str | None = None
    user: str | None = None
    data: Path | None = None
    authority: Path | None = None


def find_target(wanted: Wanted, environ: Mapping[str, str]) -> Target:
    """The server to talk to.

    Raises:
        CommandError: The URL is none.
    """
    server = wanted.server or environ.get("BUSYOUT_SERVER") or DEFAULT_SERVER
    if "://" not in server:
        server = f"http://{server}"
    parts = urlsplit(server)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/") or parts.query:
        raise CommandError(Exit.USAGE, f"{server!r} is not the URL of a server, such as {DEFAULT_SERVER}")
    user = wanted.user or environ.get("BUSYOUT_USER") or ADMIN
    password = environ.get("BUSYOUT_PASSWORD", "")
    if not password and user == ADMIN and parts.hostname in ("127.0.0.1", "::1", "localhost"):
        password = _first_password(wanted.data, environ)
    return Target(server.rstrip("/"), user, password, wanted.authority)


def _first_password(data: Path | None, environ: Mapping[str, str]) -> str:
    """What the first start on this machine left for us; empty when there is nothing that we may read."""
    from busyout.settings import state_directory  # noqa: PLC0415 - not needed by who brings credentials

    named = data or environ.get("BUSYOUT_SERVER__DATA")
    places = [Path(named)] if named else [Path(RUN_DIRECTORY), state_directory(environ)]
    for place in places:
        try:
            return (place / PASSWORD_FILE).read_text("utf-8").strip()
        except OSError:
            continue
    return ""
