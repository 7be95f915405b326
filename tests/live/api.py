"""What a script does over HTTP: the vendor's API and the native one, with Basic credentials."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Self

import aiohttp
from tests.live.server import PASSWORD, Server, until

Json = dict[str, Any]

SETTLES_WITHIN: Final = 120.0
"""Longest wait for an operation, in seconds: longer than the longest call of any test."""


@dataclass(slots=True)
class Api:
    """A client of one server."""

    server: Server
    http: aiohttp.ClientSession

    @classmethod
    @asynccontextmanager
    async def of(cls, server: Server) -> AsyncIterator[Self]:
        """A client until the end of the block; the server may end and start meanwhile."""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10)
        connector = aiohttp.TCPConnector(force_close=True)
        headers = {"Authorization": aiohttp.encode_basic_auth("admin", PASSWORD)}
        async with aiohttp.ClientSession(headers=headers, timeout=timeout, connector=connector) as http:
            yield cls(server, http)

    async def reset(self, body: Json | None = None) -> Json:
        """POST the reset of the vendor's API; the operation that it stands for."""
        assert await self.ask("POST", "/api/v1/actions/reset", body) == {"description": "Device will reset now"}
        newest: Json = (await self.get("/v1/operations?element=sbc&limit=1"))["items"][0]
        return newest

    async def command(self, *, key: str = "", **command: Any) -> Json:
        """Start a command on the SBC over the native API, once for each `key` that is not empty; its operation."""
        return await self.ask("POST", "/v1/elements/sbc/operations", command, status=202, key=key)

    async def operation(self, operation: Json) -> Json:
        """An operation as it is now."""
        return await self.get(f"/v1/operations/{operation['id']}")

    async def settled(self, operation: Json, *, seconds: float = SETTLES_WITHIN) -> Json:
        """An operation after its end."""

        async def look() -> Json | None:
            now = await self.operation(operation)
            return now if now["settled"] else None

        return await until(look, seconds=seconds) or {}

    async def element(self) -> Json:
        """The SBC; its engine's process id is kept for the end."""
        element = await self.get("/v1/elements/sbc")
        if element["pid"]:
            self.server.engines.add(element["pid"])
        return element

    async def element_when(self, fits: Callable[[Json], bool]) -> Json:
        """The SBC as soon as it is as wanted."""

        async def look() -> Json | None:
            element = await self.element()
            return element if fits(element) else None

        return await until(look) or {}

    async def counters(self) -> dict[str, int]:
        """The engine's own counters."""
        return dict((await self.get("/v1/elements/sbc/counters"))["values"])

    async def get(self, path: str) -> Json:
        """GET a JSON document."""
        return await self.ask("GET", path)

    async def ask(self, method: str, path: str, body: Json | None = None, *, status: int = 200, key: str = "") -> Json:
        """A request that must be answered with `status`."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if data else {}
        headers |= {"Idempotency-Key": key} if key else {}
        async with self.http.request(method, self.server.url + path, data=data, headers=headers) as answer:
            text = await answer.text()
            assert answer.status == status, f"{method} {path}: {answer.status} {text}"
            return json.loads(text) if text else {}

    @asynccontextmanager
    async def events(self, *, after: int | None = None) -> AsyncIterator["Listener"]:
        """Everything that happens during the block; after the event of id `after`, or from now on."""
        headers = {"Accept": "text/event-stream"} | ({} if after is None else {"Last-Event-ID": str(after)})
        async with self.http.get(f"{self.server.url}/v1/events", headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            listener = Listener(answer)
            reading = asyncio.create_task(listener.read())
            try:
                yield listener
            finally:
                reading.cancel()
                await asyncio.wait((reading,))


@dataclass(slots=True)
class Listener:
    """Reads server-sent events and keeps them."""

    answer: aiohttp.ClientResponse
    heard: list[Json] = field(default_factory=list)
    _waiting: list[tuple[Callable[[Json], bool], asyncio.Future[Json]]] = field(default_factory=list)

    async def read(self) -> None:
        """Read until the stream ends."""
        try:
            async for line in self.answer.content:
                if line.startswith(b"data:"):
                    self._hear(json.loads(line[5:]))
        except aiohttp.ClientError:
            return  # the server was killed

    async def when(self, fits: Callable[[Json], bool], *, seconds: float = SETTLES_WITHIN) -> Json:
        """The first event, heard or still to come, that fits."""
        for event in self.heard:
            if fits(event):
                return event
        coming: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting.append((fits, coming))
        return await asyncio.wait_for(coming, seconds)

    def of(self, kind: str) -> list[Json]:
        """Events of one type so far."""
        return [event for event in self.heard if event["type"] == kind]

    def _hear(self, event: Json) -> None:
        self.heard.append(event)
        for fits, coming in self._waiting:
            if not coming.done() and fits(event):
                coming.set_result(event)


def step(operation: Json, label: str) -> Json:
    """One step of an operation."""
    return next(step for step in operation["steps"] if step["label"] == label)


def moved(operation: Json, label: str, state: str) -> Callable[[Json], bool]:
    """Whether an event says that a step of an operation has taken a state."""

    def fits(event: Json) -> bool:
        data = event["data"]
        return (
            event["type"] == "operation.step"
            and event["operation"] == operation["id"]
            and (data.get("step"), data.get("step_state")) == (label, state)
        )

    return fits


def progress(operation: Json) -> Callable[[Json], bool]:
    """Whether an event tells how far an operation is: from the first one on, new calls are refused."""
    return lambda event: event["type"] == "operation.progress" and event["operation"] == operation["id"]
