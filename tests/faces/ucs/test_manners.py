"""HTTP itself: addresses, methods, prefixes, the form of errors; and bad input, refused soon, with nothing changed."""

import time
from typing import Any

import pytest
from tests.faces.raw import exchange
from tests.faces.state import state
from tests.faces.ucs.conftest import CONTEXT
from tests.faces.ucs.office import ADA, CONTACTS, MANY, Office, refused
from tests.world import World, WorldOn, element

from busyout.settings import BusinessAttributeSettings, BusinessValueSettings, ContextSettings

pytestmark = pytest.mark.anyio

SOON = 3.0
"""Seconds of processor time, of server and client together; a fraction of it is measured."""


async def test_an_error_has_a_message_and_a_name_and_no_trace(empty: Office) -> None:
    answer = await empty.ask("GET", "/profiles/nobody")
    assert answer.text == '{"message":"there is no customer nobody","exception":"NotFound"}'
    assert answer.headers["content-type"] == "application/json;charset=UTF-8"
    assert answer.headers["cache-control"] == "no-store"


async def test_the_face_has_the_prefixes_of_the_settings_and_no_others(world_on: WorldOn) -> None:
    context = ContextSettings(prefixes=("/genesys/1/cs", "/cms"))
    async with world_on(elements=(element(), CONTEXT), context=context) as world:
        for prefix in context.prefixes:
            office = Office(world, prefix=prefix)
            answer = await office.ask("POST", "/server/mode", {"mode": "maintenance"})
            assert answer.headers["location"] == f"{prefix}/server/status"
            made = await office.ask("POST", "/metadata/profiles/extensions", {**CONTACTS, "name": prefix[-2:]})
            assert made.headers["location"] == f"{prefix}/metadata/profiles/extensions/{prefix[-2:]}"
            await office.switch("production")
            assert refused(await office.ask("GET", "/server/nothing")) == (404, "NotFound")
            assert refused(await office.ask("GET", "/nothing")) == (404, "NotFound")
            assert refused(await office.ask("GET", "/profiles/1/2/3")) == (404, "NotFound")
        assert len(await Office(world, prefix="/cms").get("/metadata/profiles/extensions")) == 2
        assert (await world.client.get("/server/status")).status == 404
        assert "exception" not in (await world.client.get("/server/status")).json()
        assert (await world.client.get("/genesys/1/cs/nothing")).status == 404


async def test_what_is_read_can_be_asked_for_without_its_body(empty: Office) -> None:
    answer = await empty.ask("HEAD", "/server/status")
    assert (answer.status, answer.body) == (200, b"")
    assert int(answer.headers["content-length"]) > 100


async def test_the_methods_of_an_address_are_told(empty: Office) -> None:
    answer = await empty.ask("OPTIONS", "/profiles/x")
    assert (answer.status, answer.headers["allow"]) == (204, "DELETE, GET, HEAD, OPTIONS, PUT")
    for method, path in (("PATCH", "/profiles/x"), ("GET", "/server/mode"), ("DELETE", "/services/start")):
        answer = await empty.ask(method, path)
        assert refused(answer) == (405, "MethodNotAllowed"), path
        assert method not in answer.headers["allow"].split(", ")


async def test_business_attributes_are_told_and_bind(world_on: WorldOn) -> None:
    values = (BusinessValueSettings(name="order", dbid=7), BusinessValueSettings(name="repair", dbid=8))
    attribute = BusinessAttributeSettings(name="Kinds", dbid=1, cv_attributes=("Service.type",), values=values)
    for map_names in (False, True):
        context = ContextSettings(business_attributes=(attribute,), map_names=map_names)
        async with world_on(elements=(element(), CONTEXT), context=context) as world:
            office = Office(world)
            [found] = await office.get("/metadata/business-attributes")
            assert list(found) == ["name", "dbid", "display_name", "description", "map_name", "cv_attributes", "values"]
            assert [value["dbid"] for value in found["values"]] == [7, 8]
            assert await office.get("/metadata/business-attributes/kinds") == found
            assert await office.get("/metadata/business-attributes?cv-attribute=service.type") == [found]
            assert await office.get("/metadata/business-attributes?cv-attribute=Task.type") == []
            assert refused(await office.ask("GET", "/metadata/business-attributes/x")) == (404, "NotFound")
            service = await office.service(service_type="order")
            assert (await office.get(f"/services/{service}"))["service_type"] == ("order" if map_names else 7)
            place = "/services/anonymous/ada@example.org?service_types"
            assert service in [one["service_id"] for one in await office.get(f"{place}=7")]
            assert service in [one["service_id"] for one in await office.get(f"{place}=order")]
            unknown = {"contact_key": "x", "service_type": "other"}
            assert refused(await office.ask("POST", "/services/start", unknown)) == (400, "InvalidParameter")


async def test_purges_and_exports(office: Office) -> None:
    early = await office.service(timestamp="2026-01-01T00:00:00.000Z")
    late = await office.service(timestamp="2026-02-01T00:00:00.000Z")
    since = "/maintenance/services/stream?time_from=2026-01-01T00:00:00.000Z"
    assert [one["service_id"] for one in await office.get(since)] == [early, late]
    purge = {"limit": "2026-01-15T00:00:00.000Z", "operation": "purge.service.all"}
    answer = await office.world.clock.finish(office.ask("POST", "/maintenance/purge", purge))
    assert (answer.status, answer.body) == (200, b"")
    assert [one["service_id"] for one in await office.get(since)] == [late]
    for body in ({}, {**purge, "operation": "purge.everything"}, {**purge, "limit": "soon"}, {**purge, "limit": 1}):
        assert refused(await office.ask("POST", "/maintenance/purge", body)) == (400, "InvalidParameter")
    for query in ("", "?time_from=x", "?time_from=2026-01-01T00:00:00.000Z&filter_state=x"):
        answer = await office.ask("GET", f"/maintenance/services/stream{query}")
        assert refused(answer) == (400, "InvalidParameter"), query


BODIES: dict[str, bytes] = {
    "no JSON": b"{",
    "a list": b"[]",
    "a text": b'"x"',
    "null": b"null",
    "not UTF-8": b'{"Title":"\xff"}',
    "a lone surrogate": b'{"Title":"\\ud800"}',
    "half a pair": b'{"Title":"\\udc00\\ud800"}',
    "a lone surrogate in a name": b'{"\\ud800":1}',
    "100,000 arrays deep": b'{"Title":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "infinite": b'{"Title":1e999}',
    "a member twice": b'{"Title":"a","Title":"b"}',
    "a member twice by case": b'{"Title":"a","title":"b"}',
    "two values": b"{}{}",
}

PROFILES: dict[str, Any] = {
    "nothing": {},
    "an unknown attribute": {"Unknown": "x"},
    "a very long unknown attribute": {"x" * 100_000: "x"},
    "an attribute that is an object": {"Title": {"a": 1}},
    "an attribute that is a number": {"Title": 1},
    "1 MB": {"Title": "x" * 1_000_000},
    "a NUL": {"Title": "a\0b"},
    "100,000 values": {"Title": ["x"] * 100_000},
    "no values": {"Title": []},
    "values within values": {"Title": [["x"]]},
    "the year 10000": {"LastCalledAgent_TimeStamp": "10000-01-01T00:00:00.000Z"},
    "a 13th month": {"LastCalledAgent_TimeStamp": "2026-13-01T00:00:00.000Z"},
    "a day": {"LastCalledAgent_TimeStamp": "yesterday"},
    "a record that is none": {"Loyalty": "x"},
    "records where there is one": {"Loyalty": [{}]},
    "one where there are records": {"Contacts": {}},
    "an unknown attribute of a record": {"Loyalty": {"Unknown": 1}},
    "no mandatory attribute": {"Contacts": [{"Number": "1"}]},
    "a value that is too long": {"Contacts": [{"Kind": "x" * 11}]},
    "a text for a number": {"Contacts": [{"Kind": "x", "Rank": "1"}]},
    "true for a number": {"Contacts": [{"Kind": "x", "Rank": True}]},
    "a number that is too large": {"Contacts": [{"Kind": "x", "Rank": 2**31}]},
    "a number beyond all bounds": {"Contacts": [{"Kind": "x", "Rank": 10**300}]},
    "a date of the year 10000": {"Loyalty": {"Since": "10000-01-01"}},
    "a 30th of February": {"Loyalty": {"Since": "2026-02-30"}},
    "equal unique attributes": {"Contacts": [{**MANY[0], "Number": "8"}, {**MANY[0], "Number": "9"}]},
    "100,000 records": {"Contacts": [{"Kind": "x", "Rank": number} for number in range(100_000)]},
    "100,000 members": {f"x{number}": number for number in range(100_000)},
}


async def test_a_profile_that_cannot_be_is_refused_and_changes_nothing(office: Office) -> None:
    customer = await office.customer(Contacts=MANY)
    place = f"/profiles/{customer}"
    before, kept = await state(office.world), await office.get(f"{place}?extensions=Contacts,Loyalty")
    bodies = {name: {"data": data} for name, data in BODIES.items()}
    bodies |= {name: {"json": document} for name, document in PROFILES.items()}
    for name, given in bodies.items():
        for method, path in (("POST", "/profiles"), ("PUT", place), ("POST", f"{place}/extensions")):
            if (method, name) == ("PUT", "nothing"):
                continue
            begun = time.process_time()
            answer = await office.client.request(method, path, **given)
            assert refused(answer) == (400, "InvalidParameter"), (name, path, answer.text[:200])
            assert len(answer.body) < 400, name
            assert time.process_time() - begun < SOON, name
    assert await office.get(f"{place}?extensions=Contacts,Loyalty") == kept
    assert await state(office.world) == before


async def test_a_body_that_is_too_large_is_refused(office: Office) -> None:
    answer = await office.ask("POST", "/profiles", data=b" " * 5_000_000)
    assert refused(answer) == (413, "RequestTooLarge")


IDS = [
    "a%2fb",
    "..%2f..%2fetc",
    "%2e%2e",
    "%00",
    "%0a",
    "%ff",
    "%ed%a0%80",
    "x" * 10_000,
    "'--",
    "%25",
    "a b%3fc",
    "%7bx%7d",
]
"""Ids of no customer, as they stand in an address."""


async def test_an_id_of_nobody_is_404_whatever_it_is(office: Office, ucs: World) -> None:
    before = await state(ucs)
    for id in IDS:
        for method, rest in (
            ("GET", ""),
            ("DELETE", ""),
            ("PUT", ""),
            ("POST", "/extensions"),
            ("DELETE", "/extensions/Contacts/by/unique?Kind=a&Rank=1"),
        ):
            body = b"" if method in ("GET", "DELETE") else b'{"Loyalty":{}}'
            line = f"{method} /profiles/{id.replace(' ', '%20')}{rest}".encode()
            answer = await exchange(ucs.client.base, line, body=body)
            assert answer.status in (400, 404, 405), (line[:80], answer.status, answer.text[:200])
            assert len(answer.body) < 500
        for path in (f"/interactions/{id}", f"/services/{id}", f"/metadata/profiles/extensions/{id}"):
            answer = await exchange(ucs.client.base, f"GET {path.replace(' ', '%20')}".encode())
            assert answer.status in (400, 404), (path[:80], answer.status)
    assert await state(ucs) == before


QUERIES = [
    "PhoneNumber=%00",
    "PhoneNumber=" + "x" * 20_000,
    "Contacts.Kind=x",
    "Contacts.=x",
    ".=x",
    "=x",
    "&&&",
    "PhoneNumber=1&extensions=Nothing",
    "PhoneNumber=1&extensions=" + "Loyalty," * 3000 + "Nothing",
    "PhoneNumber=1&include_extensions=never",
    "PhoneNumber=1&phonenumber=2&PHONENUMBER=3&Unknown=4",
]


async def test_a_search_that_cannot_be_is_refused(office: Office, ucs: World) -> None:
    before = await state(ucs)
    for query in QUERIES:
        begun = time.process_time()
        answer = await exchange(ucs.client.base, f"GET /profiles?{query}".encode())
        assert answer.status in (400, 404), (query[:80], answer.status, answer.text[:200])
        assert time.process_time() - begun < SOON, query[:80]
    assert await state(ucs) == before


STARTS: dict[str, Any] = {
    "no type": {"service_type": None},
    "a type of 65 characters": {"service_type": "x" * 65},
    "a type that is a list": {"service_type": ["x"]},
    "a time of the year 10000": {"timestamp": "10000-01-01T00:00:00.000Z"},
    "a time that is a number": {"timestamp": 1},
    "a session of 33 characters": {"session_id": "x" * 33},
    "an interaction of 51 characters": {"interaction_id": "x" * 51},
    "a contact of 1 MB": {"contact_key": "x" * 1_000_000},
    "a duration of half a second": {"est_duration": 0.5},
    "a duration below 0": {"est_duration": -1},
    "an unknown member": {"unknown": "x"},
    "a disposition": {"disposition": "x"},
    "100,000 records": {"Note": [{"Text": "x"}] * 100_000},
    "a record without what is mandatory": {"Note": {}},
    "100,000 members": {f"x{number}": number for number in range(100_000)},
}


async def test_a_service_that_cannot_be_is_refused_and_changes_nothing(office: Office) -> None:
    before = await state(office.world)
    for name, wrong in STARTS.items():
        begun = time.process_time()
        body = {"contact_key": "c", "service_type": "t", **wrong}
        answer = await office.ask("POST", "/services/start", body)
        assert refused(answer) == (400, "InvalidParameter"), (name, answer.text[:200])
        assert len(answer.body) < 400, name
        assert time.process_time() - begun < SOON, name
    unknown = {"contact_key": "c", "service_type": "t", "Nothing": {}}
    assert refused(await office.ask("POST", "/services/start", unknown)) == (404, "NotFound")
    assert await state(office.world) == before


IMPORTS = [
    {},
    {"profiles": 1},
    {"profiles": "x.csv", "format": "XML"},
    {"profiles": "../../etc/passwd"},
    {"profiles": "x.csv", "delimiter": ""},
    {"profiles": "x.csv", "encoding": "rot13"},
    {"profiles": "x.csv", "start-from-index": -1},
    {"profiles": "x.csv"},
]


async def test_an_import_that_cannot_be_is_refused(office: Office) -> None:
    before = await state(office.world)
    for body in IMPORTS:
        assert refused(await office.ask("POST", "/profiles/import", body)) == (400, "InvalidParameter"), body
    assert await state(office.world) == before


@pytest.mark.parametrize(("asked", "told"), [({"max-errors": 5}, "whole"), ({"create-log": True}, "names the row")])
async def test_an_import_does_not_pretend_to_do_what_it_does_not(
    office: Office, asked: dict[str, object], told: str
) -> None:
    answer = await office.ask("POST", "/profiles/import", {"profiles": "x.csv", **asked})
    assert refused(answer) == (400, "InvalidParameter")
    assert told in answer.json()["message"]


async def test_a_page_of_another_site_changes_nothing(office: Office) -> None:
    answer = await office.ask("POST", "/profiles", ADA, headers={"Origin": "http://evil.example"})
    assert refused(answer) == (403, "Forbidden")
