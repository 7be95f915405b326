"""Asks the token service about one token."""

from typing import Final
from urllib.parse import quote

import aiohttp

from busyout.domain.errors import TokenServiceUnavailable

PATIENCE: Final = 5.0
"""Longest wait for an answer, in seconds."""

LARGEST: Final = 256 * 1024
"""Largest answer, in bytes."""

KNOWN: Final = 200
UNKNOWN: Final = frozenset({400, 401, 403, 404})


async def asked(url: str, token: str) -> bytes | None:
    """What the service says of a token; None when it does not know it, or not any more.

    Raises:
        TokenServiceUnavailable: It does not answer, or not to that.
    """
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    try:
        async with aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session:
            address = f"{url}/0.1/token/{quote(token, safe='')}"
            headers = {"X-Auth-Token": token, "Accept": "application/json"}
            async with session.get(address, headers=headers, allow_redirects=False) as answer:
                if answer.status in UNKNOWN:
                    return None
                if answer.status != KNOWN:
                    raise TokenServiceUnavailable(f"the token service answers with {answer.status}")
                return await _body(answer)
    except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
        raise TokenServiceUnavailable from error


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for piece in answer.content.iter_any():
        body += piece
        if len(body) > LARGEST:
            raise TokenServiceUnavailable("the token service says too much")
    return bytes(body)
