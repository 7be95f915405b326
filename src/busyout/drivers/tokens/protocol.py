"""What the token service says of a token, and whether its access rights cover something. No I/O."""

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec
from msgspec import Struct

MAX_RIGHTS = 10_000
"""Most access rights of a token that are looked at."""

LONGEST = 256
"""Characters of one that are looked at."""


class Metadata(Struct, frozen=True):
    """Whom a token belongs to."""

    tenant_uuid: str | None = None


class Data(Struct, frozen=True):
    """A token."""

    auth_id: str | None = None
    acl: tuple[str, ...] | None = None
    metadata: Metadata | None = None
    utc_expires_at: str | None = None


class Answer(Struct, frozen=True):
    """The body of an answer."""

    data: Data


def read(body: bytes) -> Data:
    """A token as the service describes it.

    Raises:
        ValueError: That is no description of one.
    """
    try:
        return msgspec.json.decode(body, type=Answer).data
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def expiry(data: Data) -> float | None:
    """When a token ends, in seconds since the epoch; None where the service does not say."""
    if data.utc_expires_at is None:
        return None
    told = datetime.fromisoformat(data.utc_expires_at)
    return (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()


def covered(rights: Iterable[str], right: str) -> bool:
    """Whether rights cover one: `*` stands for a word, `#` for any number of words, and `!` takes away."""
    granted = False
    for pattern in list(rights)[:MAX_RIGHTS]:
        if pattern.startswith("!"):
            if _matches(pattern[1:], right):
                return False
        else:
            granted = granted or _matches(pattern, right)
    return granted


def _matches(pattern: str, right: str) -> bool:
    """Word by word; `places` are the numbers of words of `right` that the pattern may have covered so far."""
    words, places = right.split("."), {0}
    for part in pattern[:LONGEST].split("."):
        match part:
            case "#":
                places = set(range(min(places), len(words) + 1))
            case "*":
                places = {place + 1 for place in places if place < len(words)}
            case _:
                places = {place + 1 for place in places if place < len(words) and words[place] == part}
        if not places:
            return False
    return len(words) in places
