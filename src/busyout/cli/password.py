"""`password`: hashes for the settings file."""

import getpass
import secrets
import sys
from hashlib import sha256

import typer

from busyout.cli.exits import CommandError, Exit
from busyout.cli.output import show_json, show_line
from busyout.cli.session import session_of

app = typer.Typer(help="Passwords of operators.", no_args_is_help=True, rich_markup_mode=None)

SHORTEST = 8
"""Fewest characters of a password."""


@app.command("hash")
def hash_(context: typer.Context) -> Exit:
    """Print the hash of a password for `[[operators]] password_hash`; it is asked for, or read from standard input."""
    from busyout.services.operators import hash_password  # noqa: PLC0415 - hashing is slow to load

    password = _asked() if sys.stdin.isatty() else sys.stdin.readline(4096).rstrip("\r\n")
    if len(password) < SHORTEST:
        raise CommandError(Exit.USAGE, f"a password has at least {SHORTEST} characters")
    hashed = hash_password(password)
    if session_of(context).json:
        show_json({"password_hash": hashed})
    else:
        show_line(hashed)
    return Exit.DONE


@app.command("token")
def token(context: typer.Context) -> Exit:
    """Print a new token and what `[[faces.provd.tokens]] sha256` keeps of it."""
    made = secrets.token_urlsafe(32)
    digest = sha256(made.encode()).hexdigest()
    if session_of(context).json:
        show_json({"token": made, "sha256": digest})
    else:
        show_line(f"token  {made}")
        show_line(f"sha256 {digest}")
    return Exit.DONE


def _asked() -> str:
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise CommandError(Exit.USAGE, "these are two different passwords")
    return password
