"""A request as it comes in: its headers and parameters as they are needed, its body only when it is asked for."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from typing import Any

from falcon import uri

from busyout.http.faults import BodyIncomplete, BodyTooLarge
from busyout.http.room import Room

Receive = Callable[[], Awaitable[dict[str, Any]]]


class Incoming:
    """One request."""

    __slots__ = ("_headers", "_receive", "_room", "_scope", "address", "method", "path", "slashed")

    def __init__(self, scope: dict[str, Any], receive: Receive, room: Room) -> None:
        """`room` is shared by all requests."""
        self._scope = scope
        self._room = room
        self._receive = receive
        self._headers = _by_name(scope["headers"])
        client = scope.get("client")
        self.address: str = client[0] if client else ""
        """The other end of the connection; what headers claim is not believed."""
        self.method: str = scope["method"]
        path: str = scope["path"]
        self.slashed = path.endswith("/") and path != "/" and self.method != "DELETE"
        """Whether it ends in a slash that means nothing; in a DELETE it may stand before a name that is missing."""
        self.path = path[:-1] if self.slashed else path
        """Without a trailing slash."""

    def header(self, name: str) -> str | None:
        """A header, whatever the case of its name; None when it is not there."""
        value = self._headers.get(_folded(name))
        return None if value is None else value.decode("latin-1")

    def parameters(self) -> dict[str, str | list[str]]:
        """What the query string says; a list for a name that is there more than once."""
        return uri.parse_query_string(self._scope["query_string"].decode("latin-1"), keep_blank=True, csv=False)

    async def body(self, limit: int) -> bytes:
        """The whole body. Most come in one piece; the listener itself does not wait long for the first one.

        Raises:
            BodyTooLarge: It has more than `limit` bytes; no more than that were kept.
            BodyIncomplete: The client went away in the middle, or is too slow.
            NoRoom: Others are sending too much at the same time.
        """
        if int(self.header("Content-Length") or 0) > limit:
            raise BodyTooLarge(f"a body has at most {limit} bytes here")
        first, more = await self._piece()
        if not more and len(first) <= limit:
            return first
        try:
            async with asyncio.timeout(self._room.patience):
                return await self._collected(first, limit, more=more)
        except TimeoutError:
            raise BodyIncomplete("the body did not arrive in time") from None

    async def wait_gone(self) -> None:
        """Return when the client has gone away."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _collected(self, piece: bytes, limit: int, *, more: bool) -> bytes:
        """What is there of a body, with what is still to come."""
        body = bytearray()
        try:
            while len(body) + len(piece) <= limit:
                self._room.take(len(piece))
                body += piece
                if not more:
                    return bytes(body)
                piece, more = await self._piece()
        finally:
            self._room.give_back(len(body))
        raise BodyTooLarge(f"a body has at most {limit} bytes here")

    async def _piece(self) -> tuple[bytes, bool]:
        """The next bytes of the body, and whether there are more."""
        event = await self._receive()
        if event["type"] == "http.disconnect":
            raise BodyIncomplete
        return event.get("body", b""), event.get("more_body", False)


@lru_cache(maxsize=256)
def _folded(name: str) -> bytes:
    return name.lower().encode("latin-1")


def _by_name(pairs: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Headers by name; those that are there more than once become one, as HTTP has it."""
    headers = dict(pairs)
    if len(headers) != len(pairs):
        headers.clear()
        for name, value in pairs:
            headers[name] = headers[name] + b", " + value if name in headers else value
    return headers
