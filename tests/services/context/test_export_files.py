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


async def test_files_that_others_write_at_the_same_time_stay_theirs(tmp_path: Path) -> None:
    begun, more = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[tuple[str, bytes]]:
        begun.set()
        await more.wait()
        yield "a.json", b"1"

    first = asyncio.create_task(Folder(tmp_path).write(NAMES, slow()))
    await begun.wait()
    with pytest.raises(NotStored, match="File exists"):
        await Folder(tmp_path).write(NAMES, given(("a.json", b"2")))
    more.set()
    await first
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.json": b"1", "b.json": b""}


@pytest.mark.parametrize("instead", ["nothing", "a file", "a directory", "a link"])
async def test_what_becomes_of_the_name_of_the_directory_meanwhile_leads_nowhere_else(
    tmp_path: Path, instead: str
) -> None:
    exports, moved, elsewhere = tmp_path / "exports", tmp_path / "moved", tmp_path / "elsewhere"
    exports.mkdir()
    elsewhere.mkdir()

    async def moving() -> AsyncIterator[tuple[str, bytes]]:
        exports.rename(moved)
        if instead == "a file":
            exports.write_bytes(b"")
        elif instead == "a directory":
            exports.mkdir()
        elif instead == "a link":
            exports.symlink_to(elsewhere)
        yield "a.json", b"1"

    await Folder(exports).write(NAMES, moving())
    assert {path.name for path in moved.iterdir()} == set(NAMES)
    assert list(elsewhere.iterdir()) == []
    assert not exports.is_dir() or list(exports.iterdir()) == []


async def test_an_export_to_a_directory_that_goes_is_refused(tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()

    async def removing() -> AsyncIterator[tuple[str, bytes]]:
        yield "a.json", b"1"
        for path in exports.iterdir():
            path.unlink()
        exports.rmdir()

    with pytest.raises(NotStored, match="No such file"):
        await Folder(exports).write(NAMES, removing())


@pytest.mark.parametrize("name", ["a.json", f".a.json{UNFINISHED}"])
@pytest.mark.parametrize("there", [True, False])
async def test_a_link_is_never_written_through(tmp_path: Path, name: str, there: bool) -> None:
    exports, secret = tmp_path / "exports", tmp_path / "secret"
    exports.mkdir()
    if there:
        secret.write_bytes(b"old")
    (exports / name).symlink_to(secret)
    with pytest.raises(NotStored, match="File exists"):
        await Folder(exports).write(NAMES, given(("a.json", b"1")))
    assert [path.name for path in exports.iterdir()] == [name]
    assert (secret.read_bytes() if there else secret.exists()) == (b"old" if there else False)


async def test_a_file_that_somebody_has_put_in_the_place_of_ours_is_not_shown(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"old")

    async def replacing() -> AsyncIterator[tuple[str, bytes]]:
        yield "a.json", b"1"
        unfinished = tmp_path / f".a.json{UNFINISHED}"
        unfinished.unlink()
        unfinished.symlink_to(secret)

    with pytest.raises(NotStored, match="another file"):
        await Folder(tmp_path).write(NAMES, replacing())
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"secret": b"old"}


async def test_the_sweep_leaves_alone_what_no_server_has_left(tmp_path: Path) -> None:
    (tmp_path / f".directory{UNFINISHED}").mkdir()
    (tmp_path / f".link{UNFINISHED}").symlink_to(tmp_path / "nothing")
    (tmp_path / ".download.part").write_bytes(b"")
    before = {path.name for path in tmp_path.iterdir()}
    for name in before:
        os.utime(tmp_path / name, (0, 0), follow_symlinks=False)
    await Folder(tmp_path).write(NAMES, given())
    assert {path.name for path in tmp_path.iterdir()} == {*before, *NAMES}


async def test_an_export_that_fails_or_not_leaves_nothing_open(tmp_path: Path) -> None:
    async def breaking() -> AsyncIterator[tuple[str, bytes]]:
        yield "a.json", b"1"
        raise StoreUnavailable

    before = len(list(Path("/proc/self/fd").iterdir()))
    for number in range(20):
        with pytest.raises(StoreUnavailable):
            await Folder(tmp_path).write(NAMES, breaking())
        await Folder(tmp_path).write((f"{number}.json",), given())
    assert len(list(Path("/proc/self/fd").iterdir())) == before
