"""Files of exports: whole, or not there."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from busyout.domain.errors import NotStored, StoreUnavailable
from busyout.server.exports import ABANDONED, UNFINISHED, Folder

pytestmark = pytest.mark.anyio

NAMES = ("a.json", "b.json")

FULL = """
import asyncio, resource, sys
from pathlib import Path
from busyout.domain.errors import NotStored
from busyout.server.exports import Folder

async def pieces():
    for _ in range(64):
        yield "a.json", bytes(1024)
        yield "b.json", b"b"

resource.setrlimit(resource.RLIMIT_FSIZE, (16384, 16384))
try:
    asyncio.run(Folder(Path(sys.argv[1])).write(("a.json", "b.json"), pieces()))
except NotStored as refused:
    print(refused.message)
"""


async def given(*pieces: tuple[str, bytes]) -> AsyncIterator[tuple[str, bytes]]:
    for piece in pieces:
        yield piece


async def test_each_piece_goes_to_the_file_that_it_names(tmp_path: Path) -> None:
    await Folder(tmp_path).write(NAMES, given(("a.json", b"1"), ("b.json", b"2"), ("a.json", b"3")))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.json": b"13", "b.json": b"2"}
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


async def test_nothing_is_seen_of_files_that_are_not_whole(tmp_path: Path) -> None:
    seen: list[set[str]] = []

    async def breaking() -> AsyncIterator[tuple[str, bytes]]:
        yield "a.json", b"1"
        seen.append({path.name for path in tmp_path.iterdir()})
        raise StoreUnavailable

    with pytest.raises(StoreUnavailable):
        await Folder(tmp_path).write(NAMES, breaking())
    assert seen == [{f".{name}{UNFINISHED}" for name in NAMES}]
    assert list(tmp_path.iterdir()) == []


async def test_of_an_export_that_is_given_up_nothing_stays(tmp_path: Path) -> None:
    begun = asyncio.Event()

    async def endless() -> AsyncIterator[tuple[str, bytes]]:
        yield "a.json", b"1"
        begun.set()
        await asyncio.Event().wait()

    writing = asyncio.create_task(Folder(tmp_path).write(NAMES, endless()))
    await begun.wait()
    writing.cancel()
    await asyncio.wait({writing})
    assert list(tmp_path.iterdir()) == []


async def test_where_there_is_no_room_nothing_stays(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, timeout=60, check=True
    )
    assert run.stdout == f"the export cannot be written to {tmp_path}: File too large\n"
    assert list(tmp_path.iterdir()) == []


async def test_what_is_there_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_bytes(b"old")
    with pytest.raises(NotStored, match="File exists"):
        await Folder(tmp_path).write(NAMES, given(("a.json", b"1")))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"b.json": b"old"}


async def test_what_a_server_that_died_has_left_goes_with_a_later_export(tmp_path: Path) -> None:
    for name, age in (("old", ABANDONED + 60.0), ("new", 0.0)):
        path = tmp_path / f".{name}{UNFINISHED}"
        path.write_bytes(b"")
        moment = path.stat().st_mtime - age
        os.utime(path, (moment, moment))
    await Folder(tmp_path).write(NAMES, given())
    assert {path.name for path in tmp_path.iterdir()} == {f".new{UNFINISHED}", *NAMES}
