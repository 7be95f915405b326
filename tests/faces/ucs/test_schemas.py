"""Schemas: each row of the table of operations, names in whatever case, and what refuses to be defined or to go."""

from typing import Any

import pytest
from tests.faces.ucs.office import ADA, BY_PHONE, CONTACTS, LOYALTY, NOTE, OF, Office, refused, told

pytestmark = pytest.mark.anyio

KEYS = "/metadata/identification-keys"

PRINTED_NOTE = {
    "name": "Note",
    "type": "single-valued",
    "attributes": [
        {
            "name": "Text",
            "type": "string",
            "length": 200,
            "default": None,
            "mandatory": True,
            "encrypt": False,
            "unique": False,
        }
    ],
    "unique": [],
    "required": False,
}


@pytest.mark.parametrize("subject", OF)
async def test_an_extension_is_defined_read_and_deleted(empty: Office, subject: str) -> None:
    path = f"/metadata/{subject}/extensions"
    await empty.switch("maintenance")
    assert told(await empty.ask("POST", path, NOTE)) == (201, f"{path}/Note", {"name": "Note"})
    assert await empty.get(path) == [PRINTED_NOTE]
    assert await empty.get(f"{path}/nOTE") == PRINTED_NOTE
    assert told(await empty.ask("DELETE", f"{path}/NOTE")) == (204, None, None)
    assert refused(await empty.ask("DELETE", f"{path}/Note")) == (404, "NotFound")
    assert refused(await empty.ask("GET", f"{path}/Note")) == (404, "NotFound")
    assert await empty.get(path) == []


async def test_extensions_of_services_are_read_at_the_address_of_the_example_too(office: Office) -> None:
    assert (
        await office.get("/metadata/services/") == await office.get("/metadata/services/extensions") == [PRINTED_NOTE]
    )


async def test_what_is_read_can_be_defined_anew(office: Office) -> None:
    await office.switch("maintenance")
    for subject in OF:
        path = f"/metadata/{subject}/extensions"
        for extension in await office.get(path):
            assert (await office.ask("DELETE", f"{path}/{extension['name']}")).status == 204
            assert (await office.ask("POST", path, extension)).status == 201
            assert await office.get(f"{path}/{extension['name']}") == extension


async def test_texts_are_taken_for_booleans_and_numbers_and_told_as_such(empty: Office) -> None:
    await empty.switch("maintenance")
    attribute = {"name": "A", "type": "STRING", "length": "10", "mandatory": "TRUE", "encrypt": "false"}
    path = "/metadata/profiles/extensions"
    wanted = {"name": "X", "type": "Single-Valued", "attributes": [attribute], "unique": ["a"], "required": "false"}
    await empty.made(path, wanted)
    [found] = (await empty.get(f"{path}/x"))["attributes"]
    assert (found["type"], found["length"], found["mandatory"], found["encrypt"]) == ("string", 10, True, False)
    assert (await empty.get(f"{path}/x"))["unique"] == ["A"]


async def test_a_classifier_has_no_attributes_and_only_profiles_have_one(empty: Office) -> None:
    await empty.switch("maintenance")
    wanted = {"name": "Vip", "type": "classifier"}
    assert (await empty.ask("POST", "/metadata/profiles/extensions", wanted)).status == 201
    assert refused(await empty.ask("POST", "/metadata/services/extensions", wanted)) == (400, "InvalidParameter")
    assert (await empty.get("/metadata/profiles/extensions/Vip"))["attributes"] == []


async def test_a_key_is_defined_read_and_deleted(empty: Office) -> None:
    await empty.switch("maintenance")
    await empty.made("/metadata/profiles/extensions", CONTACTS)
    assert told(await empty.ask("POST", KEYS, BY_PHONE)) == (201, f"{KEYS}/ByPhone", {"name": "ByPhone"})
    other = {"name": "ByContact", "source": "contacts", "attributes": ["contacts.kind", "Number"], "unique": "true"}
    assert told(await empty.ask("POST", KEYS, other)) == (201, f"{KEYS}/ByContact", {"name": "ByContact"})
    by_phone = {"name": "ByPhone", "source": "profile", "attributes": ["PhoneNumber", "LastName"], "unique": False}
    by_contact = {
        "name": "ByContact",
        "source": "Contacts",
        "attributes": ["Contacts.Kind", "Contacts.Number"],
        "unique": True,
    }
    assert await empty.get(KEYS) == [by_phone, by_contact]
    assert await empty.get(f"{KEYS}/bycontact") == by_contact
    assert told(await empty.ask("DELETE", f"{KEYS}/BYCONTACT")) == (204, None, None)
    assert refused(await empty.ask("DELETE", f"{KEYS}/ByContact")) == (404, "NotFound")
    assert refused(await empty.ask("GET", f"{KEYS}/ByContact")) == (404, "NotFound")


async def test_an_extension_that_a_key_is_on_stays(office: Office) -> None:
    await office.switch("maintenance")
    await office.made(KEYS, {"name": "ByKind", "source": "Contacts", "attributes": ["Kind"]})
    answer = await office.ask("DELETE", "/metadata/profiles/extensions/contacts")
    assert refused(answer) == (403, "Forbidden")
    assert "ByKind" in answer.json()["message"]
    assert (await office.get("/metadata/profiles/extensions/Contacts"))["name"] == "Contacts"


async def test_a_name_is_taken_in_whatever_case(office: Office) -> None:
    await office.switch("maintenance")
    again = await office.ask("POST", "/metadata/profiles/extensions", {**CONTACTS, "name": "cONTACTS"})
    assert refused(again) == (403, "Forbidden")
    assert refused(await office.ask("POST", KEYS, {**BY_PHONE, "name": "BYPHONE"})) == (403, "Forbidden")
    assert (await office.ask("POST", "/metadata/services/extensions", {**LOYALTY})).status == 201


async def test_a_unique_key_over_duplicates_is_refused_whole(office: Office) -> None:
    await office.customer()
    await office.customer()
    await office.switch("maintenance")
    unique = {"name": "Unique", "attributes": ["PhoneNumber"], "unique": True}
    assert refused(await office.ask("POST", KEYS, unique)) == (403, "Forbidden")
    assert [key["name"] for key in await office.get(KEYS)] == ["ByPhone"]
    assert (await office.ask("POST", KEYS, {**unique, "attributes": ["Title"]})).status == 201


async def test_records_go_with_their_extension(office: Office) -> None:
    customer = await office.customer(Loyalty={"Since": "2020-02-29"})
    await office.switch("maintenance")
    assert (await office.ask("DELETE", "/metadata/profiles/extensions/Loyalty")).status == 204
    await office.made("/metadata/profiles/extensions", LOYALTY)
    await office.switch("production")
    assert await office.get(f"/profiles/{customer}?extensions=Loyalty") == {"customer_id": customer, **ADA}


async def test_the_core_attributes_are_told(empty: Office) -> None:
    found = await empty.get("/metadata/profiles")
    assert [(one["name"], one["type"]) for one in found][:2] == [("FirstName", "string"), ("LastName", "string")]
    assert ("LastCalledAgent_TimeStamp", "datetime") in [(one["name"], one["type"]) for one in found]


REFUSED: dict[str, Any] = {
    "27 characters": {"name": "a" * 27},
    "no characters": {"name": ""},
    "no name": {"name": None},
    "a number for a name": {"name": 1},
    "a digit first": {"name": "1a"},
    "a line break at the end": {"name": "abc\n"},
    "not ASCII": {"name": "é"},
    "reserved": {"name": "Customer_ID"},
    "a core attribute": {"name": "firstname"},
    "a parameter of a search": {"name": "id_key"},
    "no type": {"type": None},
    "another type": {"type": "triple-valued"},
    "two attributes of one name": {"attributes": [{"name": "A", "type": "string"}, {"name": "a", "type": "long"}]},
    "attributes that are no list": {"attributes": {"A": "string"}},
    "an attribute that is no object": {"attributes": ["A"]},
    "an attribute without a type": {"attributes": [{"name": "A"}]},
    "an attribute of 27 characters": {"attributes": [{"name": "A" * 27, "type": "string"}]},
    "an unknown type": {"attributes": [{"name": "A", "type": "text"}]},
    "a length of 0.5": {"attributes": [{"name": "A", "type": "string", "length": 0.5}]},
    "a length below 0": {"attributes": [{"name": "A", "type": "string", "length": -1}]},
    "a length of 10 TB": {"attributes": [{"name": "A", "type": "string", "length": 10**13}]},
    "a length in words": {"attributes": [{"name": "A", "type": "string", "length": "ten"}]},
    "a length in other digits": {"attributes": [{"name": "A", "type": "string", "length": "١٠"}]},
    "mandatory perhaps": {"attributes": [{"name": "A", "type": "string", "mandatory": "perhaps"}]},
    "a default of another type": {"attributes": [{"name": "A", "type": "integer", "default": "x"}]},
    "a default in the year 10000": {"attributes": [{"name": "A", "type": "date", "default": "10000-01-01"}]},
    "a default that is a list": {"attributes": [{"name": "A", "type": "string", "default": ["x"]}]},
    "unique of something unknown": {"attributes": [{"name": "A", "type": "string"}], "unique": ["B"]},
    "unique of nothing": {"attributes": [{"name": "A", "type": "string"}], "unique": [[]]},
    "unique that is no list": {"attributes": [{"name": "A", "type": "string"}], "unique": "A"},
    "unique of numbers": {"attributes": [{"name": "A", "type": "string"}], "unique": [1]},
    "100,000 attributes": {"attributes": [{"name": f"a{number}", "type": "string"} for number in range(100_000)]},
    "100,000 unique": {"attributes": [{"name": "A", "type": "string"}], "unique": ["A"] * 100_000},
    "100,000 unique together": {"attributes": [{"name": "A", "type": "string"}], "unique": [["A"] * 100_000]},
}
"""What of an extension makes it one that cannot be defined."""


async def test_an_extension_that_cannot_be_is_refused(empty: Office) -> None:
    await empty.switch("maintenance")
    for subject in ("profiles", "tasks"):
        path = f"/metadata/{subject}/extensions"
        for name, wrong in REFUSED.items():
            if subject == "tasks" and name == "a core attribute":
                continue
            answer = await empty.ask("POST", path, {**LOYALTY, **wrong})
            assert refused(answer) == (400, "InvalidParameter"), name
            assert len(answer.body) < 500, name
        assert await empty.get(path) == []


KEYS_REFUSED: dict[str, Any] = {
    "27 characters": {"name": "a" * 27},
    "no attributes": {"attributes": None},
    "none of them": {"attributes": []},
    "unknown": {"attributes": ["Unknown"]},
    "one twice": {"attributes": ["LastName", "lastname"]},
    "of another source": {"attributes": ["Contacts.Kind"]},
    "mixed": {"source": "Contacts", "attributes": ["Kind", "LastName"]},
    "a number for an attribute": {"attributes": [1]},
    "a source that is a number": {"source": 1},
    "100,000 attributes": {"attributes": ["LastName"] * 100_000},
    "unique perhaps": {"unique": 2},
}


async def test_a_key_that_cannot_be_is_refused(office: Office) -> None:
    await office.switch("maintenance")
    before = await office.get(KEYS)
    for name, wrong in KEYS_REFUSED.items():
        answer = await office.ask("POST", KEYS, {"name": "X", "attributes": ["Title"], **wrong})
        assert refused(answer) == (400, "InvalidParameter"), name
    unknown = await office.ask("POST", KEYS, {"name": "X", "source": "Nothing", "attributes": ["A"]})
    assert refused(unknown) == (404, "NotFound")
    assert await office.get(KEYS) == before
