"""Key files: a private key behind the word `private`, so that nobody takes it for a public one."""

import os
import secrets
from pathlib import Path
from typing import Final

from busyout.domain.errors import InvalidValue
from busyout.domain.signature import KEY_BYTES, key_text, public_of, read_key

PRIVATE: Final = "private "
"""What the file of a private key begins with."""

MAX_KEY: Final = 1024
"""Characters of a key file that are looked at."""


def make_keys(file: Path) -> str:
    """Make a private key and its public one beside it; the public one as settings have it.

    Raises:
        OSError: A file is there already, or cannot be written.
    """
    private = secrets.token_bytes(KEY_BYTES)
    public = key_text(public_of(private))
    _create(file, f"{PRIVATE}{key_text(private)}\n", 0o600)
    _create(file.with_name(f"{file.name}.pub"), f"{public}\n", 0o644)
    return public


def read_private(file: Path) -> bytes:
    """A private key.

    Raises:
        InvalidValue: There is none in the file.
    """
    text = _read(file)
    if not text.startswith(PRIVATE):
        raise InvalidValue(f"{file} is no private key")
    return read_key(text.removeprefix(PRIVATE))


def read_public(file: Path) -> bytes:
    """A public key, from its own file or from that of its private one.

    Raises:
        InvalidValue: There is none in the file.
    """
    text = _read(file)
    return public_of(read_private(file)) if text.startswith(PRIVATE) else read_key(text)


def _read(file: Path) -> str:
    with file.open(encoding="utf-8", errors="replace") as content:
        return content.read(MAX_KEY)


def _create(file: Path, text: str, mode: int) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "w", encoding="utf-8") as content:
        content.write(text)
