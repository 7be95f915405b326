"""Customers of a file are in their tables before they are seen: all at once, or never."""

import asyncio
from pathlib import Path

import pytest
from tests.services.context.estate import customers, found, switched, whole
from tests.services.context.files import (
    Ask,
    Waiting,
    asked,
    everything,
    importing,
    inbox,
    left,
    rows_of,
    taken_in,
    world,
)
from tests.world import ADMIN, World

from busyout.domain.audit import AuditRecord
from busyout.domain.context.customer import Customer, family_of, member_of
from busyout.domain.context.errors import ImportRunning, UniqueValueTaken
from busyout.domain.context.identify import digest_of
from busyout.domain.context.importing import Given, Imported
from busyout.domain.context.schema import UNNUMBERED, IdentificationKey
from busyout.domain.context.span import EVERYTHING, spans_of
from busyout.domain.mode import Mode
from busyout.ports.context_intake import Intake, Line, Prepared

__all__ = ["inbox", "rows_of", "world"]

pytestmark = pytest.mark.anyio

AUDIT = AuditRecord(1.0, "admin", "ucs", "127.0.0.1", "customers.import", "people.csv")


async def placed(world: World, *mails: str, slot: str = "one") -> Intake:
    """An import of customers who are in all their places, and are not seen yet."""
    customers = [{"EmailAddress": mail, "Title": "Dr."} for mail in mails]
    return await placed_by(world, None, *customers, slot=slot)


async def placed_by(world: World, key: str | None, *people: dict[str, str], slot: str = "one") -> Intake:
    """The same, where rows find their customers by a key."""
    schemas = world.services.context_schemas.schemas
    own = None if key is None else schemas.key(key)
    family = family_of(2.0 + len(slot), 0)
    id = await world.store.intake.begin(slot, family, live=frozenset())
    intake = Intake(id, family, 0, schemas, own, ())
    rows: list[Prepared] = []
    for row, person in enumerate(people, 1):
        digest = None if own is None else digest_of([person[name] for name in own.attributes])
        customer = Customer(member_of(family, row - 1), dict(person), {})
        rows.append(Prepared(Line(row, Given({}, {}), digest), customer, None))
    await world.store.intake.put_aside(intake, rows, members=len(rows), again=False)
    assert await world.store.intake.place(intake, EVERYTHING)
    return intake


async def test_they_are_seen_all_at_once(world: World) -> None:
    intake = await placed(world, "ann", "eve")
    assert await found(world, EmailAddress="ann") == []
    assert await world.store.intake.take_in(intake, (), audit=AUDIT) == Imported(created=2, updated=0)
    (ann,) = await found(world, EmailAddress="ann")
    (eve,) = await found(world, EmailAddress="eve")
    assert ann < eve
    assert await whole(world, ann) == {"EmailAddress": "ann", "Title": "Dr.", "Cards": []}


async def test_their_unique_values_are_theirs_already(world: World) -> None:
    intake = await placed(world, "ann")
    with pytest.raises(UniqueValueTaken):
        await customers(world).create(ADMIN, {"EmailAddress": "ann"})
    assert await world.store.intake.take_in(intake, (), audit=AUDIT) == Imported(created=1, updated=0)
    assert len(await found(world, EmailAddress="ann")) == 1


async def test_those_of_an_import_that_was_given_up_are_removed_and_never_seen(world: World, rows_of: Ask) -> None:
    intake = await placed(world, *(f"mail {number}" for number in range(2500)))
    await world.store.intake.end("one")
    assert await found(world, EmailAddress="mail 2") == []
    with pytest.raises(ImportRunning):
        await world.store.intake.take_in(intake, (), audit=AUDIT)
    assert await everything(world, rows_of) == [[], [], []]
    assert await left(world, rows_of) == [0, 0, 0, 0, 0]
    await customers(world).create(ADMIN, {"EmailAddress": "mail 2"})


async def test_a_server_that_was_taken_for_dead_puts_nothing_in_its_place_any_more(world: World, rows_of: Ask) -> None:
    late = await placed(world, "ann", slot="one")
    await world.store.intake.begin("another", family_of(9.0, 0), live=frozenset())
    for late_work in (
        world.store.intake.place(late, EVERYTHING),
        world.store.intake.take_in(late, (), audit=AUDIT),
        world.store.intake.put_aside(late, (), members=9, again=False),
    ):
        with pytest.raises(ImportRunning):
            await late_work
    assert await everything(world, rows_of) == [[], [], []]


async def test_what_is_carried_out_is_not_tidied_away(world: World) -> None:
    intake = await placed(world, "ann")
    await customers(world).tidy()
    assert await world.store.intake.take_in(intake, (), audit=AUDIT) == Imported(created=1, updated=0)
    await customers(world).tidy()
    assert len(await found(world, EmailAddress="ann")) == 1


async def test_no_key_is_built_of_customers_whom_nobody_sees(world: World) -> None:
    await placed(world, "ann", "eve")
    await world.store.intake.end("one")
    await switched(world, Mode.MAINTENANCE)
    key = IdentificationKey(UNNUMBERED, "ByTitle", "profile", ("Title",), unique=True)
    await world.clock.finish(world.services.context_schemas.add_key(ADMIN, key))
    await switched(world, Mode.PRODUCTION)
    await customers(world).create(ADMIN, {"Title": "Dr."})
    assert len(await found(world, key="ByTitle", Title="Dr.")) == 1


async def test_who_appears_after_rows_were_placed_is_found_by_them(world: World) -> None:
    people = [{"LastName": "Doe", "FirstName": name} for name in ("Ann", "Eve")]
    intake = await placed_by(world, "ByName", *people)
    await customers(world).create(ADMIN, people[1])
    assert await world.store.intake.take_in(intake, (), audit=AUDIT) is None
    (line,) = await world.store.intake.outrun(intake, EVERYTHING, limit=9)
    assert line == Line(2, Given({}, {}), digest_of(["Doe", "Eve"]))
    assert len(await found(world, LastName="Doe")) == 1


async def test_a_new_customer_takes_over_the_unique_values_that_another_row_gives_up(
    world: World, inbox: Path, rows_of: Ask
) -> None:
    person = {"LastName": "Doe", "FirstName": "Ann", "EmailAddress": "x"}
    ann = await customers(world).create(ADMIN, person)
    lines = ("LastName,FirstName,EmailAddress", "Doe,Ann,y", "Roe,Eve,x")
    assert await taken_in(world, inbox, *lines, key="ByName") == Imported(created=1, updated=1)
    assert await found(world, EmailAddress="y") == [ann]
    (eve,) = await found(world, LastName="Roe")
    assert await found(world, EmailAddress="x") == [eve]
    assert await left(world, rows_of) == [0, 0, 0, 0, 0]


async def test_a_file_of_several_spans_is_taken_in_and_changed_whole(world: World, inbox: Path) -> None:
    rows = [f"{number}@example.org,Doe,{number}" for number in range(3000)]
    assert len(spans_of(len(rows) * 5)) > 1
    heading = "EmailAddress,LastName,FirstName"
    assert await taken_in(world, inbox, heading, *rows, key="ByMail") == Imported(created=3000, updated=0)
    again = [f"{number}@example.org,Roe,{number}" for number in range(3000)]
    assert await taken_in(world, inbox, heading, *again, "new,Roe,7", key="ByMail") == Imported(1, 3000)
    assert await found(world, LastName="Doe", FirstName="7") == []
    assert len(await found(world, LastName="Roe", FirstName="7")) == 2
    assert len(await found(world, EmailAddress="2999@example.org")) == 1


async def test_an_import_that_is_broken_off_leaves_nothing_and_the_next_may_begin(world: World, rows_of: Ask) -> None:
    folder = Waiting(("LastName",), ("Doe",))
    first = importing(world, folder)
    task = asyncio.create_task(first.import_file(ADMIN, asked()))
    await folder.read.wait()
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    folder.go_on.set()
    assert await first.import_file(ADMIN, asked()) == Imported(created=1, updated=0)
    assert len(await found(world, LastName="Doe")) == 1
    assert await left(world, rows_of) == [0, 0, 0, 0, 0]
