"""Files of customers are taken in whole or not at all, whatever else goes on."""

import asyncio
from pathlib import Path

import pytest
from tests.services.context.estate import customers, estate, found, switched, whole
from tests.services.context.files import (
    Ask,
    Waiting,
    asked,
    everything,
    importing,
    inbox,
    left,
    put_aside,
    rows_of,
    taken_in,
    world,
)
from tests.world import ADMIN, World, WorldOn

from busyout.domain.context.errors import ImportRunning, ModeNotAllowed, NoSuchKey, UniqueValueTaken
from busyout.domain.context.importing import Imported
from busyout.domain.errors import InvalidValue
from busyout.domain.mode import Mode

__all__ = ["inbox", "rows_of", "world"]

pytestmark = pytest.mark.anyio


async def test_each_row_is_a_customer_that_can_be_found(world: World, inbox: Path, rows_of: Ask) -> None:
    done = await taken_in(
        world,
        inbox,
        "LastName,emailaddress,Person.Born,PERSON.colour",
        "Doe,ann@example.org,1962-05-10,",
        '"Roe, jun.",,,"dark\r\nblue"',
        "",
        "Poe,,,",
    )
    assert done == Imported(created=3, updated=0)
    (ann,) = await found(world, EmailAddress="ann@example.org")
    born = {"Born": "1962-05-10", "Colour": "red"}
    assert await whole(world, ann) == {
        "LastName": "Doe",
        "EmailAddress": "ann@example.org",
        "Cards": [],
        "Person": born,
    }
    (roe,) = await found(world, LastName="Roe, jun.")
    assert (await whole(world, roe))["Person"] == {"Colour": "dark\r\nblue"}
    (poe,) = await found(world, LastName="Poe")
    assert await whole(world, poe) == {"LastName": "Poe", "Cards": []}
    assert await left(world, rows_of) == [0, 0, 0, 0, 0]
    record = (await world.services.audit.since(0, limit=100))[-1].record
    assert (record.action, record.subject) == ("customers.import", "people.csv")
    assert record.after == {"created": 3, "updated": 0}


async def test_by_a_key_rows_change_the_customers_that_there_are(world: World, inbox: Path) -> None:
    cards = [{"Number": 1, "Pin": "1234"}]
    mails = ["ann@example.org", "doe@example.org"]
    document = {"EmailAddress": mails, "FirstName": "Ann", "LastName": "Doe", "Cards": cards, "Person": {"Colour": "x"}}
    id = await customers(world).create(ADMIN, document)
    heading, first = "EmailAddress,LastName,Title,Person.Born,Person.Colour", "doe@example.org,,Dr.,,"
    done = await taken_in(world, inbox, heading, first, "eve@example.org,Roe,,1970-01-01,", key="bymail")
    assert done == Imported(created=1, updated=1)
    assert await whole(world, id) == {
        "EmailAddress": mails,
        "FirstName": "Ann",
        "Title": "Dr.",
        "Cards": [{"Number": 1, "Pin": "1234", "Colour": "red"}],
    }
    assert await found(world, EmailAddress="ann@example.org") == await found(world, Cards__Number="1") == [id]
    assert await found(world, LastName="Doe") == []
    (eve,) = await found(world, LastName="Roe")
    assert (await whole(world, eve))["Person"] == {"Born": "1970-01-01", "Colour": "red"}
    assert await taken_in(world, inbox, heading, first, key="ByMail") == Imported(created=0, updated=1)


async def test_rows_at_the_beginning_are_left_out(world: World, inbox: Path) -> None:
    lines = ("LastName,Person.Born", "Doe,broken", "Roe,", "Poe,")
    assert await taken_in(world, inbox, *lines, start_from=1) == Imported(created=2, updated=0)
    assert await found(world, LastName="Doe") == []
    assert await taken_in(world, inbox, *lines, start_from=3) == Imported(created=0, updated=0)
    with pytest.raises(InvalidValue, match="row 3 "):
        await taken_in(world, inbox, *lines[:3], "Poe", start_from=2)


@pytest.mark.parametrize(
    "broken",
    [
        ("LastName,Person.Born", "Doe,10000-01-01", ("row 1001", "Person.Born")),
        ("LastName,Person.Born", "Doe", ("row 1001", "1 cells")),
        ("LastName,Person.Born", "Doe,,", ("row 1001", "3 cells")),
        ("LastName,Person.Born", ",", ("row 1001",)),
        ("LastName,Person.Born", '"Doe,', ("row 1001",)),
        ("LastName,Person.Born", '"Doe"x,', ("row 1001",)),
        ("LastName,Person.Born", "D\0e,", ("row 1001",)),
        ("LastName,Colour", "Doe,red", ("Colour",)),
        ("LastName,Person.Shape", "Doe,round", ("Person.Shape",)),
        ("LastName,Cards.Number", "Doe,1", ("Cards.Number",)),
        ("LastName,lastname", "Doe,Doe", ("LastName",)),
        ("LastName,", "Doe,", ("column",)),
    ],
)
async def test_one_broken_row_is_named_and_nothing_is_taken_in(
    world: World, inbox: Path, rows_of: Ask, broken: tuple[str, str, tuple[str, ...]]
) -> None:
    heading, row, named = broken
    before, trail = await everything(world, rows_of), await world.services.audit.since(0, limit=100)
    with pytest.raises(InvalidValue) as refused:
        await taken_in(world, inbox, heading, *(f"Roe {number}," for number in range(1000)), row)
    assert all(word in refused.value.message for word in named), refused.value.message
    assert await everything(world, rows_of) == before
    assert await world.services.audit.since(0, limit=100) == trail
    assert await left(world, rows_of) == [0, 0, 0, 0, 0]


async def test_two_rows_with_the_same_unique_values_are_named(world: World, inbox: Path, rows_of: Ask) -> None:
    rows = [f"{number}@example.org" for number in range(500)]
    with pytest.raises(UniqueValueTaken, match=r"rows 8 and 501 .*ByMail"):
        await taken_in(world, inbox, "EmailAddress", *rows, rows[7])
    with pytest.raises(UniqueValueTaken, match="rows 8 and 501 are the same customer"):
        await taken_in(world, inbox, "EmailAddress", *rows, rows[7], key="ByMail")
    await customers(world).create(ADMIN, {"EmailAddress": ["a", "b"]})
    with pytest.raises(UniqueValueTaken, match="rows 1 and 2 are the same customer"):
        await taken_in(world, inbox, "EmailAddress", "a", "b", key="ByMail")
    assert len((await everything(world, rows_of))[0]) == 1


async def test_a_row_with_the_unique_values_of_a_customer_is_named(world: World, inbox: Path, rows_of: Ask) -> None:
    await customers(world).create(ADMIN, {"EmailAddress": "ann@example.org", "LastName": "Doe"})
    before = await everything(world, rows_of)
    with pytest.raises(UniqueValueTaken, match=r"row 2: .*ByMail"):
        await taken_in(world, inbox, "EmailAddress", "eve@example.org", "ann@example.org")
    with pytest.raises(UniqueValueTaken, match=r"row 1: .*ByMail"):
        await taken_in(world, inbox, "LastName,FirstName,EmailAddress", "Doe,Eve,ann@example.org", key="ByName")
    assert await everything(world, rows_of) == before


async def test_customers_may_exchange_their_unique_values(world: World, inbox: Path) -> None:
    ids = {}
    for name in ("Doe", "Roe"):
        person = {"LastName": name, "FirstName": "Ann", "EmailAddress": name}
        ids[name] = await customers(world).create(ADMIN, person)
    lines = ("LastName,FirstName,EmailAddress", "Doe,Ann,Roe", "Roe,Ann,Doe")
    assert await taken_in(world, inbox, *lines, key="ByName") == Imported(created=0, updated=2)
    assert await found(world, EmailAddress="Roe") == [ids["Doe"]]


async def test_a_key_that_does_not_tell_customers_apart_is_refused(world: World, inbox: Path) -> None:
    for _ in range(2):
        await customers(world).create(ADMIN, {"LastName": "Doe", "FirstName": "Ann"})
    with pytest.raises(InvalidValue, match="row 2: there are several"):
        await taken_in(world, inbox, "LastName,FirstName", "Roe,Ann", "Doe,Ann", key="ByName")
    with pytest.raises(InvalidValue, match='row 1, column "FirstName"'):
        await taken_in(world, inbox, "LastName,FirstName", "Roe,", key="ByName")
    with pytest.raises(InvalidValue, match="FirstName"):
        await taken_in(world, inbox, "LastName", "Roe", key="ByName")
    with pytest.raises(NoSuchKey):
        await taken_in(world, inbox, "LastName", "Roe", key="ByShoe")


async def test_in_maintenance_nothing_is_taken_in(world: World, inbox: Path, rows_of: Ask) -> None:
    await switched(world, Mode.MAINTENANCE)
    with pytest.raises(ModeNotAllowed):
        await taken_in(world, inbox, "LastName", "Doe")
    assert (await everything(world, rows_of))[0] == []
    assert await left(world, rows_of) == [0, 0, 0, 0, 0]


async def test_customers_that_change_meanwhile_are_looked_at_anew(world: World) -> None:
    changed, removed, untouched = [
        await customers(world).create(ADMIN, {"EmailAddress": mail, "FirstName": "Ann"}) for mail in "abc"
    ]
    folder = Waiting(("EmailAddress", "Title"), *((mail, "Dr.") for mail in "abcd"))
    task = asyncio.create_task(importing(world, folder).import_file(ADMIN, asked("ByMail")))
    await folder.read.wait()
    await customers(world).replace(ADMIN, changed, {"EmailAddress": "a", "FirstName": "Eve"})
    await customers(world).delete(ADMIN, removed)
    appeared = await customers(world).create(ADMIN, {"EmailAddress": "d", "LastName": "Doe"})
    folder.go_on.set()
    assert await task == Imported(created=1, updated=3)
    assert await whole(world, changed) == {"EmailAddress": "a", "FirstName": "Eve", "Title": "Dr.", "Cards": []}
    assert await whole(world, appeared) == {"EmailAddress": "d", "LastName": "Doe", "Title": "Dr.", "Cards": []}
    assert (await whole(world, untouched))["Title"] == "Dr."
    (anew,) = await found(world, EmailAddress="b")
    assert await whole(world, anew) == {"EmailAddress": "b", "Title": "Dr.", "Cards": []}


async def test_nobody_sees_what_is_put_aside_and_no_second_import_begins(
    world: World, inbox: Path, rows_of: Ask
) -> None:
    folder = Waiting(("LastName",), ("Doe",))
    first = importing(world, folder)
    task = asyncio.create_task(first.import_file(ADMIN, asked()))
    await folder.read.wait()
    assert await found(world, LastName="Doe") == []
    assert put_aside(rows_of)[:2] == [1, 1]
    with pytest.raises(ImportRunning):
        await first.import_file(ADMIN, asked())
    folder.go_on.set()
    assert await task == Imported(created=1, updated=0)
    assert len(await found(world, LastName="Doe")) == 1


async def test_an_import_of_another_server_is_left_alone_while_it_lives(world: World) -> None:
    id = await world.store.intake.begin("s2", "two", live=frozenset())
    with pytest.raises(ImportRunning):
        await world.store.intake.begin("s1", "one", live=frozenset({"s2"}))
    assert await world.store.intake.begin("s1", "one", live=frozenset({"s3"})) > id


async def test_what_a_crash_leaves_behind_is_gone_after_the_next_start(world: World, rows_of: Ask) -> None:
    folder = Waiting(("LastName",), ("Doe",))
    before = await everything(world, rows_of)
    task = asyncio.create_task(importing(world, folder).import_file(ADMIN, asked()))
    await folder.read.wait()
    assert put_aside(rows_of)[:2] == [1, 1]
    await world.crash()
    task.cancel()
    await asyncio.wait({task})
    assert put_aside(rows_of)[:2] == [1, 1]
    await world.reopen()
    assert await left(world, rows_of) == [0, 0, 0, 0, 0]
    assert await everything(world, rows_of) == before


async def test_where_the_settings_name_no_directory_nothing_is_imported(world_on: WorldOn) -> None:
    async with estate(world_on, "sqlite") as world:
        with pytest.raises(InvalidValue, match="import_directory"):
            await world.services.customers.import_file(ADMIN, asked())
