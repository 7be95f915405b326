"""Customers and services with more than one unit of work removes: gone at once, and removed piece by piece."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.store.direct import ask, count
from tests.store.making import RECORD

from busyout.domain.context.attribute import Attribute, AttributeType
from busyout.domain.context.course import Course, Occurrence
from busyout.domain.context.customer import Customer
from busyout.domain.context.errors import (
    NoSuchCustomer,
    NoSuchInteraction,
    NoSuchService,
    NoSuchState,
    UniqueValueTaken,
)
from busyout.domain.context.identify import digest_of, question_of
from busyout.domain.context.interaction import Content, Interaction
from busyout.domain.context.schema import UNNUMBERED, IdentificationKey, Schemas, Subject
from busyout.domain.context.upkeep import ExportRequest, Purge
from busyout.domain.mode import Mode
from busyout.ports.context_courses import Beginning, Ending, Owner, Place, Selection
from busyout.store import Store
from busyout.store.tables.context.course_removal import ROOM, WEIGHT

pytestmark = pytest.mark.anyio

CORE = (Attribute("Phone", AttributeType.STRING),)
KEY = IdentificationKey(UNNUMBERED, "ByPhone", "profile", ("Phone",), unique=True)
PHONES = tuple([f"+41 {number}"] for number in range(ROOM + 500))
"""More than one unit of work removes."""

SERVICES, STATES = 4, 700
"""Of anna, and of each of these; the states of two services are more than one unit of work removes."""

TALKS = ROOM // WEIGHT + 5
"""Interactions with anna: more than one unit of work removes."""

NOW = Occurrence(10.0, {})
SAID = {"plain_text": Content(b"yes", "text/plain")}
REMAINS = ("gone_customers", "gone_services")


@pytest.fixture
async def store(store: Store, store_url: str) -> AsyncIterator[Store]:
    """In production: `anna` with large services and what was said in them, and `berta` with a small one."""
    await switched(store, Mode.MAINTENANCE)
    await store.context_keys.finish_key((await store.context_keys.begin_key(KEY)).id)
    await switched(store, Mode.PRODUCTION)
    for name in ("anna", "berta"):
        await store.customers.add(Customer(name, {"Phone": name}, {}), await schemas(store), audit=RECORD)
    for whose in ("anna",) * SERVICES + ("berta",):
        await store.courses.start(Beginning(course(customer=whose, contact="+41")), audit=RECORD)
    ask(
        store_url,
        f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {STATES}) "
        "INSERT INTO courses (subject, service, type, started_at, started) "
        "SELECT 'state', courses.id, '1', n, '{}' FROM numbers, courses WHERE courses.customer = 'anna'",
    )
    (first, *_) = services_of(store_url)
    of_anna = [(f"a{number}", "anna", None) for number in range(TALKS)]
    for id, customer, service in (*of_anna, ("s", None, first), ("b", "berta", first)):
        one = Interaction(id=id, media_type="voice", established_at=1.0, customer=customer, service=service)
        await store.interactions.add(one, SAID, audit=RECORD)
    yield store


async def switched(store: Store, mode: Mode) -> None:
    await store.modes.open(mode)
    if (await store.modes.read()).mode is not mode:
        begun = await store.modes.begin(mode, operation=f"to {mode.value}", deadline=None)
        assert await store.modes.commit(begun, others=frozenset()) is not None


async def schemas(store: Store) -> Schemas:
    return Schemas(CORE, (), (await store.context_schemas.read()).keys)


def course(subject: Subject = Subject.SERVICE, **more: Any) -> Course:
    return Course(subject=subject, type="order", started=NOW, **more)


def services_of(url: str, customer: str = "anna") -> list[int]:
    return [id for (id,) in ask(url, f"SELECT id FROM courses WHERE customer = '{customer}' ORDER BY id")]


def states_of(url: str, service: int) -> list[int]:
    return [id for (id,) in ask(url, f"SELECT id FROM courses WHERE service = {service} ORDER BY id")]


async def found(store: Store, phone: str) -> tuple[str, ...]:
    return await store.customers.identify(question_of(await schemas(store), {"Phone": phone}, None), limit=10)


async def cleared(store: Store, url: str) -> int:
    """Clear away all that is left, looking at each piece; how many there were."""
    pieces, left = 0, rows(url)
    while await store.context_remains.clear():
        pieces, before, left = pieces + 1, left, rows(url)
        assert before - left <= 2 * ROOM
    assert [count(url, table) for table in REMAINS] == [0, 0]
    return pieces


def rows(url: str) -> int:
    return count(url, "courses") + count(url, "key_entries")


async def test_a_large_customer_is_gone_at_once_with_all_that_is_left_of_it(store: Store, store_url: str) -> None:
    first, *_ = services_of(store_url)
    state = states_of(store_url, first)[-1]
    await store.customers.remove("anna", audit=RECORD)
    assert count(store_url, "courses") > ROOM, "it was not removed at once"
    assert await found(store, "anna") == ()
    with pytest.raises(NoSuchCustomer):
        await store.courses.of_owner(Owner(customer="anna"), Selection(), nested=True, limit=10)
    with pytest.raises(NoSuchCustomer):
        await store.interactions.of_customer("anna", limit=10)
    talks = ask(store_url, "SELECT id FROM interactions WHERE customer = 'anna'")
    assert talks, "they were not removed at once"
    for (talk,) in (*talks, ("s",)):
        with pytest.raises(NoSuchInteraction):
            await store.interactions.find(talk)
        with pytest.raises(NoSuchInteraction):
            await store.interactions.content(talk, "plain_text")
    for service in services_of(store_url):
        with pytest.raises(NoSuchService):
            await store.courses.whole(service)
        with pytest.raises(NoSuchService):
            await store.interactions.of_service(service, limit=10)
    with pytest.raises(NoSuchState):
        await store.courses.end(Ending(Place(Subject.STATE, state, first), NOW), audit=RECORD)
    others = await store.courses.of_owner(Owner(contact="+41"), Selection(), nested=True, limit=10)
    assert [one.customer for one in others] == ["berta"]
    page = await store.courses.page(ExportRequest(0.0, None), until=1e9, after=0, limit=100)
    assert [one.customer for one in page.courses] == ["berta"]


async def test_nothing_is_given_to_a_customer_who_is_gone(store: Store, store_url: str) -> None:
    first, *_ = services_of(store_url)
    (other,) = services_of(store_url, "berta")
    await store.customers.remove("anna", audit=RECORD)
    left = rows(store_url)
    for attempt, error in (
        (store.courses.start(Beginning(course(customer="anna")), audit=RECORD), NoSuchCustomer),
        (store.courses.start(Beginning(course(Subject.STATE, service=first)), audit=RECORD), NoSuchService),
        (store.courses.associate(other, "anna", audit=RECORD), NoSuchCustomer),
        (store.courses.associate(first, "berta", audit=RECORD), NoSuchService),
        (store.courses.remove(first, audit=RECORD), NoSuchService),
        (store.customers.remove("anna", audit=RECORD), NoSuchCustomer),
    ):
        with pytest.raises(error):
            await attempt
    assert rows(store_url) == left


async def test_what_is_left_is_removed_in_small_pieces(store: Store, store_url: str) -> None:
    await store.customers.remove("anna", audit=RECORD)
    assert await cleared(store, store_url) > SERVICES * STATES // (2 * ROOM)
    assert ask(store_url, "SELECT customer FROM courses") == [("berta",)]
    assert ask(store_url, "SELECT id, customer, service FROM interactions") == [("b", "berta", None)]
    assert count(store_url, "interaction_contents") == 1
    assert await found(store, "berta") == ("berta",)
    assert count(store_url, "key_entries") == 1


async def test_an_interaction_with_somebody_else_stays_without_the_service(store: Store, store_url: str) -> None:
    await store.customers.remove("anna", audit=RECORD)
    assert (await store.interactions.find("b")).service is None
    (one,) = await store.interactions.of_customer("berta", limit=10)
    assert (one.id, one.service) == ("b", None)
    assert (await store.interactions.content("b", "plain_text")).data == b"yes"


async def test_what_many_values_were_is_free_at_once(store: Store, store_url: str) -> None:
    known = await schemas(store)
    rows = ", ".join(f"({known.keys[0].id}, '{digest}', 'anna', '{digest}')" for digest in map(digest_of, PHONES))
    ask(store_url, f"INSERT INTO key_entries (key, digest, customer, whole) VALUES {rows}")
    assert await found(store, *PHONES[-1]) == ("anna",)
    await store.customers.remove("anna", audit=RECORD)
    assert count(store_url, "key_entries") > 2, "they were not removed at once"
    for number, (phone,) in enumerate((PHONES[0], PHONES[-1])):
        assert await found(store, phone) == ()
        heir = f"d{number}"
        await store.customers.add(Customer(heir, {"Phone": phone}, {}), known, audit=RECORD)
        assert await found(store, phone) == (heir,)
        with pytest.raises(UniqueValueTaken):
            await store.customers.add(Customer("e", {"Phone": phone}, {}), known, audit=RECORD)
    await cleared(store, store_url)
    assert await found(store, *PHONES[0]) == ("d0",)
    assert count(store_url, "key_entries") == 3


async def test_a_small_customer_is_removed_whole_and_leaves_nothing_to_be_cleared(store: Store, store_url: str) -> None:
    await store.customers.remove("berta", audit=RECORD)
    assert services_of(store_url, "berta") == []
    assert not await store.context_remains.clear()


async def test_a_large_service_is_gone_at_once_and_removed_in_pieces(store: Store, store_url: str) -> None:
    first, second, *_ = services_of(store_url)
    ask(
        store_url,
        f"INSERT INTO courses (subject, service, type, started_at, started) SELECT 'task', {first}, '1', 1, '{{}}' "
        f"FROM courses WHERE service = {first}",
    )
    await store.courses.remove(first, audit=RECORD)
    assert states_of(store_url, first)
    with pytest.raises(NoSuchService):
        await store.courses.whole(first)
    with pytest.raises(NoSuchState):
        await store.courses.end(Ending(Place(Subject.STATE, states_of(store_url, first)[-1], first), NOW), audit=RECORD)
    assert len(await store.courses.whole(second)) == 1 + STATES
    with pytest.raises(NoSuchInteraction):
        await store.interactions.find("s")
    await cleared(store, store_url)
    assert states_of(store_url, first) == [] and services_of(store_url)[0] == second


async def test_a_purge_takes_large_services_in_small_units(store: Store, store_url: str) -> None:
    before = rows(store_url)
    piece = await store.context_purge.purge(100.0, Purge.ALL, after=0, limit=100)
    assert (piece.looked_at, piece.removed) == (SERVICES + 1, SERVICES + 1)
    assert before - rows(store_url) <= 2 * ROOM
    again = await store.context_purge.purge(100.0, Purge.ALL, after=0, limit=100)
    assert again.removed == 0, "they are gone"
    await cleared(store, store_url)
    assert count(store_url, "courses") == 0


async def test_what_is_left_is_removed_in_maintenance_too(store: Store, store_url: str) -> None:
    await store.customers.remove("anna", audit=RECORD)
    await switched(store, Mode.MAINTENANCE)
    await cleared(store, store_url)
    assert count(store_url, "courses") == 1


async def test_servers_that_clear_away_at_once_do_not_hinder_each_other(
    store: Store, second_store: Store, store_url: str
) -> None:
    await store.courses.remove(services_of(store_url)[0], audit=RECORD)
    await store.customers.remove("anna", audit=RECORD)

    async def clear(one: Store) -> None:
        while await one.context_remains.clear():
            pass

    await asyncio.gather(clear(store), clear(second_store), clear(store), clear(second_store))
    while await store.context_remains.clear():
        pass
    assert count(store_url, "courses") == 1
    assert [count(store_url, table) for table in REMAINS] == [0, 0]
