"""What is left after the server was killed in the middle of its work."""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from tests.keys import KEYS
from tests.store.direct import ask, count

from busyout.domain.audit import first_broken
from busyout.store import open_store

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]


async def acknowledged_before_the_kill(*command: str, lines: int) -> list[str]:
    """Ids that a claiming process printed until it was killed, soon after so many lines."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            ids = [await process.stdout.readline() for _ in range(lines)]
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    rest = await process.stdout.read()
    return [line.decode().strip() for line in [*ids, *rest.splitlines(keepends=True)] if line.endswith(b"\n")]


def claimer(url: str, *, workers: int) -> tuple[str, ...]:
    return (sys.executable, "-m", "tests.store.claimer", url, str(workers))


@pytest.mark.parametrize("lines", [1, 40, 300])
async def test_every_acknowledged_claim_is_there_and_none_is_half_there(store_url: str, lines: int) -> None:
    acknowledged = await acknowledged_before_the_kill(*claimer(store_url, workers=8), lines=lines)
    assert len(acknowledged) >= lines
    store = open_store(store_url, KEYS)
    for id in acknowledged:
        assert (await store.operations.find(id)).id == id
    kept = {found.id for found in await store.operations.unsettled()}
    assert {row[0] for row in ask(store_url, "SELECT operation FROM idempotency_keys")} == kept
    events = await store.events.since(0, limit=100_000)
    assert {happened.operation for happened in events} == kept
    assert [happened.id for happened in events] == list(range(1, len(kept) + 1))
    entries = await store.audit.since(0, limit=100_000)
    assert {entry.record.subject for entry in entries} == kept
    assert first_broken(entries, after=None) is None
    await store.close()
    if store_url.startswith("sqlite"):
        assert ask(store_url, "PRAGMA integrity_check") == [("ok",)]
        assert ask(store_url, "PRAGMA foreign_key_check") == []
    assert count(store_url, "operations") == len(kept)


def can_trace() -> bool:
    """Whether system calls can be watched here."""
    strace = shutil.which("strace")
    return (
        strace is not None and subprocess.run([strace, "-qq", "-e", "trace=none", "true"], check=False).returncode == 0
    )


@pytest.mark.skipif(not can_trace(), reason="system calls cannot be watched here (strace)")
async def test_an_acknowledgement_follows_the_fsync_of_all_that_was_written(sqlite_url: str, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    calls = "trace=write,pwrite64,fsync,fdatasync"
    watched = ("strace", "-f", "-qq", "-y", "-e", calls, "-o", str(trace), *claimer(sqlite_url, workers=1))
    acknowledged = await acknowledged_before_the_kill(*watched, lines=20)
    written = synced = answered = 0
    for line in trace.read_text().splitlines():
        if re.search(r"pwrite64\(\d+<[^>]*busyout\.db-wal>", line):
            written, synced = written + 1, 0
        elif re.search(r"(fsync|fdatasync)(\(\d+<[^>]*-wal>\)| resumed>\)) += 0", line):
            synced = 1
        elif re.search(r'write\(1<[^>]*>, "0-\d+\\n"', line):
            answered += 1
            assert synced, f"acknowledgement {answered} came before the fsync"
    assert answered >= 20
    assert written >= answered
    assert len(acknowledged) >= 20
