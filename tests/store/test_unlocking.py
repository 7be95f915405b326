"""Keys that fit, keys that do not, and stores of before there were keys."""

import sqlite3
from pathlib import Path

import pytest
from msgspec.json import decode
from tests.keys import key_file, key_id
from tests.store.direct import ask
from tests.store.dump import stolen
from tests.store.making import RECORD, event

from busyout.domain.errors import SealBroken
from busyout.domain.profile import Profile, profile_of
from busyout.store import Store, open_store
from busyout.store.unlocking import SLICE

pytestmark = pytest.mark.anyio

SECRET = "hunter2hunter2"
PROXY = f"http://user:{SECRET}@10.0.0.1:3128"

COLUMNS = "SELECT value FROM parameters UNION ALL SELECT document FROM profiles"


def profile(id: str = "p1") -> Profile:
    return profile_of({"parent_ids": [], "raw_config": {"admin_password": SECRET}}, id=id)


async def fill(store: Store) -> None:
    await store.parameters.put("http_proxy", PROXY, audit=RECORD, event=event())
    await store.profiles.add(profile(), audit=RECORD)


async def check(store: Store) -> None:
    assert await store.parameters.all() == {"http_proxy": PROXY}
    assert (await store.profiles.find("p1")).document == profile().document


async def opened_and_checked(url: str, keys: Path) -> None:
    store = open_store(url, keys)
    await check(store)
    await store.close()


async def filled(url: str, keys: Path) -> None:
    store = open_store(url, keys)
    await fill(store)
    await store.close()


def sealed_with(url: str) -> set[str]:
    """Ids of the keys that values are sealed with; `clear` for a value that is not."""
    values = [value for (value,) in ask(url, COLUMNS)]
    return {value.split(":")[2] if value.startswith("sealed:1:") else "clear" for value in values}


def made_old(url: str, profiles: int = 1) -> None:
    """Write down values in the clear, as a server did that knew no keys."""
    ask(url, "DELETE FROM sealing_keys")
    ask(url, f"INSERT INTO parameters (id, value) VALUES ('http_proxy', '\"{PROXY}\"')")
    rows = ", ".join(
        f"""('p{n}', false, '{{"id":"p{n}","parent_ids":[],"raw_config":{{"admin_password":"{SECRET}"}}}}')"""
        for n in range(1, profiles + 1)
    )
    ask(url, f"INSERT INTO profiles (id, transient, document) VALUES {rows}")


async def test_nothing_of_a_secret_is_in_the_store(store_url: str, tmp_path: Path) -> None:
    store = open_store(store_url, tmp_path / "keys")
    await fill(store)
    assert SECRET.encode() not in stolen(store_url)
    await check(store)
    await store.close()
    await opened_and_checked(store_url, tmp_path / "keys")
    assert SECRET.encode() not in stolen(store_url)


@pytest.mark.parametrize("profiles", [1, 2 * SLICE + 1])
async def test_what_an_older_server_left_in_the_clear_is_sealed_at_the_start(
    store_url: str, tmp_path: Path, profiles: int
) -> None:
    await open_store(store_url, tmp_path / "other").close()
    made_old(store_url, profiles)
    assert SECRET.encode() in stolen(store_url)
    await opened_and_checked(store_url, tmp_path / "keys")
    assert SECRET.encode() not in stolen(store_url)
    assert sealed_with(store_url) == {key_id(tmp_path / "keys")}
    before = ask(store_url, COLUMNS)
    await opened_and_checked(store_url, tmp_path / "keys")
    assert ask(store_url, COLUMNS) == before, "it is done once"


async def test_nothing_stays_in_the_journal_of_a_file_that_others_hold_open(sqlite_url: str, tmp_path: Path) -> None:
    await open_store(sqlite_url, tmp_path / "other").close()
    holder = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    holder.execute("SELECT count(*) FROM parameters").fetchall()
    made_old(sqlite_url)
    assert SECRET.encode() in stolen(sqlite_url)
    await opened_and_checked(sqlite_url, tmp_path / "keys")
    assert SECRET.encode() not in stolen(sqlite_url)
    holder.close()


async def test_a_start_that_was_killed_while_it_sealed_is_gone_on_with(store_url: str, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    await filled(store_url, keys)
    ask(store_url, "UPDATE sealing_keys SET complete = false")
    document = '{"id":"p2","parent_ids":[],"raw_config":{}}'
    ask(store_url, f"INSERT INTO profiles (id, transient, document) VALUES ('p2', false, '{document}')")
    before = dict(ask(store_url, "SELECT id, document FROM profiles"))
    store = open_store(store_url, keys)
    assert (await store.profiles.find("p2")).document == decode(document)
    await check(store)
    await store.close()
    assert dict(ask(store_url, "SELECT id, document FROM profiles"))["p1"] == before["p1"]
    assert ask(store_url, "SELECT complete FROM sealing_keys") in ([(True,)], [(1,)])


async def test_another_key_is_refused_by_name_and_changes_nothing(store_url: str, tmp_path: Path) -> None:
    right, wrong = key_file(tmp_path, 1), key_file(tmp_path, 2)
    await filled(store_url, right)
    before = stolen(store_url)
    with pytest.raises(SealBroken) as refused:
        open_store(store_url, wrong)
    for word in (key_id(right), key_id(wrong), str(wrong), "store.sealing_key_file"):
        assert word in refused.value.message
    assert stolen(store_url) == before
    await opened_and_checked(store_url, right)


async def test_a_lost_key_is_not_replaced_by_a_new_one(store_url: str, tmp_path: Path) -> None:
    await filled(store_url, key_file(tmp_path, 1))
    with pytest.raises(SealBroken) as refused:
        open_store(store_url, tmp_path / "gone")
    assert key_id(key_file(tmp_path, 1)) in refused.value.message
    assert not (tmp_path / "gone").exists()


async def test_a_second_server_needs_the_key_of_the_first_even_when_nothing_is_kept(
    store_url: str, tmp_path: Path
) -> None:
    first = open_store(store_url, key_file(tmp_path, 1))
    with pytest.raises(SealBroken):
        open_store(store_url, key_file(tmp_path, 2))
    await first.close()


async def test_a_new_key_before_the_old_one_seals_everything_anew(store_url: str, tmp_path: Path) -> None:
    old, both, new = key_file(tmp_path, 1), key_file(tmp_path, 2, 1), key_file(tmp_path, 2)
    await filled(store_url, old)
    with pytest.raises(SealBroken, match=key_id(old)):
        open_store(store_url, new)
    await opened_and_checked(store_url, both)
    assert sealed_with(store_url) == {key_id(new)}
    await opened_and_checked(store_url, both)
    for alone, other in ((old, new), (new, old)):
        with pytest.raises(SealBroken, match=key_id(other)):
            open_store(store_url, alone)


@pytest.mark.parametrize("value", ["'sealed:1:00000000:AAAA'", "substr(value, 1, 40)", "'\"in the clear\"'", "''"])
async def test_a_value_that_was_tampered_with_is_named(store_url: str, tmp_path: Path, value: str) -> None:
    keys = key_file(tmp_path, 1)
    store = open_store(store_url, keys)
    await fill(store)
    ask(store_url, f"UPDATE parameters SET value = {value}")
    with pytest.raises(SealBroken, match=r"parameters\.value/http_proxy"):
        await store.parameters.all()
    await store.close()


async def test_a_value_that_was_moved_to_another_row_is_named(store: Store, store_url: str) -> None:
    for id in ("p1", "p2"):
        await store.profiles.add(profile(id), audit=RECORD)
    ask(store_url, "UPDATE profiles SET document = (SELECT document FROM profiles WHERE id = 'p1') WHERE id = 'p2'")
    assert await store.profiles.find("p1")
    with pytest.raises(SealBroken, match=r"profiles\.document/p2.*moved"):
        await store.profiles.find("p2")
    with pytest.raises(SealBroken):
        await store.profiles.page({}, after=0, limit=10)
