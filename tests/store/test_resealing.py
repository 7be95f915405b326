"""A new key, and what was sealed inside of records with the one before."""

import json
from pathlib import Path

import pytest
from tests.keys import key_file, key_id
from tests.store.direct import ask
from tests.store.making import RECORD

from busyout.domain.context.attribute import Attribute, AttributeType
from busyout.domain.context.course import Course, Occurrence
from busyout.domain.context.customer import Customer
from busyout.domain.context.schema import UNNUMBERED, Extension, Kind, Schemas, Subject
from busyout.domain.errors import SealBroken
from busyout.domain.mode import Mode
from busyout.ports.context_courses import Beginning
from busyout.store import Store, open_store
from busyout.store.resealing import SLICE

pytestmark = pytest.mark.anyio

NUMBER = Attribute("Number", AttributeType.STRING)
PIN = Attribute("Pin", AttributeType.INTEGER, encrypt=True)
KINDS = (
    ("Cards", Subject.PROFILE, (NUMBER, PIN)),
    ("Notes", Subject.STATE, (PIN,)),
    ("Plain", Subject.PROFILE, (NUMBER,)),
)
CARDS = SLICE + 50
"""Records of one customer, and then one of another: the second slice begins within the first customer."""

TABLES = ("customer_records", "course_records")


async def filled(url: str, keys: Path) -> None:
    """Customers and a state with records, some of which have something sealed."""
    store = open_store(url, keys)
    await store.modes.open(Mode.PRODUCTION)
    for name, subject, attributes in KINDS:
        wanted = Extension(UNNUMBERED, subject, name, Kind.MULTI_VALUED, attributes)
        await store.context_schemas.add_extension(wanted, in_any_mode=True, audit=RECORD)
    schemas = await known(store)
    for id, count in (("c1", CARDS), ("c2", 1)):
        await store.customers.add(customer(schemas, id, count), schemas, audit=RECORD)
    service = await store.courses.start(Beginning(course(Subject.SERVICE, contact="+41")), audit=RECORD)
    notes = schemas.extension(Subject.STATE, "Notes")
    state = Beginning(course(Subject.STATE, service=service), ((notes, ({"Pin": 7}, {})),))
    await store.courses.start(state, audit=RECORD)
    await store.close()


def customer(schemas: Schemas, id: str, count: int) -> Customer:
    cards, plain = (schemas.extension(Subject.PROFILE, name).id for name in ("Cards", "Plain"))
    records = tuple({"Number": f"{id} {number}", "Pin": number} for number in range(count))
    return Customer(id, {}, {cards: records, plain: ({"Number": "1"},)})


def course(subject: Subject, **more: object) -> Course:
    return Course(subject=subject, type="order", started=Occurrence(1.0, {}), **more)  # type: ignore[arg-type]


async def known(store: Store) -> Schemas:
    return Schemas((), (await store.context_schemas.read()).extensions)


async def check(url: str, keys: Path) -> None:
    """Open the store, and find everything as it was filled."""
    store = open_store(url, keys)
    schemas = await known(store)
    for id, count in (("c1", CARDS), ("c2", 1)):
        assert await store.customers.find(id, schemas.extensions) == customer(schemas, id, count)
    notes = schemas.extension(Subject.STATE, "Notes")
    ((state,),) = ask(url, "SELECT id FROM courses WHERE subject = 'state'")
    found = await store.courses.records((course(Subject.STATE, id=state),), (notes,))
    assert found == {(state, notes.id): ({"Pin": 7}, {})}
    await store.close()


def records(url: str) -> list[str]:
    return [
        text for table in TABLES for (text,) in ask(url, f"SELECT record FROM {table} ORDER BY extension, position")
    ]


def sealed_with(url: str) -> list[str]:
    """Ids of the keys of all that is sealed inside of records."""
    pins = (json.loads(text).get("Pin") for text in records(url))
    return [pin["sealed"].split(":")[2] for pin in pins if pin is not None]


async def test_a_new_key_seals_anew_what_is_inside_of_records(store_url: str, tmp_path: Path) -> None:
    old, both = key_file(tmp_path, 1), key_file(tmp_path, 2, 1)
    await filled(store_url, old)
    assert sealed_with(store_url) == [key_id(old)] * (CARDS + 2)
    await check(store_url, both)
    assert sealed_with(store_url) == [key_id(both)] * (CARDS + 2)
    before = records(store_url)
    await check(store_url, both)
    assert records(store_url) == before, "it is done once"


async def test_a_start_that_was_killed_while_it_sealed_records_is_gone_on_with(store_url: str, tmp_path: Path) -> None:
    old, both = key_file(tmp_path, 1), key_file(tmp_path, 2, 1)
    await filled(store_url, old)
    ((first,),) = ask(
        store_url, "SELECT record FROM customer_records WHERE customer = 'c1' AND extension = 1 AND position = 0"
    )
    await check(store_url, both)
    ask(store_url, "UPDATE sealing_keys SET complete = false")
    ask(
        store_url,
        f"UPDATE customer_records SET record = '{first}' WHERE customer = 'c1' AND extension = 1 AND position = 0",
    )
    before = records(store_url)
    await check(store_url, both)
    assert len(set(records(store_url)) - set(before)) == 1
    assert set(sealed_with(store_url)) == {key_id(both)}


async def test_a_record_that_does_not_open_is_named_and_stops_the_start(store_url: str, tmp_path: Path) -> None:
    await filled(store_url, key_file(tmp_path, 1))
    other = "SELECT record FROM customer_records WHERE customer = 'c1' AND extension = 1 AND position = 0"
    ask(store_url, f"UPDATE customer_records SET record = ({other}) WHERE customer = 'c2' AND extension = 1")
    with pytest.raises(SealBroken, match=r"profile c2 1\.Pin.*moved"):
        open_store(store_url, key_file(tmp_path, 2, 1))
