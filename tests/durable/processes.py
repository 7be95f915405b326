"""Servers in processes of their own."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds for a process to start or to end, on a machine that is busy."""


@asynccontextmanager
async def node(store_url: str, home: Path, *operations: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A server that works and has been told to start operations; killed at the end if it still lives."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.durable.node", store_url, str(home), *operations),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        cwd=ROOT,
    )
    try:
        assert await said(process) == "open"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def said(process: asyncio.subprocess.Process) -> str:
    """The next line that a process prints."""
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        return (await process.stdout.readline()).decode("ascii").strip()


async def ended(process: asyncio.subprocess.Process) -> int:
    """Wait for the end of a process; its exit status."""
    async with asyncio.timeout(PATIENCE):
        return await process.wait()
