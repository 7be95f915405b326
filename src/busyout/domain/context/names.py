"""Names of extensions, keys and attributes: they keep their spelling, and are looked up in any case."""

import re
from collections.abc import Iterable
from typing import Final

from busyout.domain.errors import InvalidValue

MAX_NAME: Final = 26
"""Most characters of a name."""

NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,25}")

MAX_SHOWN: Final = 64
"""Most characters of a caller's text that a message repeats."""

RESERVED: Final = frozenset({"customer_id", "id_key", "include_profile", "include_extensions", "extensions", "profile"})
"""Members of a profile, parameters of a look-up, and the word for the profile itself, in folded case."""


def folded(name: str) -> str:
    """A name as it is compared."""
    return name.lower()


def shown(text: str) -> str:
    """A caller's text as a message repeats it: bounded, and plain ASCII."""
    short = text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
    return short.encode("ascii", "backslashreplace").decode() if not short.isascii() else short


def checked_name(text: object) -> str:
    """A name of an extension, a key or an attribute, if it can be one.

    Raises:
        InvalidValue: It does not begin with a letter, has other characters than letters, digits and `_`, is too long,
            or is reserved.
    """
    if not isinstance(text, str) or not NAME.fullmatch(text):
        told = f', not "{shown(text)}"' if isinstance(text, str) else ""
        raise InvalidValue(f"a name is a letter and up to {MAX_NAME - 1} letters, digits and _{told}")
    if folded(text) in RESERVED:
        raise InvalidValue(f'the name "{text}" is reserved')
    return text


def check_different(names: Iterable[str], *, what: str) -> None:
    """Let names pass of which no two are the same in folded case.

    Raises:
        InvalidValue: Two are; the message says which.
    """
    seen: set[str] = set()
    for name in names:
        if folded(name) in seen:
            raise InvalidValue(f'there are two {what} called "{shown(name)}"')
        seen.add(folded(name))
