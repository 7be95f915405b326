"""A client of the context services as somebody writes one who has only the documents: JSON in, JSON out.

It reads `message` and `exception` of errors, and comes again after the seconds of Retry-After while the mode changes.
"""

import asyncio
from typing import Any

import aiohttp


class UcsError(Exception):
    """The server has refused."""

    def __init__(self, status: int, name: str, message: str) -> None:
        super().__init__(f"{status} {name}: {message}")
        self.status = status
        self.name = name


class UcsClient:
    """Asks one server below one base."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self._session = session
        self._base = base

    async def once(self, method: str, path: str, body: object = None) -> Any:
        """What the answer says; None for an empty one."""
        status, _, told = await self._request(method, path, body)
        return _checked(status, told)

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        """The same, as often as it is told to come again."""
        while True:
            status, again, told = await self._request(method, path, body)
            if status != 503 or again is None:
                return _checked(status, told)
            await asyncio.sleep(min(float(again), 0.2))

    async def switch(self, mode: str) -> None:
        """Put a mode into force."""
        changed = await self.ask("POST", "/server/mode", {"mode": mode})
        assert changed == {"server changed": mode}, changed

    async def mode(self) -> str:
        """The mode in force."""
        return str((await self.ask("GET", "/server/status"))["mode"])

    async def _request(self, method: str, path: str, body: object) -> tuple[int, str | None, Any]:
        """Status, Retry-After if there is one, body."""
        given = {} if body is None else {"json": body}
        async with self._session.request(method, self._base + path, **given) as answer:
            told = await answer.json() if await answer.read() else None
            return answer.status, answer.headers.get("Retry-After"), told


def _checked(status: int, told: Any) -> Any:
    if status >= 400:
        raise UcsError(status, told["exception"], told["message"])
    return told
