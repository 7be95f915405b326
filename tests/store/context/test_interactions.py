"""Interactions, as they are kept."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.store.direct import ask, count
from tests.store.making import RECORD

from busyout.domain.context.course import Course, Occurrence
from busyout.domain.context.customer import Customer
from busyout.domain.context.errors import ModeNotAllowed, NameTaken, NoSuchCustomer, NoSuchInteraction, NoSuchService
from busyout.domain.context.interaction import Content, Interaction
from busyout.domain.context.schema import Schemas, Subject
from busyout.domain.mode import Mode
from busyout.ports.context_courses import Beginning
from busyout.store import Store

pytestmark = pytest.mark.anyio

SAID = {
    "plain_text": Content(b"Gr\xc3\xbcezi", "text/plain;charset=UTF-8"),
    "binary_content": Content(b"\0\xff", "a/b"),
}


@pytest.fixture
async def store(store: Store) -> AsyncIterator[Store]:
    """A store in production, with the customers `anna` and `berta`."""
    await store.modes.open(Mode.PRODUCTION)
    for name in ("anna", "berta"):
        await store.customers.add(Customer(name, {}, {}), Schemas(), audit=RECORD)
    yield store


def contact(id: str, seconds: float = 1.0, **more: Any) -> Interaction:
    return Interaction(id=id, media_type="voice", established_at=seconds, **more)


async def service(store: Store) -> int:
    course = Course(subject=Subject.SERVICE, contact="+41 1", type="1", started=Occurrence(1.0, {}))
    return await store.courses.start(Beginning(course), audit=RECORD)


async def test_an_interaction_is_read_as_it_was_added(store: Store) -> None:
    number = await service(store)
    whole = contact("a", external_id="x", customer="anna", service=number, udata={"Queue": ["a", 1]})
    await store.interactions.add(whole, SAID, audit=RECORD)
    kept = await store.interactions.find("a")
    assert kept == Interaction(
        id="a",
        external_id="x",
        customer="anna",
        service=number,
        media_type="voice",
        established_at=1.0,
        udata={"Queue": ["a", 1]},
        forms=("binary_content", "plain_text"),
    )
    assert await store.interactions.of_customer("anna", limit=10) == (kept,)
    assert await store.interactions.of_service(number, limit=10) == (kept,)
    for form, content in SAID.items():
        assert await store.interactions.content("a", form) == content
    for id, form in (("a", "structured_text"), ("b", "plain_text")):
        with pytest.raises(NoSuchInteraction):
            await store.interactions.content(id, form)
    with pytest.raises(NoSuchInteraction):
        await store.interactions.find("b")


async def test_the_newest_are_listed_in_the_order_of_their_time(store: Store) -> None:
    for id, seconds in (("c", 1.0), ("a", 3.0), ("b", 2.0), ("z", 3.0)):
        await store.interactions.add(contact(id, seconds, customer="anna"), {}, audit=RECORD)
    found = await store.interactions.of_customer("anna", limit=3)
    assert [one.id for one in found] == ["b", "a", "z"]


async def test_nobody_has_none_but_those_who_are_not_there_are_refused(store: Store) -> None:
    assert await store.interactions.of_customer("berta", limit=10) == ()
    assert await store.interactions.of_service(await service(store), limit=10) == ()
    with pytest.raises(NoSuchCustomer):
        await store.interactions.of_customer("carla", limit=10)
    for number in (0, 99, 2**63, 10**18):
        with pytest.raises(NoSuchService):
            await store.interactions.of_service(number, limit=10)


async def test_an_interaction_is_written_once_and_of_what_there_is(store: Store, store_url: str) -> None:
    await store.interactions.add(contact("a"), SAID, audit=RECORD)
    for refused, error in (
        (contact("a"), NameTaken),
        (contact("b", customer="carla"), NoSuchCustomer),
        (contact("b", service=99), NoSuchService),
        (contact("b", service=2**63), NoSuchService),
    ):
        with pytest.raises(error):
            await store.interactions.add(refused, SAID, audit=RECORD)
    assert (count(store_url, "interactions"), count(store_url, "interaction_contents")) == (1, 2)


async def test_nothing_is_added_in_maintenance(store: Store, store_url: str) -> None:
    ask(store_url, "UPDATE context_mode SET mode = 'maintenance'")
    with pytest.raises(ModeNotAllowed):
        await store.interactions.add(contact("a"), {}, audit=RECORD)


async def test_what_was_said_with_nobody_known_goes_with_its_service(store: Store, store_url: str) -> None:
    number = await service(store)
    await store.interactions.add(contact("a", service=number), SAID, audit=RECORD)
    await store.interactions.add(contact("b", service=number, customer="anna"), {}, audit=RECORD)
    await store.courses.remove(number, audit=RECORD)
    assert await store.interactions.of_customer("anna", limit=10) == (contact("b", customer="anna"),)
    assert count(store_url, "interaction_contents") == 0
    with pytest.raises(NoSuchInteraction):
        await store.interactions.find("a")


async def test_what_was_said_with_a_customer_goes_with_the_customer(store: Store, store_url: str) -> None:
    await store.interactions.add(contact("a", customer="anna"), SAID, audit=RECORD)
    await store.interactions.add(contact("b", customer="berta"), SAID, audit=RECORD)
    await store.customers.remove("anna", audit=RECORD)
    assert ask(store_url, "SELECT id FROM interactions") == [("b",)]
    assert count(store_url, "interaction_contents") == 2
