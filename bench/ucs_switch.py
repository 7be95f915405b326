"""UCS: how soon a switch of the mode ends after the last of 500 requests that it waits for.

The services and the face are those of the server, on its HTTP server, in this process. 500 connections ask a route that
passes the gate as a request for data does, and whose handler waits until it is let go: they are in progress, all of
them, when the mode is switched by `POST /server/mode`, and end together a moment later. Time is taken when the last of
them leaves the gate, when the operation settles, and when the answer to the switch has come.
"""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from tests.faces.raw import dialogue
from tests.live.server import CONTEXT, until

from bench.house import CALLER, opened
from bench.outcome import Outcome, show, spread
from busyout.domain.mode import Mode
from busyout.domain.page import OperationQuery
from busyout.faces.ucs import routes as ucs
from busyout.http import (
    Application,
    Everybody,
    Face,
    Level,
    Reply,
    Request,
    RequestClass,
    Route,
    Services,
    Through,
)
from busyout.server.listen import bound, listener

PROMISE = "ucs: switch of the mode under 500 requests, from the end of the last one"
GOAL: Final = 50.0
"""Milliseconds."""

REQUESTS: Final = 500
RUNS: Final = 8
WARM: Final = 1
REFUSED_FOR: Final = 0.2
"""Seconds for which the gate is closed before the requests end."""

BODY: Final = b'{"mode":"maintenance"}'
HEAD: Final = b"POST /server/mode HTTP/1.1\r\nHost: bench\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"


class Holding:
    """A handler that waits until it is let go."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.left = 0.0
        """When the last one left."""

    async def hold(self, _request: Request[None, None]) -> Reply:
        """Wait."""
        await self.go.wait()
        self.left = time.time()
        return Reply(204)


async def measure() -> Outcome:
    """Switch there and back again."""
    with TemporaryDirectory(prefix="busyout-bench-") as home:
        async with opened(Path(home) / "house", CONTEXT) as services:
            times = [await _run(services) for _ in range(WARM + RUNS)][WARM:]
    ends, answers = ([run[place] for run in times] for place in range(2))
    found = (
        f"{median(ends) / GOAL:.2f} of {GOAL:.0f} ms: {spread(ends, '.0f')} ms to the end of the operation, "
        f"{spread(answers, '.0f')} ms to its answer, behind those of the {REQUESTS}"
    )
    return Outcome(PROMISE, f"under {GOAL:.0f} ms", median(ends) < GOAL, found)


async def _run(services: Services) -> tuple[float, float]:
    """Milliseconds from the last request to the end of the operation, and to the answer."""
    holding = Holding()
    async with _served(services, holding) as address:
        held = [_asking(address) for _ in range(REQUESTS)]
        await until(_whether(lambda: services.gate.in_flight(RequestClass.DATA) == REQUESTS))
        switching = asyncio.create_task(dialogue(f"http://{address[0]}:{address[1]}", HEAD % len(BODY) + BODY))
        await until(_whether(lambda: services.gate.switching))
        await asyncio.sleep(REFUSED_FOR)
        holding.go.set()
        answer = await switching
        answered = time.time()
        assert b'{"server changed":"maintenance"}' in answer, answer
        for client in held:
            assert client.recv(4096).startswith(b"HTTP/1.1 204")
            client.close()
    [operation] = await services.operations.page(OperationQuery(limit=1))
    assert operation.settled_at is not None
    await services.modes.switch(CALLER, Mode.PRODUCTION)
    return 1e3 * (operation.settled_at - holding.left), 1e3 * (answered - holding.left)


def _asking(address: tuple[str, int]) -> socket.socket:
    """A client that has asked and reads its answer later, so that it takes no time of this process meanwhile."""
    client = socket.create_connection(address)
    client.sendall(b"GET /held HTTP/1.1\r\nHost: bench\r\n\r\n")
    return client


def _whether(true: Callable[[], bool]) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return true()

    return look


@asynccontextmanager
async def _served(services: Services, holding: Holding) -> AsyncIterator[tuple[str, int]]:
    """The address of the face, with the route that holds."""
    face = ucs.build(services, Everybody())
    route = Route(
        method="GET",
        path="/held",
        handler=holding.hold,
        level=Level.MONITOR,
        entrance=Through(services.gate, RequestClass.DATA),
        summary="Wait",
        answers={204: None},
    )
    held = Face(
        name="held",
        prefixes=("/held",),
        routes=(route,),
        operators=Everybody(),
        statuses=face.statuses,
        worded=face.worded,
    )
    listening = bound("127.0.0.1:0", "bench")
    server = listener(Application([face, held]), None)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield listening.getsockname()
    finally:
        server.end()
        await serving
        listening.close()


if __name__ == "__main__":
    show(PROMISE, measure)
