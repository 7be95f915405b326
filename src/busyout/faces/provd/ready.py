"""Bodies that are asked for again and again: made once, told as they are, and left out for those who have them."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, TypeVar

from busyout.http import Reply

S = TypeVar("S")

MOST: Final = 64
"""Bodies kept."""

LONGEST: Final = 4096
"""Characters of an If-None-Match header that are looked at."""


@dataclass(frozen=True, slots=True)
class Made:
    """A body, and what it was made of."""

    source: object
    etag: str
    whole: Reply
    unchanged: Reply


class Ready:
    """Keeps bodies until their source changes."""

    def __init__(self) -> None:
        self._made: dict[str, Made] = {}
        self._once: dict[str, bytes] = {}

    def reply(self, name: str, source: S, make: Callable[[S], bytes], *, none_match: str | None) -> Reply:
        """The body of that name, made anew when `source` is another one; 304 for those who have it."""
        made = self._made.get(name)
        if made is None or (made.source is not source and made.source != source):
            made = self._make(name, source, make(source))
        if none_match is not None and matches(none_match, made.etag):
            return made.unchanged
        return made.whole

    def once(self, name: str, make: Callable[[], bytes]) -> bytes:
        """The body of that name, which never changes."""
        body = self._once.get(name)
        if body is None:
            if len(self._once) >= MOST:
                self._once.clear()
            body = self._once[name] = make()
        return body

    def _make(self, name: str, source: object, body: bytes) -> Made:
        if len(self._made) >= MOST:
            self._made.clear()
        etag = f'"{sha256(body).hexdigest()[:32]}"'
        headers = (("ETag", etag),)
        made = Made(source, etag, Reply(body=body, headers=headers), Reply(304, headers=headers))
        self._made[name] = made
        return made


def matches(none_match: str, etag: str) -> bool:
    """Whether an If-None-Match header names that tag (RFC 9110, 13.1.2: a weak tag is as good as any here)."""
    tags = (tag.strip().removeprefix("W/") for tag in none_match[:LONGEST].split(","))
    return none_match == etag or any(tag in ("*", etag) for tag in tags)
