"""Several servers on one PostgreSQL, under load and killed: schema and data requests never overlap, in any of them."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from tests.durable.processes import ROOT, ended, said

pytestmark = pytest.mark.anyio

Interval = tuple[int, int]
"""Begin and end of a request, in nanoseconds of the clock that all processes share."""


@dataclass
class Node:
    """A server in a process of its own."""

    process: asyncio.subprocess.Process
    log: Path
    killed_at: int | None = None

    async def ask(self, command: str) -> str:
        """What it answers to a command."""
        self.say(command)
        return await said(self.process)

    def say(self, command: str) -> None:
        """Give a command whose answer comes later, or never."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{command}\n".encode("ascii"))

    async def kill(self) -> None:
        """Let it die on the spot."""
        self.killed_at = time.monotonic_ns()
        self.process.kill()
        await self.process.wait()

    def intervals(self) -> dict[str, list[Interval]]:
        """When requests of each class were in progress; those that died with the server lasted until then."""
        begun: dict[tuple[str, str], int] = {}
        found: dict[str, list[Interval]] = {"data": [], "schema": []}
        for line in self.log.read_text("ascii").splitlines():
            kind, number, moment, at = line.split()
            if moment == "begin":
                begun[kind, number] = int(at)
            else:
                found[kind].append((begun.pop((kind, number)), int(at)))
        for (kind, _), since in begun.items():
            assert self.killed_at is not None
            found[kind].append((since, self.killed_at))
        return found


class Nodes:
    """The servers, those that were killed included."""

    def __init__(self, store_url: str, home: Path) -> None:
        self.all: list[Node] = []
        self._store_url = store_url
        self._home = home
        self._numbers = count()
        self._stack = AsyncExitStack()

    async def start(self) -> Node:
        """One more."""
        name = f"node-{next(self._numbers)}"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.durable.hammer", self._store_url, str(self._home), name),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=(self._home / f"{name}.stderr").open("wb"),
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
            cwd=ROOT,
        )
        node = Node(process, self._home / f"{name}.log")
        self.all.append(node)
        assert await said(process) == "open"
        return node

    async def end(self) -> None:
        """End those that live, in good order."""
        for node in self.all:
            if node.process.returncode is None:
                assert node.process.stdin is not None
                node.process.stdin.close()
                assert await ended(node.process) == 0

    def intervals(self) -> dict[str, list[Interval]]:
        """When requests of each class were in progress, in whatever server."""
        told = [node.intervals() for node in self.all]
        return {kind: [each for one in told for each in one[kind]] for kind in ("data", "schema")}


@asynccontextmanager
async def nodes(store_url: str, home: Path) -> AsyncIterator[Nodes]:
    """No server yet; those that still live at the end are killed."""
    them = Nodes(store_url, home)
    try:
        yield them
    finally:
        for node in them.all:
            if node.process.returncode is None:
                await node.kill()


def overlap(intervals: dict[str, list[Interval]]) -> list[tuple[Interval, Interval]]:
    """A data and a schema request that were in progress at the same time."""
    edges = sorted(
        (at, step, kind)
        for kind, each in intervals.items()
        for one in each
        for at, step in zip(one, (1, 0), strict=True)
    )
    within = {"data": 0, "schema": 0}
    found = []
    for at, begins, kind in edges:
        within[kind] += 1 if begins else -1
        if all(within.values()):
            found.append(((at, at), (at, at)))
    return found


async def reached(node: Node, mode: str) -> None:
    """Return when a server is in a mode, or `switching`."""
    async with asyncio.timeout(60):
        while await node.ask("mode") != mode:
            await asyncio.sleep(0.05)


async def take_turns(*servers: Node) -> None:
    """Let each switch, twice to maintenance and back; all are in production in the end."""
    before = "production"
    for number, mode in enumerate(("maintenance", "production") * len(servers)):
        switcher = servers[number % len(servers)]
        await reached(switcher, before)
        assert await switcher.ask(f"switch {mode}") == "done"
        before = mode
    for server in servers:
        await reached(server, before)


async def kill_one_with_a_request(switcher: Node, killed: Node) -> None:
    """The switch to maintenance waits for a request until the server dies that it is in."""
    assert await killed.ask("slow data") == "in"
    switcher.say("switch maintenance")
    await reached(killed, "switching")
    await killed.kill()


async def kill_the_switcher(servers: Nodes, switcher: Node, other: Node) -> Node:
    """The switch to production goes on in another server; one that comes up meanwhile lets nobody in before."""
    assert await other.ask("slow schema") == "in"
    switcher.say("switch production")
    await reached(other, "switching")
    await switcher.kill()
    late = await servers.start()
    assert await late.ask("mode") == "switching"
    await other.ask("release")
    for server in (other, late):
        await reached(server, "production")
    return late


async def test_schemas_and_data_never_overlap_in_servers_that_are_killed(postgres_url: str, tmp_path: Path) -> None:
    async with nodes(postgres_url, tmp_path) as servers:
        first, second, third = [await servers.start() for _ in range(3)]
        await take_turns(first, second, third)
        await kill_one_with_a_request(first, third)
        assert await said(first.process) == "done"
        await reached(second, "maintenance")
        late = await kill_the_switcher(servers, first, second)
        assert await late.ask("switch maintenance") == "done"
        await servers.end()
    intervals = servers.intervals()
    assert overlap(intervals) == []
    assert all(len(each) > 20 for each in intervals.values()), {kind: len(each) for kind, each in intervals.items()}


def test_an_overlap_is_seen() -> None:
    assert overlap({"data": [(1, 5), (8, 9)], "schema": [(5, 6), (6, 8)]}) == []
    assert overlap({"data": [(1, 5)], "schema": [(4, 6)]}) != []
