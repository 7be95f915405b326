"""Whether an Accept header lets a media type through."""

from functools import lru_cache

from falcon import mediatypes
from falcon.errors import InvalidMediaType

LONGEST = 1024
"""Characters of an Accept header that are looked at."""


def acceptable(accept: str | None, media_type: str) -> bool:
    """Whether a client that sent `accept` takes `media_type`; none or an empty header takes everything.

    Case does not matter (RFC 9110, 8.3.1): the Mediant document itself writes `application/JSON`.
    """
    return not accept or accept in ("*/*", media_type) or _weighed(accept[:LONGEST].lower(), media_type)


@lru_cache(maxsize=256)
def _weighed(accept: str, media_type: str) -> bool:
    try:
        return mediatypes.quality(media_type, accept) > 0
    except InvalidMediaType:
        return False
