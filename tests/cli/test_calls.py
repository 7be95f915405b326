"""The real command line against a real server whose SBC carries real calls."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.cli.server import clean_environment
from tests.live.estate import Estate
from tests.live.server import PASSWORD

from busyout.drivers.proxy.agent import Answerer, Caller, Manners

pytestmark = pytest.mark.anyio

Process = asyncio.subprocess.Process


@asynccontextmanager
async def estate_with_parties(home: Path) -> AsyncIterator[tuple[Estate, Caller]]:
    async with Estate.of(home, store=f"sqlite:///{home}/busyout.db") as estate:
        answerer = await Answerer.open(estate.trunk, Manners(ring=0.0))
        caller = await Caller.open(estate.sbc)
        yield estate, caller
        await caller.close()
        await answerer.close()


async def begin(estate: Estate, *arguments: str) -> Process:
    """Start the command line against a server."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "busyout", *arguments, "--server", estate.server.url),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        env=clean_environment(BUSYOUT_PASSWORD=PASSWORD),
    )


async def finish(process: Process) -> tuple[int | None, str]:
    async with asyncio.timeout(90):
        out, _ = await process.communicate()
    return process.returncode, out.decode()


async def read_until(process: Process, pattern: str) -> str:
    """The first line that fits; the bound is there for a test that fails."""
    assert process.stdout is not None
    async with asyncio.timeout(90):
        async for line in process.stdout:
            if re.search(pattern, line.decode()):
                return line.decode()
    raise AssertionError(f"no line with {pattern}")


async def test_a_drain_shows_calls_left_and_ends_when_the_last_one_has_ended(tmp_path: Path) -> None:
    async with estate_with_parties(tmp_path) as (estate, caller), asyncio.TaskGroup() as calls:
        for _ in range(3):
            calls.create_task(caller.call(3600.0))
        await caller.until(lambda: caller.up == 3)
        draining = await begin(estate, "drain", "sbc")
        line = await read_until(draining, "calls_left=3")
        assert re.search(r'step="[^"]+" calls_left=3 setups=0 oldest=\d+\.\ds .*waiting_for="3 calls', line)
        code, listed = await finish(await begin(estate, "calls", "sbc", "--json"))
        assert (code, len(json.loads(listed))) == (0, 3)
        caller.hang_up()
        code, rest = await finish(draining)
        assert (code, caller.tally.completed) == (0, 3)
        assert "no call was cut" in rest.splitlines()[-1]


async def test_a_drain_is_cancelled_and_lets_calls_in_again(tmp_path: Path) -> None:
    async with estate_with_parties(tmp_path) as (estate, caller), asyncio.TaskGroup() as calls:
        calls.create_task(caller.call(3600.0))
        await caller.until(lambda: caller.up == 1)
        draining = await begin(estate, "drain", "sbc")
        line = await read_until(draining, "calls_left=1")
        operation = re.search(r"operation=(\w+)", line)
        assert operation is not None
        assert (await finish(await begin(estate, "operations", "cancel", operation[1])))[0] == 0
        assert (await finish(draining))[0] == 4
        calls.create_task(caller.call(0.1))
        await caller.until(lambda: caller.tally.completed == 1)
        assert (await finish(await begin(estate, "calls", "sbc", "end", "--all")))[0] == 0
        await caller.until(lambda: caller.tally.forced == 1)


async def test_a_server_killed_in_the_middle_is_a_pause_not_an_error(tmp_path: Path) -> None:
    async with estate_with_parties(tmp_path) as (estate, caller), asyncio.TaskGroup() as calls:
        calls.create_task(caller.call(3600.0))
        await caller.until(lambda: caller.up == 1)
        _, started = await finish(await begin(estate, "restart", "sbc", "--no-follow", "--json"))
        watching = await begin(estate, "operations", "watch")
        await read_until(watching, "calls_left=1")
        await estate.server.kill()
        await read_until(watching, 'note="the server is away')
        await estate.server.start()
        line = await read_until(watching, 'note="the server is back')
        assert json.loads(started)["id"] in line
        assert (await finish(await begin(estate, "calls", "sbc", "end", "--all")))[0] == 0
        code, rest = await finish(watching)
        assert code == 0
        assert "restart until idle succeeded" in rest.splitlines()[-1]


async def test_the_demo_keeps_every_promise() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "busyout", "demo", "--calls", "4", "--seconds", "6", "--json"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        env=clean_environment(),
    )
    code, out = await finish(process)
    report = json.loads(out)
    assert [check["promise"] for check in report["checks"] if not check["kept"]] == []
    assert code == 0
    assert report["numbers"]["cut"] == report["numbers"]["refused_otherwise"] == 0
    assert report["numbers"]["refused_with_retry_after"] > 0
    assert report["numbers"]["engine_before"] != report["numbers"]["engine_after"]
