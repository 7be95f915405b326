"""Asks the token service about one token."""

import asyncio
from functools import partial
from typing import Any, Final
from urllib.parse import quote

import aiohttp
from aiohttp.client_proto import ResponseHandler

from busyout.domain.errors import TokenServiceUnavailable
from busyout.ports.interim import bounded

PATIENCE: Final = 5.0
"""Longest wait for an answer, in seconds."""

LARGEST: Final = 256 * 1024
"""Largest answer, in bytes."""

KNOWN: Final = 200
UNKNOWN: Final = frozenset({400, 401, 403, 404})

HEAD: Final = bounded(ResponseHandler, aiohttp.ClientError)


class Connector(aiohttp.TCPConnector):
    """One connection for one question."""

    def __init__(self) -> None:
        super().__init__(limit=1, force_close=True)
        make: Any = partial(HEAD, loop=asyncio.get_running_loop())
        self._factory = make


async def asked(url: str, token: str) -> bytes | None:
    """What the service says of a token; None when it does not know it, or not any more.

    Raises:
        TokenServiceUnavailable: It does not answer, or not to that.
    """
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    try:
        async with aiohttp.ClientSession(
            connector=Connector(), timeout=timeout, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
        ) as session:
            address = f"{url}/0.1/token/{quote(token, safe='')}"
            headers = {"X-Auth-Token": token, "Accept": "application/json", "Accept-Encoding": "identity"}
            async with session.get(address, headers=headers, allow_redirects=False) as answer:
                if answer.status in UNKNOWN:
                    return None
                if answer.status != KNOWN:
                    raise TokenServiceUnavailable(f"the token service answers with {answer.status}")
                return await _body(answer)
    except TimeoutError as error:
        raise TokenServiceUnavailable(f"the token service does not answer within {PATIENCE:g} s") from error
    except aiohttp.ClientConnectorError as error:
        raise TokenServiceUnavailable(f"no connection to the token service: {error.os_error.strerror}") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise TokenServiceUnavailable("the token service breaks off, or does not speak HTTP") from error


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for piece in answer.content.iter_any():
        body += piece
        if len(body) > LARGEST:
            raise TokenServiceUnavailable("the token service says too much")
    return bytes(body)
