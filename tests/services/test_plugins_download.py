"""A download is followed live, broken off by who cancels, and gone on with by who asks again or starts the server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from tests.services.conftest import Provisioned
from tests.services.repository import SampleRepository
from tests.services.shop import ACME, done, on_disk
from tests.world import ADMIN, World

from busyout.domain.commands import InstallPlugin, UpdatePlugins
from busyout.domain.operation import OperationState, StepState

pytestmark = pytest.mark.anyio

HALF = 20_000
"""Bytes of a package that come before the server waits."""

PIECE = 5_000
PAUSE = 0.06
"""Seconds between two pieces of a slow package: progress is not told more often."""


class SlowServer:
    """Serves a repository's folder over HTTP; of a package it sends half, until it is told to send the rest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self.released = asyncio.Event()
        self.ranges: list[str] = []

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, of somebody who may be gone before it is answered."""
        with suppress(ConnectionError):
            await self._answer(reader, writer)
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split(" ")[1].lstrip("/")
        content = (self.folder / path).read_bytes()
        start = next((int(line[13:].rstrip("-")) for line in head.splitlines() if line.lower().startswith("range:")), 0)
        self.ranges += [path] if not start else [f"{path} from {start}"]
        part = f"206 Partial Content\r\nContent-Range: bytes {start}-{len(content) - 1}/{len(content)}"
        facts = f'ETag: "{len(content)}"\r\nContent-Length: {len(content) - start}\r\nConnection: close'
        writer.write(f"HTTP/1.1 {part if start else '200 OK'}\r\n{facts}\r\n\r\n".encode())
        sent = start
        while path.endswith(".bz2") and not start and sent < HALF:
            writer.write(content[sent : sent + PIECE])
            await writer.drain()
            sent += PIECE
            await asyncio.sleep(PAUSE)
        if 0 < sent != start:
            await self.released.wait()
        writer.write(content[sent:])
        await writer.drain()


@asynccontextmanager
async def slow(repository: SampleRepository) -> AsyncIterator[SlowServer]:
    """A slow server of a repository with one large plug-in."""
    noise = b"".join(index.to_bytes(4, "big") * 3 + bytes([index * 7 % 251]) for index in range(60_000))
    repository.offer(ACME, "1.0", files={"templates/noise": noise})
    made = SlowServer(repository.folder)
    async with await asyncio.start_server(made.answer, "127.0.0.1", 0) as server:
        made.port = server.sockets[0].getsockname()[1]
        yield made
        made.released.set()


async def half_there(world: World, operation: str) -> None:
    """Let time pass until half of a package has come."""

    async def half() -> bool:
        (step, *_) = (await world.services.operations.find(operation)).steps
        return bool(step.transfers) and (step.transfers[0].current or 0) > 0

    await world.clock.run_until(half)


async def test_who_follows_sees_it_come_and_who_cancels_breaks_it_off(
    provisioned: Provisioned, repository: SampleRepository, tmp_path: Path
) -> None:
    async with slow(repository) as server, provisioned(server=f"http://127.0.0.1:{server.port}") as world:
        await done(world, UpdatePlugins())
        size = repository.entries[ACME]["dsize"]
        assert size > 2 * HALF
        operation = await world.start(InstallPlugin(ACME), on="provisioning")
        await half_there(world, operation.id)
        (transfer,) = (await world.services.operations.find(operation.id)).steps[0].transfers
        assert (transfer.label, transfer.state, transfer.end) == ("download", "progress", size)
        await world.services.operations.cancel(ADMIN, operation.id)
        cancelled = await world.settled(operation.id)
        assert cancelled.state is OperationState.CANCELLED
        assert cancelled.steps[0].state is StepState.UNDONE
        assert cancelled.steps[0].transfers[0].state == "fail"
        assert on_disk(tmp_path) is None
        again = await done(world, InstallPlugin(ACME))
        assert again.state is OperationState.SUCCEEDED, again.reason
        assert server.ranges[-1].startswith(f"{ACME}-1.0.tar.bz2 from "), "what had come is not fetched twice"


async def test_a_server_that_dies_while_it_downloads_goes_on_after_its_start(
    provisioned: Provisioned, repository: SampleRepository, tmp_path: Path
) -> None:
    async with slow(repository) as server, provisioned(server=f"http://127.0.0.1:{server.port}") as world:
        await done(world, UpdatePlugins())
        operation = await world.start(InstallPlugin(ACME), on="provisioning")
        await half_there(world, operation.id)
        await world.crash()
        server.released.set()
        await world.reopen()
        assert (await world.settled(operation.id)).state is OperationState.SUCCEEDED
        assert on_disk(tmp_path) == "1.0"
