"""A listener that is ended: what is in progress is finished, and nobody else is waited for."""

import asyncio
import logging
from typing import Any

import pytest

from busyout.server.listen import Bounds, bound, listener

pytestmark = pytest.mark.anyio

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Slow:
    """An application that answers when it is let."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.let = asyncio.Event()

    async def __call__(self, _scope: dict[str, Any], _receive: object, send: Any) -> None:
        self.asked.set()
        await self.let.wait()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def test_a_request_in_progress_is_answered_and_a_silent_connection_is_not_waited_for() -> None:
    app, listening = Slow(), bound("127.0.0.1:0", "test")
    server = listener(app, None)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    port = listening.getsockname()[1]
    silent = await asyncio.open_connection("127.0.0.1", port)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(REQUEST)
    await app.asked.wait()
    server.end()
    assert await silent[0].read() == b""
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.1", port)
    assert not serving.done()
    app.let.set()
    assert (await reader.read()).startswith(b"HTTP/1.1 204")
    await serving
    for open_still in (silent[1], writer):
        open_still.close()


async def test_a_request_that_does_not_end_is_cut_and_answered_nothing(caplog: pytest.LogCaptureFixture) -> None:
    app, listening = Slow(), bound("127.0.0.1:0", "test")
    server = listener(app, None, Bounds(grace=0.0))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    reader, writer = await asyncio.open_connection("127.0.0.1", listening.getsockname()[1])
    writer.write(REQUEST)
    await app.asked.wait()
    server.end()
    await serving
    assert await reader.read() == b""
    warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [(record.message, vars(record)["count"]) for record in warnings] == [("requests_cut", 1)]
    writer.close()
