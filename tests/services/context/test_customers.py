"""Customers as faces make, change, find and remove them."""

import time
from collections.abc import AsyncIterator

import pytest
from tests.services.context.desk import Desk
from tests.services.context.estate import NUMBER, customers, estate, found, switched, whole
from tests.world import ADMIN, World, WorldOn

from busyout.domain.context.attribute import Attribute, AttributeType
from busyout.domain.context.errors import (
    ModeNotAllowed,
    NoKeyUsable,
    NoSuchCustomer,
    NoSuchExtension,
    NoSuchKey,
    NoSuchRecord,
    NoSuchService,
    UniqueValueTaken,
)
from busyout.domain.context.schema import UNNUMBERED, Extension, IdentificationKey, Kind, Subject
from busyout.domain.errors import InvalidValue
from busyout.domain.mode import Mode
from busyout.faces.ucs.translate.profiles import told
from busyout.services.context.customers import MAX_PROFILES

pytestmark = pytest.mark.anyio

ANN = {"FirstName": "Ann", "LastName": "Doe", "EmailAddress": ["ann@example.org", "doe@example.org"]}
CARDS = [{"Number": 1, "Pin": "1234"}, {"Number": 2, "Colour": "blue"}]
KEPT_CARDS = [{"Number": 1, "Pin": "1234", "Colour": "red"}, {"Number": 2, "Colour": "blue"}]


@pytest.fixture(params=["sqlite", "postgres"])
async def world(request: pytest.FixtureRequest, world_on: WorldOn) -> AsyncIterator[World]:
    """A server in production."""
    async with estate(world_on, request.param) as world:
        yield world


async def test_a_profile_is_flat_and_has_the_extensions_that_are_asked_for(world: World) -> None:
    id = await customers(world).create(ADMIN, {**ANN, "cards": CARDS, "Person": {"Born": "1962-05-10"}})
    assert told(await customers(world).read(id, extensions=())) == [{"customer_id": id, **ANN}]
    assert await whole(world, id) == {**ANN, "Cards": KEPT_CARDS, "Person": {"Born": "1962-05-10", "Colour": "red"}}
    with pytest.raises(NoSuchExtension):
        await customers(world).read(id, extensions=("Colour",))
    with pytest.raises(NoSuchCustomer):
        await customers(world).read("x" * 10_000, extensions=())


async def test_nothing_of_a_customer_is_in_the_audit_trail_but_names(world: World) -> None:
    id = await customers(world).create(ADMIN, {**ANN, "Cards": CARDS})
    record = (await world.services.audit.since(0, limit=100))[-1].record
    assert (record.action, record.subject) == ("customer.create", id)
    assert record.after == {"attributes": ["EmailAddress", "FirstName", "LastName"], "extensions": ["Cards"]}
    assert (await world.services.audit.verify())[1] is None


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"customer_id": "x"},
        {"Colour": "red"},
        {"FirstName": "x" * 1_000_000},
        {"FirstName": ["x"] * 100_000},
        {"FirstName": "\ud800"},
        {"Cards": [{"Number": 1}, {"Number": 1}]},
        {"Cards": [{"Pin": "1"}]},
        {"Cards": [{"Number": 1, "Shape": "round"}]},
        {"Cards": {}},
        {"Cards": [{"Number": 1}] * 100_000},
        {"Person": {"Born": "10000-01-01"}},
    ],
    ids=str,
)
async def test_what_is_no_profile_is_refused_at_once_and_changes_nothing(
    world: World, document: dict[str, object]
) -> None:
    before, begun = await world.services.audit.since(0, limit=100), time.process_time()
    with pytest.raises(InvalidValue):
        await customers(world).create(ADMIN, document)
    assert time.process_time() - begun < 1
    assert await world.services.audit.since(0, limit=100) == before


async def test_a_put_replaces_attributes_and_only_the_extensions_it_names(world: World) -> None:
    id = await customers(world).create(ADMIN, {**ANN, "Cards": CARDS, "Person": {"Born": "1962-05-10"}})
    await customers(world).replace(ADMIN, id, {"LastName": "Roe", "Person": {"Colour": "blue"}})
    assert await whole(world, id) == {"LastName": "Roe", "Cards": KEPT_CARDS, "Person": {"Colour": "blue"}}
    await customers(world).replace(ADMIN, id, {"FirstName": None, "LastName": "Roe", "Person": None, "Cards": []})
    assert await whole(world, id) == {"LastName": "Roe", "Cards": []}
    assert await found(world, Cards__Number="1") == await found(world, EmailAddress="ann@example.org") == []
    with pytest.raises(InvalidValue):
        await customers(world).replace(ADMIN, id, {"Colour": "red", "LastName": "Poe"})
    with pytest.raises(NoSuchCustomer):
        await customers(world).replace(ADMIN, "nobody", {"LastName": "Poe"})


async def test_records_put_in_replace_those_of_their_extension(world: World) -> None:
    id = await customers(world).create(ADMIN, {**ANN, "Cards": CARDS})
    await customers(world).put_extensions(ADMIN, id, {"Cards": [{"Number": 9}], "Person": {}})
    assert await whole(world, id) == {**ANN, "Cards": [{"Number": 9, "Colour": "red"}], "Person": {"Colour": "red"}}
    for document in ({}, {"FirstName": "Eve"}, {"FirstName": "Eve", "Person": {}}):
        with pytest.raises(InvalidValue):
            await customers(world).put_extensions(ADMIN, id, document)


async def test_one_record_is_changed_and_removed_by_its_unique_attributes(world: World) -> None:
    id = await customers(world).create(ADMIN, {**ANN, "Cards": CARDS})
    await customers(world).update_record(ADMIN, id, "CARDS", {"number": 1, "Pin": None, "Colour": "green"})
    first, second = (await whole(world, id))["Cards"]
    assert (first, second) == ({"Number": 1, "Colour": "green"}, {"Number": 2, "Colour": "blue"})
    await customers(world).delete_record(ADMIN, id, "Cards", {"Number": 1})
    assert (await whole(world, id))["Cards"] == [second]
    assert await found(world, Cards__Number="1") == []
    assert await found(world, Cards__Number="2") == [id]
    for document, error in (({"Number": 1}, NoSuchRecord), ({"Colour": "blue"}, InvalidValue)):
        with pytest.raises(error):
            await customers(world).update_record(ADMIN, id, "Cards", document)
        with pytest.raises(error):
            await customers(world).delete_record(ADMIN, id, "Cards", document)
    with pytest.raises(InvalidValue):
        await customers(world).update_record(ADMIN, id, "Person", {"Colour": "green"})


async def test_a_customer_is_found_by_any_of_several_values(world: World) -> None:
    id = await customers(world).create(ADMIN, {**ANN, "Cards": CARDS})
    for mail in ANN["EmailAddress"]:
        assert await found(world, emailaddress=mail) == [id]
    assert await found(world, LastName="Doe") == await found(world, "ByName", LastName="Doe", FirstName="Ann") == [id]
    assert await found(world, LastName="Doe", FirstName="Eve") == await found(world, EmailAddress="x") == []


async def test_what_cannot_be_asked_is_refused(world: World) -> None:
    for error, key, asked in (
        (NoKeyUsable, None, {"FirstName": "Ann"}),
        (NoKeyUsable, "ByMail", {"LastName": "Doe"}),
        (NoSuchKey, "ByShoe", {"LastName": "Doe"}),
        (InvalidValue, None, {"Cards__Number": "one"}),
        (InvalidValue, None, {"Shoe": "44"}),
    ):
        with pytest.raises(error):
            await found(world, key, **asked)


async def test_profiles_and_extensions_are_told_where_they_are_asked_for(world: World) -> None:
    first = await customers(world).create(ADMIN, {**ANN, "Cards": CARDS})

    async def asked(**more: object) -> list[dict[str, object]]:
        wanted = {"profile": False, "extensions": (), "only_unique": False, **more}
        return told(await customers(world).identify({"LastName": "Doe"}, key=None, **wanted))

    assert await asked() == [{"customer_id": first}]
    assert await asked(profile=True) == [{"customer_id": first, **ANN}]
    assert await asked(extensions=("Cards",)) == [{"customer_id": first, "Cards": KEPT_CARDS}]
    assert await asked(extensions=("Cards",), only_unique=True) == [{"customer_id": first, "Cards": KEPT_CARDS}]
    second = await customers(world).create(ADMIN, {"LastName": "Doe"})
    found = {one["customer_id"]: one for one in await asked(profile=True, extensions=("Cards",), only_unique=True)}
    assert found == {first: {"customer_id": first, **ANN}, second: {"customer_id": second, "LastName": "Doe"}}
    with pytest.raises(NoSuchExtension):
        await asked(extensions=("Shoes",))


async def test_of_very_many_the_first_are_told_whole(world: World) -> None:
    ids = sorted([await customers(world).create(ADMIN, {"LastName": "Doe"}) for _ in range(MAX_PROFILES + 1)])
    seen = await customers(world).identify(
        {"LastName": "Doe"}, key=None, profile=True, extensions=(), only_unique=False
    )
    assert [one["customer_id"] for one in told(seen)] == ids
    assert [len(one) for one in told(seen)] == [2] * MAX_PROFILES + [1]


async def test_the_values_of_a_unique_key_belong_to_one_customer(world: World) -> None:
    await customers(world).create(ADMIN, ANN)
    with pytest.raises(UniqueValueTaken, match="ByMail"):
        await customers(world).create(ADMIN, {"EmailAddress": "doe@example.org"})
    other = await customers(world).create(ADMIN, {"EmailAddress": "other@example.org"})
    with pytest.raises(UniqueValueTaken):
        await customers(world).replace(ADMIN, other, {"EmailAddress": "ann@example.org"})
    assert await whole(world, other) == {"EmailAddress": "other@example.org", "Cards": []}


async def test_services_go_with_their_customer(world: World) -> None:
    id = await customers(world).create(ADMIN, ANN)
    service = await Desk(world).start_service({"customer_id": id, "service_type": "1"})
    await Desk(world).start_state(service, {"state_type": "1"})
    await customers(world).delete(ADMIN, id)
    with pytest.raises(NoSuchService):
        await world.store.courses.whole(service)
    with pytest.raises(NoSuchCustomer):
        await customers(world).read(id, extensions=())
    with pytest.raises(NoSuchCustomer):
        await customers(world).delete(ADMIN, id)
    assert await found(world, LastName="Doe") == []


async def test_in_maintenance_nothing_is_written(world: World) -> None:
    id = await customers(world).create(ADMIN, {**ANN, "Cards": CARDS})
    await switched(world, Mode.MAINTENANCE)
    for attempt in (
        customers(world).create(ADMIN, {"FirstName": "Eve"}),
        customers(world).replace(ADMIN, id, {"FirstName": "Eve"}),
        customers(world).put_extensions(ADMIN, id, {"Cards": []}),
        customers(world).update_record(ADMIN, id, "Cards", {"Number": 1}),
        customers(world).delete_record(ADMIN, id, "Cards", {"Number": 1}),
        customers(world).delete(ADMIN, id),
    ):
        with pytest.raises(ModeNotAllowed):
            await attempt
    assert (await whole(world, id))["Cards"] == KEPT_CARDS


LONG = Attribute("Long", AttributeType.STRING, default="x" * 1_000_000, length=1_000_000)
LARGE = tuple(
    Extension(UNNUMBERED, Subject.PROFILE, name, Kind.MULTI_VALUED, (NUMBER, LONG), (("Number",),))
    for name in ("First", "Second")
)
FIVE = [{"Number": number} for number in range(5)]


async def test_a_customer_and_an_answer_are_bounded_in_what_they_hold(world: World) -> None:
    await switched(world, Mode.MAINTENANCE)
    for extension in LARGE:
        await world.services.context_schemas.add_extension(ADMIN, extension)
    await switched(world, Mode.PRODUCTION)
    ids = [await customers(world).create(ADMIN, {"LastName": "Long", "First": FIVE}) for _ in range(4)]
    for attempt in (
        customers(world).create(ADMIN, {"First": FIVE, "Second": FIVE}),
        customers(world).replace(ADMIN, ids[0], {"Second": FIVE}),
        customers(world).put_extensions(ADMIN, ids[0], {"Second": FIVE}),
    ):
        with pytest.raises(InvalidValue, match="characters together"):
            await attempt
    await customers(world).put_extensions(ADMIN, ids[0], {"First": [{"Number": 0, "Long": ""}], "Second": FIVE[:1]})
    seen = await customers(world).identify(
        {"LastName": "Long"}, key=None, profile=True, extensions=("First",), only_unique=False
    )
    assert sorted(one["customer_id"] for one in told(seen)) == sorted(ids)
    assert [len(one.get("First", ())) for one in told(seen)] == [1, 5, 5, 0]


WIDE = Extension(
    UNNUMBERED,
    Subject.PROFILE,
    "Wide",
    Kind.MULTI_VALUED,
    tuple(Attribute(f"A{number}", AttributeType.INTEGER) for number in range(8)),
)


async def test_a_change_is_bounded_in_what_a_customer_is_found_under_anew(world: World) -> None:
    names = tuple(attribute.name for attribute in WIDE.attributes)
    await switched(world, Mode.MAINTENANCE)
    await world.services.context_schemas.add_extension(ADMIN, WIDE)
    for number in range(2):
        key = IdentificationKey(UNNUMBERED, f"ByWide{number}", "Wide", (*names[number:], *names[:number]))
        await world.clock.finish(world.services.context_schemas.add_key(ADMIN, key))
    await switched(world, Mode.PRODUCTION)
    records = [dict.fromkeys(names, number) for number in range(1000)]
    with pytest.raises(InvalidValue, match="10000 are most"):
        await customers(world).create(ADMIN, {"LastName": "Wide", "Wide": records})
    id = await customers(world).create(ADMIN, {"LastName": "Wide", "Wide": records[:600]})
    await customers(world).put_extensions(ADMIN, id, {"Wide": records})
    assert await found(world, Wide__A1="999") == [id]
