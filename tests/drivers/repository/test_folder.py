"""Files from the one folder of the settings."""

import os

import pytest
from tests.drivers.repository.bench import some_bytes

from busyout.domain.errors import InvalidValue, RepositoryUnreachable
from busyout.drivers.repository.road import Reach
from busyout.ports.repository import Access

pytestmark = pytest.mark.anyio

DATA = some_bytes(600_000)


@pytest.fixture
def folder(tmp_path):
    found = tmp_path / "plug ins"
    found.mkdir()
    (found / "plugins.db").write_bytes(DATA)
    return found


def urls(folder, name):
    return [f"{folder}/{name}", f"file://{folder}/{name}".replace(" ", "%20"), f"file://localhost{folder}/{name}"]


@pytest.mark.parametrize("form", [0, 1, 2])
async def test_a_file_of_the_folder_arrives(bench, folder, form):
    url = urls(folder, "plugins.db")[form]
    fetched = await bench.fetch(url, reach=Reach(folder=folder))
    assert bench.holds(DATA, fetched)
    assert bench.told[-1] == (len(DATA), len(DATA))


@pytest.mark.parametrize("form", [0, 1, 2])
async def test_no_file_is_read_where_the_settings_name_no_folder(bench, folder, form):
    url = urls(folder, "plugins.db")[form]
    with pytest.raises(InvalidValue, match="no folder is the plug-in server of the settings"):
        await bench.fetch(url, Access(plugin_server=str(folder)))


@pytest.mark.parametrize("name", ["../secret", "%2e%2e/secret", "link", "linked/secret"])
async def test_nothing_outside_of_the_folder_is_read(bench, folder, tmp_path, name):
    (tmp_path / "secret").write_bytes(b"x")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "linked").symlink_to(tmp_path)
    with pytest.raises(InvalidValue, match="not below the plug-in server"):
        await bench.fetch(urls(folder, name)[1], reach=Reach(folder=folder))
    assert bench.left == []


async def test_a_link_within_the_folder_is_followed(bench, folder):
    (folder / "stable").symlink_to("plugins.db")
    assert bench.holds(DATA, await bench.fetch(f"{folder}/stable", reach=Reach(folder=folder)))


async def test_a_folder_that_is_a_link_is_a_folder(bench, folder, tmp_path):
    (tmp_path / "current").symlink_to(folder)
    url = f"{tmp_path}/current/plugins.db"
    assert bench.holds(DATA, await bench.fetch(url, reach=Reach(folder=tmp_path / "current")))


async def test_what_is_no_file_is_not_waited_for(bench, folder):
    os.mkfifo(folder / "pipe")
    for name, reason in [("pipe", "it is no file"), (".", "it is no file"), ("none", "there is no such file")]:
        with pytest.raises(RepositoryUnreachable, match=reason):
            await bench.fetch(f"{folder}/{name}", reach=Reach(folder=folder))


async def test_a_file_that_is_too_large_is_refused(bench, folder):
    with pytest.raises(RepositoryUnreachable, match="larger than 1000 bytes"):
        await bench.fetch(f"{folder}/plugins.db", reach=Reach(folder=folder), limit=1000)
    assert bench.left == []


@pytest.mark.parametrize("url", ["file://other.example/x", "file:x", "file:", "/a\0b", "file:///a%00b", "plugins/x"])
async def test_a_path_of_elsewhere_is_refused(bench, folder, url):
    with pytest.raises(InvalidValue):
        await bench.fetch(url, reach=Reach(folder=folder))
