"""A small HTTP client for tests: one call, one answer with its whole body."""

from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import msgspec
from msgspec import Struct


class Answer(Struct, frozen=True):
    """What the server answered."""

    status: int
    headers: dict[str, str]
    """By name in lower case; the last one where a name is there twice."""
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    def json(self) -> Any:
        """The body, decoded."""
        return msgspec.json.decode(self.body)


class Client:
    """Asks one server in one operator's name; its connections end with `stack`."""

    def __init__(self, base: str, credentials: tuple[str, str] | None, stack: AsyncExitStack) -> None:
        self.base = base
        self._headers = {"Authorization": aiohttp.encode_basic_auth(*credentials)} if credentials else {}
        self._stack = stack
        self._session: aiohttp.ClientSession | None = None

    async def session(self) -> aiohttp.ClientSession:
        """The connections, for those who stream."""
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=30)
            session = aiohttp.ClientSession(base_url=self.base, headers=self._headers, timeout=timeout)
            self._session = await self._stack.enter_async_context(session)
        return self._session

    async def request(self, method: str, path: str, **given: Any) -> Answer:
        """Ask; `given` is what aiohttp takes: `json`, `data`, `headers`, `params`. Redirects are not followed."""
        session = await self.session()
        async with session.request(method, path, allow_redirects=False, **given) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status, headers, await response.read())

    async def get(self, path: str, **given: Any) -> Answer:
        """Ask for a resource."""
        return await self.request("GET", path, **given)

    async def post(self, path: str, **given: Any) -> Answer:
        """Have something done."""
        return await self.request("POST", path, **given)

    async def put(self, path: str, **given: Any) -> Answer:
        """Replace a resource."""
        return await self.request("PUT", path, **given)

    async def patch(self, path: str, **given: Any) -> Answer:
        """Change a resource."""
        return await self.request("PATCH", path, **given)

    async def delete(self, path: str, **given: Any) -> Answer:
        """Remove a resource."""
        return await self.request("DELETE", path, **given)
