"""Asks the token service about one token."""

import asyncio
from functools import partial
from typing import Any, Final
from urllib.parse import quote

import aiohttp
from aiohttp.client_proto import ResponseHandler

from busyout.domain.errors import TokenServiceUnavailable

PATIENCE: Final = 5.0
"""Longest wait for an answer, in seconds."""

LARGEST: Final = 256 * 1024
"""Largest answer, in bytes."""

MOST_INTERIM: Final = 32
"""Most answers with a status of 1xx before the one that counts; without a bound, each is looked at in turn for ever."""

HEAD_PIECE: Final = 4096
"""Bytes that are looked at in one go before the head of the answer is there."""

KNOWN: Final = 200
UNKNOWN: Final = frozenset({400, 401, 403, 404})


class Head(ResponseHandler):
    """aiohttp's own, with a bound on what comes before the head of the answer."""

    _interim = 0
    _answered = False

    def feed_data(self, data: Any, size: int = 0) -> None:  # noqa: ANN401 - a message and its body
        """Take the head of an answer; those of 1xx only as long as they are few."""
        self._answered = data[0].code >= 200
        self._interim += not self._answered
        if self._interim <= MOST_INTERIM:
            super().feed_data(data, size)

    def data_received(self, data: bytes) -> None:
        """Take in what comes, in small pieces before the head; hang up on whom never comes to the point."""
        while not self._answered and len(data) > HEAD_PIECE and self._interim <= MOST_INTERIM:
            super().data_received(data[:HEAD_PIECE])
            data = data[HEAD_PIECE:]
        if self._interim <= MOST_INTERIM:
            super().data_received(data)
        if self._interim > MOST_INTERIM and self.transport is not None:
            self.set_exception(aiohttp.ClientError("too many answers of 1xx"))
            self.transport.close()


class Connector(aiohttp.TCPConnector):
    """One connection for one question."""

    def __init__(self) -> None:
        super().__init__(limit=1, force_close=True)
        make: Any = partial(Head, loop=asyncio.get_running_loop())
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
