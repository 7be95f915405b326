"""Profiles: each row of the table of operations, and that what was refused has changed nothing."""

from pathlib import Path

import pytest
from tests.faces.ucs.conftest import CONTEXT
from tests.faces.ucs.office import ADA, CONTACTS, MANY, Office, refused, told
from tests.world import WorldOn

from busyout.settings import ContextSettings

pytestmark = pytest.mark.anyio

BY_UNIQUE = "extensions/Contacts/by/unique"


async def test_a_profile_is_made_read_replaced_and_deleted(office: Office) -> None:
    answer = await office.ask("POST", "/profiles", {**ADA, "Loyalty": {"Since": "2020-02-29"}})
    customer = answer.json()["customer_id"]
    assert told(answer) == (201, f"/profiles/{customer}", {"customer_id": customer})
    assert 1 <= len(customer) <= 16
    assert await office.get(f"/profiles/{customer}") == {"customer_id": customer, **ADA}
    whole = {"customer_id": customer, **ADA, "Loyalty": {"Level": "blue", "Since": "2020-02-29"}}
    assert await office.get(f"/profiles/{customer}?extensions=loyalty") == whole
    assert told(await office.ask("PUT", f"/profiles/{customer}", {"LastName": "King"})) == (204, None, None)
    replaced = {"customer_id": customer, "LastName": "King", "Loyalty": whole["Loyalty"], "Contacts": []}
    assert await office.get(f"/profiles/{customer}?extensions=Loyalty,Contacts") == replaced
    assert told(await office.ask("DELETE", f"/profiles/{customer}")) == (200, None, None)
    for method in ("GET", "DELETE"):
        assert refused(await office.ask(method, f"/profiles/{customer}")) == (404, "NotFound")
    assert refused(await office.ask("PUT", f"/profiles/{customer}", ADA)) == (404, "NotFound")


async def test_the_id_in_a_body_is_that_of_the_address(office: Office) -> None:
    customer = await office.customer()
    for name in ("customer_id", "CUSTOMER_ID"):
        right, wrong = {name: customer, "FirstName": name}, {name: "other", "FirstName": "x"}
        assert (await office.ask("PUT", f"/profiles/{customer}", right)).status == 204
        assert refused(await office.ask("PUT", f"/profiles/{customer}", wrong)) == (400, "InvalidParameter")
        assert await office.get(f"/profiles/{customer}") == {"customer_id": customer, "FirstName": name}


async def test_a_profile_is_never_emptied_by_what_is_missing(office: Office) -> None:
    customer = await office.customer(Loyalty={"Level": "gold"})
    kept = await office.get(f"/profiles/{customer}?extensions=Loyalty")
    one = f"/profiles/{customer}"
    for method, path in (("PUT", one), ("POST", f"{one}/extensions"), ("POST", "/profiles")):
        assert refused(await office.ask(method, path)) == (400, "InvalidParameter"), path
    other = await office.customer()
    for body in ({}, {"FirstName": None}, {"Contacts": []}):
        assert refused(await office.ask("POST", "/profiles", body)) == (400, "InvalidParameter"), body
        assert refused(await office.ask("PUT", f"/profiles/{other}", body)) == (400, "InvalidParameter"), body
    assert await office.get(f"/profiles/{customer}?extensions=Loyalty") == kept


async def test_a_profile_goes_with_its_services(office: Office) -> None:
    customer = await office.customer()
    service = await office.service(customer)
    assert (await office.ask("DELETE", f"/profiles/{customer}")).status == 200
    assert refused(await office.ask("GET", f"/services/{service}")) == (404, "NotFound")


async def test_an_attribute_with_several_values_is_a_list_and_a_new_profile_names_no_id(office: Office) -> None:
    answer = await office.ask("POST", "/profiles", {"customer_id": "mine", "emailaddress": ["a@x", "b@x"]})
    customer = answer.json()["customer_id"]
    assert customer != "mine"
    assert await office.get(f"/profiles/{customer}") == {"customer_id": customer, "EmailAddress": ["a@x", "b@x"]}


async def test_records_are_put_in_the_place_of_others(office: Office) -> None:
    customer = await office.customer(Contacts=MANY)
    put = await office.ask("POST", f"/profiles/{customer}/extensions", {"Contacts": MANY[:1], "Loyalty": {}})
    assert told(put) == (200, None, None)
    found = await office.get(f"/profiles/{customer}?extensions=Contacts,Loyalty")
    assert (found["Contacts"], found["Loyalty"]) == (MANY[:1], {"Level": "blue"})


async def test_one_record_is_changed_by_its_unique_attributes(office: Office) -> None:
    customer = await office.customer(Contacts=MANY)
    place = f"/profiles/{customer}/{BY_UNIQUE}"
    assert told(await office.ask("PUT", place, {"kind": "work", "Rank": 1, "Number": "3"})) == (204, None, None)
    found = await office.get(f"/profiles/{customer}?extensions=Contacts")
    assert found["Contacts"] == [MANY[0], {**MANY[1], "Number": "3"}]
    assert refused(await office.ask("PUT", place, {"Kind": "work", "Rank": 2})) == (404, "NotFound")
    assert refused(await office.ask("PUT", place, {"Kind": "work"})) == (400, "InvalidParameter")


async def test_one_record_is_removed_by_its_unique_attributes_in_the_query_or_in_the_body(office: Office) -> None:
    customer = await office.customer(Contacts=MANY)
    place = f"/profiles/{customer}/{BY_UNIQUE}"
    assert refused(await office.ask("DELETE", f"{place}?Kind=home&Rank=one")) == (400, "InvalidParameter")
    assert refused(await office.ask("DELETE", place)) == (400, "InvalidParameter")
    assert refused(await office.ask("DELETE", f"{place}?Kind=home&Rank=2")) == (404, "NotFound")
    assert told(await office.ask("DELETE", f"{place}?Kind=home&Rank=1")) == (204, None, None)
    assert (await office.get(f"/profiles/{customer}?extensions=Contacts"))["Contacts"] == MANY[1:]
    assert told(await office.ask("DELETE", place, {"Kind": "work", "Rank": 1})) == (204, None, None)
    assert (await office.get(f"/profiles/{customer}?extensions=Contacts"))["Contacts"] == []


async def test_customers_are_found_by_a_key(office: Office) -> None:
    first, second = await office.customer(Contacts=MANY), await office.customer(LastName="King")
    both = [{"customer_id": one} for one in sorted((first, second))]
    assert await office.get("/profiles?phonenumber=%2B44100") == both
    assert await office.get("/profiles?PhoneNumber=%2B44200&LastName=King&id_key=byphone") == [{"customer_id": second}]
    assert await office.get("/profiles?PhoneNumber=%2B1") == []
    query = "/profiles?PhoneNumber=%2B44200&LastName=Byron&include_profile=yes&extensions=Contacts"
    assert await office.get(query) == [{"customer_id": first, **ADA, "Contacts": MANY}]
    only = "/profiles?PhoneNumber=%2B44100&extensions=Contacts&include_extensions=unique"
    assert await office.get(only) == both
    alone = f"{only}&LastName=Byron"
    assert await office.get(alone) == [{"customer_id": first, "Contacts": MANY}]


async def test_nobody_is_looked_for_without_a_key_that_fits(office: Office) -> None:
    assert refused(await office.ask("GET", "/profiles")) == (400, "InvalidParameter")
    assert refused(await office.ask("GET", "/profiles?id_key=ByPhone")) == (400, "InvalidParameter")
    assert refused(await office.ask("GET", "/profiles?LastName=Byron")) == (400, "InvalidParameter")
    assert refused(await office.ask("GET", "/profiles?PhoneNumber=1&id_key=Nothing")) == (404, "NotFound")
    assert refused(await office.ask("GET", "/profiles?PhoneNumber=1&Unknown=1")) == (400, "InvalidParameter")
    assert refused(await office.ask("GET", "/profiles?PhoneNumber=1&include_profile=1")) == (400, "InvalidParameter")
    for twice in ("PhoneNumber", "phonenumber"):
        answer = await office.ask("GET", f"/profiles?PhoneNumber=1&{twice}=2")
        assert refused(answer) == (400, "InvalidParameter")


async def test_a_unique_key_keeps_values_apart(office: Office) -> None:
    first = await office.customer(Title="Countess")
    await office.switch("maintenance")
    await office.made("/metadata/identification-keys", {"name": "U", "attributes": ["Title"], "unique": True})
    await office.switch("production")
    assert refused(await office.ask("POST", "/profiles", {"Title": "Countess"})) == (403, "Forbidden")
    second = await office.customer(Title="Lady")
    assert refused(await office.ask("PUT", f"/profiles/{second}", {"Title": "Countess"})) == (403, "Forbidden")
    assert await office.get("/profiles?Title=Countess") == [{"customer_id": first}]
    assert (await office.get(f"/profiles/{second}"))["Title"] == "Lady"


async def test_a_required_extension_is_required(empty: Office) -> None:
    await empty.switch("maintenance")
    await empty.made("/metadata/profiles/extensions", {**CONTACTS, "required": True})
    await empty.switch("production")
    assert refused(await empty.ask("POST", "/profiles", ADA)) == (400, "InvalidParameter")
    assert (await empty.ask("POST", "/profiles", {**ADA, "Contacts": MANY})).status == 201


async def test_a_file_of_profiles_is_taken_in_by_a_key(world_on: WorldOn, tmp_path: Path) -> None:
    rows = "PhoneNumber,LastName,Loyalty.Since\n+44100,Byron,2020-02-29\n+44300,Somerville,\n"
    (tmp_path / "customers.csv").write_text(rows, "utf-8")
    wanted = {"profiles": "customers.csv", "id-key": "ByPhone"}
    async with world_on(elements=(CONTEXT,), context=ContextSettings(import_directory=tmp_path)) as world:
        office = Office(world)
        await office.furnish()
        customer = await office.customer()
        taken = await office.ask("POST", "/profiles/import", wanted)
        assert told(taken) == (200, None, {"created": 1, "updated": 1})
        assert await office.get("/profiles?PhoneNumber=%2B44100&extensions=Loyalty&include_profile=yes") == [
            {"customer_id": customer, **ADA, "Loyalty": {"Level": "blue", "Since": "2020-02-29"}}
        ]
        assert len(await office.get("/profiles?PhoneNumber=%2B44300&LastName=Somerville")) == 1
