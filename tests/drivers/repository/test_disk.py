"""Disks that refuse."""

import os
import subprocess

import pytest
from tests.drivers.repository.bench import Bench, some_bytes
from tests.drivers.repository.web import site, whole

from busyout.domain.errors import RepositoryUnreachable

pytestmark = pytest.mark.anyio

DATA = some_bytes(400_000)


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 128 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("a small disk is mounted, which needs root")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", place], check=False)
    if mounted.returncode != 0:
        pytest.skip("a small disk cannot be mounted here")
    yield place
    subprocess.run(["umount", place], check=True)


async def test_a_full_disk_is_said_so_and_left_as_it_was(bench, small_disk):
    full = Bench(bench.clock, small_disk / "arrived")
    full.into.write_bytes(b"old")
    async with site(whole(DATA)) as web:
        with pytest.raises(RepositoryUnreachable, match="could not be kept in arrived: No space left on device"):
            await full.fetch(web.url)
    assert web.connections == 1
    assert full.left == ["arrived"]
    assert full.into.read_bytes() == b"old"
    async with site(whole(DATA[:60_000])) as web:
        assert full.holds(DATA[:60_000], await full.fetch(web.url))


async def test_a_folder_that_is_not_there_is_said_so(bench, tmp_path):
    lost = Bench(bench.clock, tmp_path / "nowhere" / "arrived")
    async with site(whole(DATA)) as web:
        with pytest.raises(RepositoryUnreachable, match="could not be kept in arrived: No such file or directory"):
            await lost.fetch(web.url)


async def test_a_name_that_is_taken_by_a_folder_is_said_so(bench):
    bench.into.mkdir()
    (bench.into / "x").touch()
    async with site(whole(DATA)) as web:
        with pytest.raises(RepositoryUnreachable, match="could not be kept in arrived"):
            await bench.fetch(web.url)
    assert bench.left == ["arrived"]
