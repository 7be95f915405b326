"""How a face handles HTTP itself, as data: ours, and whatever a document or its clients ask for instead."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from busyout.domain.errors import BusyoutError
from busyout.http.accept import acceptable

Headers = tuple[tuple[bytes, bytes], ...]

SECURITY: Final[Headers] = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))
"""Browsers are not to guess the type of an answer, and nobody is to keep it."""

CHALLENGE: Final = 'Basic realm="Busyout"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A form of errors for those whose Accept header lets it through."""

    wanted: Callable[[str | None], bool]
    """Whether an Accept header asks for it."""
    media_type: str
    worded: Callable[[int, BusyoutError], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """What a face may do in its own way."""

    headers: Headers = SECURITY
    """On every answer, those of errors included."""
    accepts: Callable[[str | None, str], bool] = acceptable
    """Whether an Accept header lets a media type through."""
    takes: Callable[[str | None], bool] | None = None
    """Whether a body of that Content-Type is read; None where the header makes no difference."""
    decode: Callable[[bytes], object] | None = None
    """The value of a body, of any type; raises `MalformedBody`. None to decode it to the route's type."""
    slash: bool = True
    """Whether a slash at the end of a path makes no difference; otherwise there is nothing at that path."""
    preflight: bool = False
    """Whether OPTIONS is answered with an empty 200 on every path, without credentials."""
    hides: bool = True
    """Whether those without credentials do not learn which addresses there are."""
    credentials: str = "Authorization"
    """Header that says who is asking."""
    challenge: str | None = CHALLENGE
    """What a 401 asks for; None where there is nothing that HTTP has a word for."""
    ambient: bool = True
    """Whether browsers send the credentials unasked, so that pages of other sites must not write."""
    wording: Wording | None = None
    """Another form of its errors, for those who ask for it."""


OURS: Final = Manners()
"""What holds where nothing else is said."""
