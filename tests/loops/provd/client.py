"""A provd client of our own that does what the official ones do, their weak points included (wire notes, 1.8 and 7).

It sends no Accept header, takes the path of an operation apart by its slashes, reads operations in progress by the same
expression, deletes each monitor when it is done with it, and takes every 404 for an error.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

MEDIA_TYPE = "application/vnd.proformatique.provd+json"

HEAD = re.compile(r"^(?:(\w+)\|)?(\w+)(?:;(\d+)(?:/(\d+))?)?")

STATES = {"waiting": False, "progress": False, "success": True, "fail": True}
"""Whether a state is the last one; any other state is an error."""


class ProvdError(Exception):
    """The server has refused."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text}")
        self.status = status


@dataclass(frozen=True)
class Progress:
    """An operation in progress."""

    label: str | None
    state: str
    current: int | None
    end: int | None
    parts: tuple["Progress", ...]

    @classmethod
    def of(cls, text: str) -> "Progress":
        """What a status says."""
        head = HEAD.search(text)
        if head is None:
            raise ValueError("Invalid progress string")
        label, state, current, end = head.groups()
        numbers = (None if current is None else int(current), None if end is None else int(end))
        return cls(label, state, *numbers, tuple(cls.of(group) for group in groups(text[head.end() :])))


def groups(text: str) -> list[str]:
    """What stands in each pair of outer parentheses."""
    found, depth, begun = [], 0, 0
    for place, letter in enumerate(text):
        if depth == 0 and letter != "(":
            raise ValueError(f"invalid character: {letter}")
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0:
            found.append(text[begun + 1 : place])
            begun = place + 1
    if depth:
        raise ValueError("unbalanced number of parentheses")
    return found


@dataclass
class Operation:
    """An operation that was started."""

    client: "ProvdClient"
    path: str
    """Below `pg_mgr` or whatever the manager is."""
    seen: list[str]
    """Every status, in order, each only once."""

    async def look(self) -> Progress:
        """The status now."""
        text = (await self.client.ask("GET", self.path))["status"]
        if text not in self.seen[-1:]:
            self.seen.append(text)
        return Progress.of(text)

    async def ended(self) -> Progress:
        """The status at the end, by asking again and again, as there is no other way."""
        async with asyncio.timeout(60):
            while not STATES[(progress := await self.look()).state]:
                await asyncio.sleep(0.02)
        return progress


class ProvdClient:
    """Asks one server below one prefix."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        """`base` is `http://host:port/prefix`."""
        self._session = session
        self._base = base

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        """The body of an answer; None for none."""
        return (await self._request(method, path, body))[2]

    def below(self, address: str) -> str:
        """An address of the server as a path below the prefix."""
        prefix = "/" + self._base.rpartition("/")[2]
        assert address.startswith(f"{prefix}/")
        return address.removeprefix(prefix)

    async def parameter(self, name: str, value: object) -> None:
        """Set a parameter."""
        await self.ask("PUT", f"/configure/{name}", {"param": {"value": value}})

    @asynccontextmanager
    async def started(self, path: str, body: object) -> AsyncIterator[Operation]:
        """Start something; its monitor is deleted at the end."""
        status, location, _ = await self._request("POST", path, body)
        assert status == 201
        operation = Operation(self, "/" + "/".join(location.split("/")[2:]), [])
        manager = path.split("/")[1]
        assert operation.path == f"/{manager}/" + "/".join(location.split("/")[3:])
        yield operation
        await self.ask("DELETE", operation.path)

    async def done(self, path: str, body: object) -> list[str]:
        """Have something done; every status that was seen."""
        async with self.started(path, body) as operation:
            await operation.ended()
        return operation.seen

    async def _request(self, method: str, path: str, body: object) -> tuple[int, str, Any]:
        given: dict[str, Any] = {"skip_auto_headers": ("Accept", "Content-Type")}
        if body is not None:
            given = {**given, "json": body, "headers": {"Content-Type": MEDIA_TYPE}}
        async with self._session.request(method, self._base + path, allow_redirects=False, **given) as answer:
            if answer.status >= 300:
                raise ProvdError(answer.status, await answer.text())
            content = await answer.read()
            told = await answer.json(content_type=None) if content else None
            return answer.status, answer.headers.get("Location", ""), told
