"""Many clients at once over HTTP: one of them wins, the others are told so, and what is left is of one mind."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable

import pytest
from tests.client import Answer
from tests.faces.ucs.conftest import CONTEXT
from tests.faces.ucs.office import ADA, Office, refused
from tests.world import WorldOn

pytestmark = pytest.mark.anyio

CLIENTS = 64
BY_MAIL = {"name": "ByMail", "attributes": ["EmailAddress"], "unique": True}
MAIL = "ada@example.org"
TAKEN = (403, "Forbidden")
GONE = (404, "NotFound")


@pytest.fixture(params=["sqlite", "postgres"])
async def office(world_on: WorldOn, request: pytest.FixtureRequest) -> AsyncIterator[Office]:
    """An office in which addresses of mail are unique."""
    async with world_on(request.param, elements=(CONTEXT,)) as world:
        office = Office(world)
        await office.furnish()
        await office.switch("maintenance")
        await office.made("/metadata/identification-keys", BY_MAIL)
        await office.switch("production")
        yield office


async def at_once(*asked: Awaitable[Answer]) -> list[Answer]:
    """What requests are answered that are under way together."""
    return list(await asyncio.gather(*asked))


def outcomes(answers: list[Answer]) -> Counter[int | tuple[int, str]]:
    """How many answers there are of each kind: a status, with the name of a refusal where it is one."""
    return Counter(answer.status if answer.status < 300 else refused(answer) for answer in answers)


async def found(office: Office, mail: str) -> list[str]:
    """Who has an address of mail."""
    return [one["customer_id"] for one in await office.get(f"/profiles?EmailAddress={mail}")]


async def test_of_all_who_make_a_customer_with_one_address_one_does(office: Office) -> None:
    asked = (office.ask("POST", "/profiles", {**ADA, "EmailAddress": MAIL}) for _ in range(CLIENTS))
    answers = await at_once(*asked)
    assert outcomes(answers) == {201: 1, TAKEN: CLIENTS - 1}
    (winner,) = (answer.json()["customer_id"] for answer in answers if answer.status == 201)
    assert await found(office, MAIL) == [winner]
    assert len(await office.get("/profiles?PhoneNumber=%2B44100")) == 1, "nothing is left of the others"


async def test_of_all_who_change_to_one_address_one_does(office: Office) -> None:
    customers = [await office.customer(EmailAddress=f"{number}@x") for number in range(CLIENTS)]
    answers = await at_once(*(office.ask("PUT", f"/profiles/{one}", {"EmailAddress": MAIL}) for one in customers))
    assert outcomes(answers) == {204: 1, TAKEN: CLIENTS - 1}
    winner = answers.index(next(answer for answer in answers if answer.status == 204))
    assert await found(office, MAIL) == [customers[winner]]
    for number, customer in enumerate(customers):
        kept = [] if number == winner else [customer]
        assert await found(office, f"{number}@x") == kept, "whoever was refused is as before"


async def test_a_customer_who_is_changed_by_many_is_what_one_of_them_wrote(office: Office) -> None:
    customer = await office.customer()
    bodies = [{"FirstName": f"Ada {n}", "EmailAddress": f"{n}@x", "Loyalty": {"Level": str(n)}} for n in range(CLIENTS)]
    answers = await at_once(*(office.ask("PUT", f"/profiles/{customer}", body) for body in bodies))
    assert outcomes(answers) == {204: CLIENTS}
    kept = await office.get(f"/profiles/{customer}?extensions=Loyalty")
    number = int(kept["Loyalty"]["Level"])
    assert (kept["FirstName"], kept["EmailAddress"]) == (f"Ada {number}", f"{number}@x")
    for other in range(CLIENTS):
        assert await found(office, f"{other}@x") == ([customer] if other == number else [])


async def test_of_records_with_the_same_unique_attributes_all_changes_are_kept(office: Office) -> None:
    ranks = range(CLIENTS)
    customer = await office.customer(Contacts=[{"Kind": "home", "Rank": rank, "Number": "old"} for rank in ranks])
    path = f"/profiles/{customer}/extensions/Contacts/by/unique"
    changes = (office.ask("PUT", path, {"Kind": "home", "Rank": rank, "Number": f"new {rank}"}) for rank in ranks)
    answers = await at_once(*changes)
    assert outcomes(answers) == {204: CLIENTS}
    kept = (await office.get(f"/profiles/{customer}?extensions=Contacts"))["Contacts"]
    assert {record["Rank"]: record["Number"] for record in kept} == {rank: f"new {rank}" for rank in ranks}


async def test_a_customer_who_is_deleted_by_many_is_deleted_once(office: Office) -> None:
    customer = await office.customer(EmailAddress=MAIL)
    answers = await at_once(*(office.ask("DELETE", f"/profiles/{customer}") for _ in range(CLIENTS)))
    assert outcomes(answers) == {200: 1, GONE: CLIENTS - 1}
    assert await found(office, MAIL) == []


async def test_nothing_is_left_of_a_customer_who_is_deleted_while_others_change_it(office: Office) -> None:
    for turn in range(4):
        customer = await office.customer(EmailAddress=f"{turn}@x")
        start = {"customer_id": customer, "service_type": "order"}
        changes = [office.ask("PUT", f"/profiles/{customer}", {"EmailAddress": f"{turn}.{n}@x"}) for n in range(8)]
        starts = [office.ask("POST", "/services/start", start) for _ in range(8)]
        both = [one for pair in zip(changes, starts, strict=True) for one in pair]
        middle = 4 * turn
        answers = await at_once(*both[:middle], office.ask("DELETE", f"/profiles/{customer}"), *both[middle:])
        assert answers[middle].status == 200
        others = outcomes([*answers[:middle], *answers[middle + 1 :]])
        assert set(others) <= {201, 204, GONE}
        for address in (f"{turn}@x", *(f"{turn}.{n}@x" for n in range(8))):
            assert await found(office, address) == []
        begun = [answer.json()["service_id"] for answer in answers if answer.status == 201]
        for service in begun:
            assert refused(await office.ask("GET", f"/services/{service}")) == GONE
        assert refused(await office.ask("GET", f"/customers/{customer}/services")) == GONE


async def test_a_state_that_begins_while_its_service_is_deleted_goes_with_it(office: Office) -> None:
    for turn in range(4):
        service = await office.service()
        begins = [office.ask("POST", f"/services/{service}/states/start", {"state_type": "open"}) for _ in range(12)]
        middle = 3 * turn
        answers = await at_once(*begins[:middle], office.ask("DELETE", f"/services/{service}"), *begins[middle:])
        assert answers[middle].status == 200
        assert set(outcomes([*answers[:middle], *answers[middle + 1 :]])) <= {201, GONE}
        assert refused(await office.ask("GET", f"/services/{service}/states")) == GONE
