"""Extensions and identification keys in the store."""

import pytest
from tests.store.direct import ask
from tests.store.making import RECORD

from busyout.domain.context.attribute import Attribute, AttributeType
from busyout.domain.context.customer import Customer
from busyout.domain.context.errors import (
    DuplicateKeyValues,
    ExtensionInUse,
    ModeNotAllowed,
    ModeSwitching,
    NameTaken,
    NoSuchExtension,
    NoSuchKey,
)
from busyout.domain.context.schema import UNNUMBERED, Extension, IdentificationKey, Kind, Schemas, Subject
from busyout.domain.mode import Mode
from busyout.store import Store

pytestmark = pytest.mark.anyio

NAME = Attribute("FirstName", AttributeType.STRING)
NUMBER = Attribute("number", AttributeType.INTEGER, default=1, mandatory=True)
BY_NAME = IdentificationKey(UNNUMBERED, "ByName", "profile", ("FirstName",), unique=True)


def extension(name: str = "Orders", subject: Subject = Subject.PROFILE) -> Extension:
    return Extension(UNNUMBERED, subject, name, Kind.MULTI_VALUED, (NUMBER,), (("number",),), required=True)


async def add(store: Store, wanted: Extension) -> Extension:
    return await store.context_schemas.add_extension(wanted, in_any_mode=False, audit=RECORD)


async def with_customers(store: Store, url: str, schemas: Schemas, *customers: Customer) -> None:
    """Keep customers, as somebody would in production."""
    ask(url, "UPDATE context_mode SET mode = 'production'")
    for customer in customers:
        await store.customers.add(customer, schemas, audit=RECORD)
    ask(url, "UPDATE context_mode SET mode = 'maintenance'")


@pytest.fixture
async def maintained(store: Store) -> Store:
    """A store in maintenance."""
    await store.modes.open(Mode.MAINTENANCE)
    return store


async def test_an_extension_is_read_as_it_was_kept_with_an_id(maintained: Store) -> None:
    orders = await add(maintained, extension())
    tasks = await add(maintained, extension(subject=Subject.TASK))
    kept = await maintained.context_schemas.read()
    assert kept.extensions == (orders, tasks)
    assert UNNUMBERED < orders.id < tasks.id
    assert (orders.attributes, orders.unique, orders.required) == ((NUMBER,), (("number",),), True)
    assert kept.generation == await maintained.context_schemas.generation() == 2


async def test_a_name_is_taken_in_every_case_until_the_extension_is_forgotten(maintained: Store) -> None:
    orders = await add(maintained, extension())
    with pytest.raises(NameTaken):
        await add(maintained, extension("ORDERS"))
    await maintained.context_schemas.hide(Subject.PROFILE, "oRDERS")
    with pytest.raises(NameTaken):
        await add(maintained, extension("orders"))
    await maintained.context_schemas.forget(orders.id)
    again = await add(maintained, extension("orders"))
    assert again.id > orders.id


async def test_what_is_refused_changes_nothing_not_even_the_generation(maintained: Store, store_url: str) -> None:
    await add(maintained, extension())
    with pytest.raises(NameTaken):
        await add(maintained, extension())
    with pytest.raises(NoSuchExtension):
        await maintained.context_schemas.hide(Subject.TASK, "Orders")
    assert await maintained.context_schemas.generation() == 1
    assert ask(store_url, "SELECT count(*) FROM audit") == [(1,)]


async def test_schemas_are_changed_in_maintenance_only(store: Store) -> None:
    with pytest.raises(ModeSwitching):
        await add(store, extension())
    await store.modes.open(Mode.PRODUCTION)
    with pytest.raises(ModeNotAllowed):
        await add(store, extension())
    added = await store.context_schemas.add_extension(extension(), in_any_mode=True, audit=RECORD)
    with pytest.raises(ModeNotAllowed):
        await store.context_schemas.hide(Subject.PROFILE, "Orders")
    with pytest.raises(ModeNotAllowed):
        await store.context_keys.begin_key(BY_NAME)
    assert (await store.context_schemas.read()).extensions == (added,)


async def test_the_records_of_an_extension_go_in_pieces_and_no_others(maintained: Store, store_url: str) -> None:
    orders, others = await add(maintained, extension()), await add(maintained, extension("Others"))
    records = tuple({"number": number} for number in range(5))
    schemas = Schemas((NAME,), (orders, others))
    for id in ("a", "b"):
        customer = Customer(id, {}, {orders.id: records, others.id: records})
        await with_customers(maintained, store_url, schemas, customer)
    removal = maintained.context_schemas
    assert await removal.hide(Subject.PROFILE, "orders") == orders.id
    assert await removal.hide(Subject.PROFILE, "orders") == orders.id
    assert (await removal.read()).extensions == (others,)
    assert await removal.count_records(orders.id) == 10
    assert [await removal.remove_records(orders.id, limit=4) for _ in range(4)] == [4, 4, 2, 0]
    assert await removal.count_records(others.id) == 10
    await removal.forget(orders.id)
    with pytest.raises(NoSuchExtension):
        await removal.hide(Subject.PROFILE, "orders")


async def test_records_of_services_go_like_those_of_customers(maintained: Store, store_url: str) -> None:
    tasks = await add(maintained, extension(subject=Subject.TASK))
    for owner in range(3):
        ask(store_url, f"INSERT INTO course_records VALUES ('task', {owner}, {tasks.id}, 0, '{{}}')")
    assert await maintained.context_schemas.count_records(tasks.id) == 3
    assert [await maintained.context_schemas.remove_records(tasks.id, limit=2) for _ in range(3)] == [2, 1, 0]


async def test_a_key_is_seen_when_every_customer_has_its_entries(maintained: Store, store_url: str) -> None:
    customers = [Customer(id, {"FirstName": f"name of {id}"}, {}) for id in "abc"]
    await with_customers(maintained, store_url, Schemas((NAME,)), *customers)
    building, schemas = maintained.context_keys, Schemas((NAME,))
    key = await building.begin_key(BY_NAME)
    assert await building.begin_key(BY_NAME) == key
    assert await building.count_customers() == 3
    assert await building.add_entries(schemas, key, after=None, limit=2) == ("a", "b")
    assert (await maintained.context_schemas.read()).keys == ()
    assert await building.add_entries(schemas, key, after="b", limit=2) == ("c",)
    assert await building.add_entries(schemas, key, after="c", limit=2) == ()
    await building.finish_key(key.id)
    assert (await maintained.context_schemas.read()).keys == (key,)
    assert ask(store_url, "SELECT customer FROM key_entries ORDER BY customer") == [("a",), ("b",), ("c",)]
    with pytest.raises(NameTaken):
        await building.begin_key(BY_NAME)


async def test_a_unique_key_over_the_same_values_is_refused(maintained: Store, store_url: str) -> None:
    twins = [Customer(id, {"FirstName": "same"}, {}) for id in "ab"]
    await with_customers(maintained, store_url, Schemas((NAME,)), *twins)
    key = await maintained.context_keys.begin_key(BY_NAME)
    with pytest.raises(DuplicateKeyValues) as refused:
        await maintained.context_keys.add_entries(Schemas((NAME,)), key, after=None, limit=10)
    assert "same" not in str(refused.value).removeprefix("customers have the same values")
    assert ask(store_url, "SELECT count(*) FROM key_entries") == [(0,)]


async def test_a_key_goes_in_pieces(maintained: Store, store_url: str) -> None:
    customers = [Customer(id, {"FirstName": id}, {}) for id in "abc"]
    await with_customers(maintained, store_url, Schemas((NAME,)), *customers)
    building = maintained.context_keys
    key = await building.begin_key(BY_NAME)
    await building.add_entries(Schemas((NAME,)), key, after=None, limit=10)
    await building.finish_key(key.id)
    assert await building.hide_key("BYNAME") == key.id
    assert (await maintained.context_schemas.read()).keys == ()
    assert [await building.remove_entries(key.id, limit=2) for _ in range(3)] == [2, 1, 0]
    await building.forget_key(key.id)
    await building.forget_key(key.id)
    with pytest.raises(NoSuchKey):
        await building.hide_key("ByName")


async def test_an_extension_that_a_key_is_on_stays(maintained: Store) -> None:
    await add(maintained, extension())
    wanted = IdentificationKey(UNNUMBERED, "ByOrder", "Orders", ("number",))
    key = await maintained.context_keys.begin_key(wanted)
    with pytest.raises(ExtensionInUse):
        await maintained.context_schemas.hide(Subject.PROFILE, "Orders")
    await maintained.context_keys.forget_key(key.id)
    await maintained.context_schemas.hide(Subject.PROFILE, "Orders")
    with pytest.raises(NoSuchExtension):
        await maintained.context_keys.begin_key(wanted)


async def test_another_server_sees_the_generation_move(maintained: Store, second_store: Store) -> None:
    assert await second_store.context_schemas.generation() == 0
    orders = await add(maintained, extension())
    assert await second_store.context_schemas.generation() == 1
    assert (await second_store.context_schemas.read()).extensions == (orders,)
