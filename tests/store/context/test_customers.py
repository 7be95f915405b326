"""Customers in the store: written with what they are found under, whoever else writes at the same time."""

import asyncio

import pytest
from msgspec.structs import replace
from tests.store.direct import ask, count
from tests.store.making import RECORD

from busyout.domain.context.attribute import Attribute, AttributeType
from busyout.domain.context.customer import Customer
from busyout.domain.context.errors import ModeNotAllowed, NoSuchCustomer, UniqueValueTaken
from busyout.domain.context.identify import Question, question_of
from busyout.domain.context.schema import UNNUMBERED, Extension, IdentificationKey, Kind, Schemas, Subject
from busyout.domain.mode import Mode
from busyout.store import Store

pytestmark = pytest.mark.anyio

CORE = (Attribute("Name", AttributeType.STRING), Attribute("Phone", AttributeType.STRING))
CARD = (Attribute("Number", AttributeType.STRING), Attribute("Pin", AttributeType.STRING, encrypt=True))


async def switched(store: Store, mode: Mode) -> None:
    await store.modes.open(mode)
    row = await store.modes.read()
    if row.mode is not mode:
        begun = await store.modes.begin(mode, operation=f"to {mode.value}", deadline=None)
        assert await store.modes.commit(begun, others=frozenset()) is not None


@pytest.fixture
async def schemas(store: Store) -> Schemas:
    """An extension, a unique key, and two others; the mode is production."""
    await switched(store, Mode.MAINTENANCE)
    cards = Extension(UNNUMBERED, Subject.PROFILE, "Cards", Kind.MULTI_VALUED, CARD)
    cards = await store.context_schemas.add_extension(cards, in_any_mode=False, audit=RECORD)
    for key in (
        IdentificationKey(UNNUMBERED, "ByName", "profile", ("Name", "Phone")),
        IdentificationKey(UNNUMBERED, "ByPhone", "profile", ("Phone",), unique=True),
        IdentificationKey(UNNUMBERED, "ByCard", "Cards", ("Number",)),
    ):
        begun = await store.context_keys.begin_key(key)
        await store.context_keys.finish_key(begun.id)
    await switched(store, Mode.PRODUCTION)
    kept = await store.context_schemas.read()
    return Schemas(CORE, kept.extensions, kept.keys)


def cards_of(schemas: Schemas) -> Extension:
    return schemas.extension(Subject.PROFILE, "Cards")


def customer(schemas: Schemas, id: str = "c1", *, phone: object = "1", cards: tuple[str, ...] = ()) -> Customer:
    records = tuple({"Number": number, "Pin": f"pin of {number}"} for number in cards)
    return Customer(id, {"Name": "Ann", "Phone": phone}, {cards_of(schemas).id: records})


def question(schemas: Schemas, **asked: str) -> Question:
    return question_of(schemas, {name.replace("_", "."): text for name, text in asked.items()}, None)


async def found(store: Store, schemas: Schemas, **asked: str) -> tuple[str, ...]:
    return await store.customers.identify(question(schemas, **asked), limit=10)


async def test_a_customer_is_kept_with_its_records_and_found(store: Store, schemas: Schemas) -> None:
    made = customer(schemas, cards=("a", "b"))
    await store.customers.add(made, schemas, audit=RECORD)
    assert await store.customers.find("c1", schemas.extensions) == made
    assert await store.customers.find("c1", ()) == replace(made, records={})
    assert await found(store, schemas, Name="Ann") == ("c1",)
    assert await found(store, schemas, Name="Ann", Phone="1") == ("c1",)
    assert await found(store, schemas, Cards_Number="b") == ("c1",)
    assert await found(store, schemas, Cards_Number="c") == ()
    assert (await store.audit.since(0, limit=10))[-1].record == RECORD
    with pytest.raises(NoSuchCustomer):
        await store.customers.find("c2", schemas.extensions)


async def test_what_is_to_be_sealed_is_nowhere_in_the_clear(store: Store, schemas: Schemas, store_url: str) -> None:
    await store.customers.add(customer(schemas, cards=("a",)), schemas, audit=RECORD)
    ((text,),) = ask(store_url, "SELECT record FROM customer_records")
    assert "pin" not in text
    assert '"Number":"a"' in text


async def test_a_change_replaces_what_it_names_and_what_the_customer_is_found_under(
    store: Store, schemas: Schemas, store_url: str
) -> None:
    await store.customers.add(customer(schemas, cards=("a", "b")), schemas, audit=RECORD)
    changed = customer(schemas, phone="2", cards=("b", "c"))
    await store.customers.change("c1", lambda before: changed, schemas, audit=RECORD)
    assert await store.customers.find("c1", schemas.extensions) == changed
    assert await found(store, schemas, Phone="1") == ()
    assert await found(store, schemas, Cards_Number="a") == ()
    assert await found(store, schemas, Phone="2") == await found(store, schemas, Cards_Number="c") == ("c1",)
    assert count(store_url, "key_entries") == 5
    with pytest.raises(NoSuchCustomer):
        await store.customers.change("c2", lambda before: before, schemas, audit=RECORD)


async def test_what_a_change_raises_leaves_everything_as_it_was(store: Store, schemas: Schemas) -> None:
    await store.customers.add(customer(schemas), schemas, audit=RECORD)
    entries = await store.audit.since(0, limit=10)

    def refuse(before: Customer) -> Customer:
        raise UniqueValueTaken

    with pytest.raises(UniqueValueTaken):
        await store.customers.change("c1", refuse, schemas, audit=RECORD)
    assert await store.audit.since(0, limit=10) == entries


async def test_a_customer_that_is_removed_leaves_nothing(store: Store, schemas: Schemas, store_url: str) -> None:
    await store.customers.add(customer(schemas, cards=("a", "b")), schemas, audit=RECORD)
    await store.customers.remove("c1", audit=RECORD)
    for table in ("customers", "customer_records", "key_entries"):
        assert count(store_url, table) == 0
    with pytest.raises(NoSuchCustomer):
        await store.customers.remove("c1", audit=RECORD)


async def test_of_all_who_want_a_unique_value_at_once_exactly_one_has_it(
    store: Store, second_store: Store, schemas: Schemas
) -> None:
    wanted = [customer(schemas, f"c{number}", phone=["1", f"own {number}"]) for number in range(12)]
    outcomes = await asyncio.gather(
        *(
            (store, second_store)[number % 2].customers.add(one, schemas, audit=RECORD)
            for number, one in enumerate(wanted)
        ),
        return_exceptions=True,
    )
    refused = [outcome for outcome in outcomes if outcome is not None]
    assert len(refused) == 11
    assert all(isinstance(outcome, UniqueValueTaken) and "ByPhone" in outcome.message for outcome in refused)
    (winner,) = await found(store, schemas, Phone="1")
    assert await found(second_store, schemas, Name="Ann") == (winner,)


async def test_a_value_that_was_given_up_can_be_taken(store: Store, schemas: Schemas) -> None:
    await store.customers.add(customer(schemas), schemas, audit=RECORD)
    other = customer(schemas, "c2", phone="2")
    await store.customers.add(other, schemas, audit=RECORD)
    with pytest.raises(UniqueValueTaken):
        await store.customers.change("c2", lambda before: customer(schemas, "c2"), schemas, audit=RECORD)
    assert await store.customers.find("c2", schemas.extensions) == replace(other, records={})
    await store.customers.remove("c1", audit=RECORD)
    await store.customers.change("c2", lambda before: customer(schemas, "c2"), schemas, audit=RECORD)
    assert await found(store, schemas, Phone="1") == ("c2",)


async def test_nothing_is_written_in_maintenance(store: Store, schemas: Schemas) -> None:
    await store.customers.add(customer(schemas), schemas, audit=RECORD)
    await switched(store, Mode.MAINTENANCE)
    entries = await store.audit.since(0, limit=10)
    for attempt in (
        store.customers.add(customer(schemas, "c2", phone="2"), schemas, audit=RECORD),
        store.customers.change("c1", lambda before: before, schemas, audit=RECORD),
        store.customers.remove("c1", audit=RECORD),
    ):
        with pytest.raises(ModeNotAllowed, match="maintenance"):
            await attempt
    assert await store.audit.since(0, limit=10) == entries


SOUGHT = (
    "SELECT customer FROM key_entries WHERE key = 1 AND digest = 'x' "
    "AND customer NOT IN (SELECT customer FROM gone_customers) ORDER BY customer LIMIT 1000"
)
PLANS = {"sqlite": f"EXPLAIN QUERY PLAN {SOUGHT}", "postgres": f"EXPLAIN {SOUGHT}"}


async def test_among_ten_thousand_an_index_finds_a_customer(store: Store, schemas: Schemas, store_url: str) -> None:
    key = schemas.key("ByPhone").id
    numbers = "SELECT 0 AS n UNION ALL SELECT n + 1 FROM numbers WHERE n < 9999"
    digests = "substr('00000000000000000000000000000000' || n, -32)"
    if not store_url.startswith("sqlite"):
        digests = "lpad(n::text, 32, '0')"
    ask(
        store_url,
        f"WITH RECURSIVE numbers AS ({numbers}) INSERT INTO key_entries (key, digest, customer) "
        f"SELECT {key}, {digests}, 'c' || n FROM numbers",
    )
    if not store_url.startswith("sqlite"):  # where nobody does it
        ask(store_url, "ANALYZE")
    assert await store.customers.identify(Question(schemas.key("ByPhone"), f"{7777:032}"), limit=10) == ("c7777",)
    plan = " ".join(
        str(row) for row in ask(store_url, PLANS["sqlite" if store_url.startswith("sqlite") else "postgres"])
    )
    assert "SEARCH key_entries USING COVERING INDEX" in plan or "Index Only Scan using pk_key_entries" in plan
    assert "Sort" not in plan and "TEMP B-TREE" not in plan
