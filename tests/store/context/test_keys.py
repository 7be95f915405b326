"""Identification keys are made and removed in small units of work, however much one customer has."""

import pytest
from tests.store.direct import ask, count
from tests.store.making import RECORD

from busyout.domain.context.attribute import Attribute, AttributeType
from busyout.domain.context.customer import Customer
from busyout.domain.context.identify import MAX_COMBINATIONS, question_of
from busyout.domain.context.schema import UNNUMBERED, Extension, IdentificationKey, Kind, Schemas, Subject
from busyout.domain.mode import Mode
from busyout.store import Store
from busyout.store.tables.context.keys import CHARACTERS, ENTRIES

pytestmark = pytest.mark.anyio

CORE = (Attribute("Phone", AttributeType.STRING),)
NUMBER, TEXT = Attribute("Number", AttributeType.INTEGER), Attribute("Text", AttributeType.STRING, length=CHARACTERS)
BY_PHONE = IdentificationKey(UNNUMBERED, "ByPhone", "profile", ("Phone",))
BY_NUMBER = IdentificationKey(UNNUMBERED, "ByNumber", "Cards", ("Number",))
CUSTOMERS = 12
PHONES = MAX_COMBINATIONS


async def switched(store: Store, mode: Mode) -> None:
    await store.modes.open(mode)
    if (await store.modes.read()).mode is not mode:
        begun = await store.modes.begin(mode, operation=f"to {mode.value}", deadline=None)
        assert await store.modes.commit(begun, others=frozenset()) is not None


@pytest.fixture
async def schemas(store: Store) -> Schemas:
    """An extension; the mode is production."""
    await store.modes.open(Mode.PRODUCTION)
    cards = Extension(UNNUMBERED, Subject.PROFILE, "Cards", Kind.MULTI_VALUED, (NUMBER, TEXT))
    return Schemas(CORE, (await store.context_schemas.add_extension(cards, in_any_mode=True, audit=RECORD),), ())


async def filled(store: Store, schemas: Schemas, *, cards: int = 0, text: str = "") -> None:
    """Customers with telephone numbers and cards; the mode is maintenance."""
    (extension,) = schemas.extensions
    for number in range(CUSTOMERS):
        phones = [f"{number} {phone}" for phone in range(PHONES)]
        records = tuple({"Number": card, "Text": text} for card in range(cards))
        one = Customer(f"c{number:02}", {"Phone": phones}, {extension.id: records} if cards else {})
        await store.customers.add(one, schemas, audit=RECORD)
    await switched(store, Mode.MAINTENANCE)


async def made(store: Store, schemas: Schemas, key: IdentificationKey, url: str) -> list[tuple[tuple[str, ...], int]]:
    """Make the entries of a key; which customers each unit took, and how many entries it made."""
    key = await store.context_keys.begin_key(key)
    units: list[tuple[tuple[str, ...], int]] = []
    after, before = None, count(url, "key_entries")
    while done := await store.context_keys.add_entries(schemas, key, after=after, limit=200):
        now = count(url, "key_entries")
        units.append((done, now - before))
        after, before = done[-1], now
    await store.context_keys.finish_key(key.id)
    return units


async def test_a_unit_makes_few_entries_however_many_customers_it_may_take(
    store: Store, schemas: Schemas, store_url: str
) -> None:
    await filled(store, schemas)
    units = await made(store, schemas, BY_PHONE, store_url)
    assert [entries for _, entries in units] == [ENTRIES] * (CUSTOMERS * PHONES // ENTRIES)
    assert [one for done, _ in units for one in done] == [f"c{number:02}" for number in range(CUSTOMERS)]
    known = Schemas(CORE, schemas.extensions, (await store.context_schemas.read()).keys)
    for number in range(CUSTOMERS):
        question = question_of(known, {"Phone": f"{number} {PHONES - 1}"}, None)
        assert await store.customers.identify(question, limit=10) == (f"c{number:02}",)


@pytest.mark.parametrize(
    ("kept", "at_once"),
    [((ENTRIES // 4, 0), 4), ((ENTRIES + 1, 0), 1), ((2, CHARACTERS // 5), 2), ((2, CHARACTERS // 2), 1)],
    ids=["a few", "too many", "large", "too large"],
)
async def test_a_unit_reads_few_records_and_little_text_but_one_customer_at_least(
    store: Store, schemas: Schemas, store_url: str, kept: tuple[int, int], at_once: int
) -> None:
    cards, characters = kept
    await filled(store, schemas, cards=cards, text="x" * characters)
    units = await made(store, schemas, BY_NUMBER, store_url)
    assert [len(done) for done, _ in units] == [at_once] * (CUSTOMERS // at_once)
    assert sum(entries for _, entries in units) == CUSTOMERS * cards


async def test_a_key_goes_in_small_units_and_takes_no_other_with_it(
    store: Store, schemas: Schemas, store_url: str
) -> None:
    await filled(store, schemas, cards=3)
    await made(store, schemas, BY_PHONE, store_url)
    await made(store, schemas, BY_NUMBER, store_url)
    key = await store.context_keys.hide_key("ByPhone")
    removed = []
    while some := await store.context_keys.remove_entries(key, limit=500):
        removed.append(some)
    await store.context_keys.forget_key(key)
    assert removed == [500, 500, CUSTOMERS * PHONES - 1000]
    assert ask(store_url, "SELECT DISTINCT key FROM key_entries") == [(key + 1,)]
    assert count(store_url, "key_entries") == CUSTOMERS * 3
