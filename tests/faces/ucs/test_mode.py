"""The mode is real: what it refuses, whom a switch waits for, and in which order everything is asked."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

import psycopg
import pytest
from tests.client import Answer
from tests.faces.ucs.conftest import CONTEXT
from tests.faces.ucs.office import ADA, BY_PHONE, LOYALTY, OF, Office, refused, told
from tests.world import World, WorldOn, element

from busyout.domain.mode import RequestClass
from busyout.settings import ContextSettings

pytestmark = pytest.mark.anyio

MODE, STATUS = "/server/mode", "/server/status"
EXTENSIONS = "/metadata/profiles/extensions"
SWITCHING = (503, "ModeSwitching")

SCHEMA_REQUESTS = [
    *(("POST", f"/metadata/{subject}/extensions", LOYALTY) for subject in OF),
    *(("DELETE", f"/metadata/{subject}/extensions/Nothing", None) for subject in OF),
    ("POST", "/metadata/identification-keys", BY_PHONE),
    ("DELETE", "/metadata/identification-keys/Nothing", None),
]

DATA_REQUESTS = [
    ("POST", "/profiles", ADA),
    ("GET", "/profiles?LastName=Byron", None),
    ("GET", "/profiles/1", None),
    ("PUT", "/profiles/1", ADA),
    ("DELETE", "/profiles/1", None),
    ("POST", "/profiles/1/extensions", {}),
    ("PUT", "/profiles/1/extensions/X/by/unique", {}),
    ("DELETE", "/profiles/1/extensions/X/by/unique", None),
    ("POST", "/profiles/import", {}),
    ("POST", "/services/start", {}),
    ("GET", "/services/1", None),
    ("DELETE", "/services/1", None),
    ("POST", "/services/1/end", {}),
    ("POST", "/customers/1/services/1", {}),
    ("GET", "/customers/1/services", None),
    ("GET", "/services/anonymous/1/active", None),
    ("POST", "/services/1/states/start", {}),
    ("POST", "/services/1/states/transition", {}),
    ("GET", "/services/1/states", None),
    ("POST", "/services/1/tasks/start", {}),
    ("GET", "/services/1/tasks/1", None),
    ("GET", "/customers/1/interactions", None),
    ("GET", "/interactions/1/plain_text", None),
    ("POST", "/maintenance/purge", {}),
    ("GET", "/maintenance/services/stream", None),
]

READ_IN_BOTH = [
    STATUS,
    "/metadata/profiles",
    "/metadata/identification-keys",
    "/metadata/business-attributes",
    *(f"/metadata/{subject}/extensions" for subject in OF),
]


async def test_production_refuses_changes_of_schemas_and_names_itself(empty: Office) -> None:
    for method, path, body in SCHEMA_REQUESTS:
        answer = await empty.ask(method, path, body)
        assert refused(answer) == (503, "ModeNotAllowed"), path
        assert '"production"' in answer.json()["message"]
        assert "retry-after" not in answer.headers
    for path in READ_IN_BOTH:
        await empty.get(path)
    assert (await empty.ask("POST", "/profiles", ADA)).status == 201


async def test_maintenance_refuses_profiles_and_services_and_names_itself(empty: Office) -> None:
    await empty.switch("maintenance")
    for method, path, body in DATA_REQUESTS:
        answer = await empty.ask(method, path, body)
        assert refused(answer) == (503, "ModeNotAllowed"), path
        assert '"maintenance"' in answer.json()["message"]
        assert "retry-after" not in answer.headers
    for path in READ_IN_BOTH:
        await empty.get(path)
    assert (await empty.ask("POST", EXTENSIONS, LOYALTY)).status == 201


@asynccontextmanager
async def customers_locked(url: str) -> AsyncIterator[None]:
    """Nobody gets at the table of customers meanwhile."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.execute("LOCK TABLE busyout.customers IN ACCESS EXCLUSIVE MODE")
        yield
        await connection.rollback()


async def switching(office: Office, mode: str) -> "asyncio.Task[Answer]":
    """A switch that waits for somebody."""
    task = asyncio.create_task(office.ask("POST", MODE, {"mode": mode}))
    await office.world.clock.run_until(lambda: office.world.services.gate.switching)
    return task


async def over(office: Office, work: Awaitable[Answer]) -> Answer:
    """The answer, when its time has come."""
    answer = await office.world.clock.finish(work)
    assert isinstance(answer, Answer)
    return answer


async def test_a_switch_waits_for_a_slow_request_and_refuses_others_meanwhile(
    world_on: WorldOn, postgres_url: str
) -> None:
    async with world_on("postgres", elements=(element(), CONTEXT)) as world:
        office, gate = Office(world), world.services.gate
        customer = await office.customer()
        async with customers_locked(postgres_url):
            slow = asyncio.create_task(office.ask("GET", f"/profiles/{customer}"))
            await world.clock.run_until(lambda: gate.in_flight(RequestClass.DATA) == 1)
            switch = await switching(office, "maintenance")
            for method, path, body in (*DATA_REQUESTS[:2], *SCHEMA_REQUESTS[:2], ("GET", STATUS, None)):
                assert refused(await office.ask(method, path, body)) == SWITCHING, path
            assert refused(await office.ask("POST", MODE, {"mode": "production"})) == SWITCHING
            assert not switch.done()
        answer = await slow
        assert (answer.status, answer.json()) == (200, {"customer_id": customer, **ADA})
        assert told(await over(office, switch)) == (200, STATUS, {"server changed": "maintenance"})
        assert await office.mode() == "maintenance"


async def test_a_switch_that_waits_in_vain_leaves_the_mode_as_it_was(empty: Office) -> None:
    await empty.switch("maintenance")
    with empty.world.services.gate.enter(RequestClass.SCHEMA):
        switch = await switching(empty, "production")
        told_to_wait = await empty.ask("GET", STATUS)
        assert told_to_wait.headers["retry-after"] == "60"
        answer = await over(empty, switch)
        assert refused(answer) == (503, "ModeKept")
        assert "1 request was still in progress" in answer.json()["message"]
        assert "maintenance" in answer.json()["message"]
        assert await empty.mode() == "maintenance"
        assert (await empty.ask("POST", EXTENSIONS, LOYALTY)).status == 201
    await empty.switch("production")


async def test_of_two_switches_at_once_one_is_refused(empty: Office) -> None:
    with empty.world.services.gate.enter(RequestClass.DATA):
        first = await switching(empty, "maintenance")
        assert refused(await empty.ask("POST", MODE, {"mode": "maintenance"})) == SWITCHING
    assert (await over(empty, first)).status == 200
    assert (await empty.ask("POST", MODE, {"mode": "maintenance"})).status == 200


async def test_of_many_clients_and_switches_no_two_overlap_that_must_not(empty: Office) -> None:
    gate, seen = empty.world.services.gate, set[bool]()

    async def watch() -> None:
        while True:
            both = (gate.in_flight(RequestClass.DATA), gate.in_flight(RequestClass.SCHEMA))
            assert 0 in both, both
            seen.add(any(both))
            await asyncio.sleep(0)

    async def client(number: int) -> list[int]:
        statuses = []
        for turn in range(12):
            name = f"x{number}_{turn}"
            for method, path, body in (("POST", "/profiles", ADA), ("POST", EXTENSIONS, {**LOYALTY, "name": name})):
                statuses.append((await empty.ask(method, path, body)).status)
        return statuses

    async def switches() -> list[int]:
        return [(await empty.ask("POST", MODE, {"mode": mode})).status for mode in ("maintenance", "production") * 10]

    watching = asyncio.create_task(watch())
    *answered, changed = await empty.world.clock.finish(
        asyncio.gather(*(client(number) for number in range(8)), switches())
    )
    assert not watching.done() or watching.exception() is None
    watching.cancel()
    assert changed == [200] * 20
    assert {status for statuses in answered for status in statuses} == {201, 503}
    assert seen == {True, False}


async def test_without_a_profile_schema_profiles_are_not_found_and_the_server_goes_into_maintenance(
    world_on: WorldOn,
) -> None:
    async with world_on(elements=(element(), CONTEXT)) as world:
        assert await Office(world).mode() == "production"
    none = ContextSettings(attributes={})
    async with world_on(elements=(element(), CONTEXT), context=none) as world:
        office = Office(world)
        assert await office.mode() == "production"
        answer = await over(office, office.ask("GET", "/profiles/nobody"))
        assert refused(answer) == (404, "NoProfileSchema")
        assert await office.mode() == "maintenance"
        assert refused(await office.ask("GET", "/profiles/nobody")) == (503, "ModeNotAllowed")
        assert await office.get("/metadata/profiles") == []
        assert refused(await office.ask("POST", MODE, {"mode": "production"})) == (404, "NoProfileSchema")
        assert await office.mode() == "maintenance"


async def test_without_a_profile_schema_a_server_begins_in_maintenance(world_on: WorldOn) -> None:
    none = ContextSettings(attributes={})
    async with world_on(elements=(element(), CONTEXT), context=none) as world:
        assert await Office(world).mode() == "maintenance"


WRONG_BODIES = [
    b"",
    b"{}",
    b'{"mode":1}',
    b'{"mode":null}',
    b'{"mode":""}',
    b'{"mode":"standby"}',
    b'{"mode":" production"}',
    b'{"mode":["production"]}',
    b'{"Mode":"production"}',
    b'{"mode":"production"',
    b'"production"',
    b"[]",
    b"mode=production",
    b'{"mode":"\\ud800"}',
    b'{"mode":"\xff"}',
    b"[" * 100_000,
    b'{"mode":"' + b"x" * 1_000_000 + b'"}',
]


async def test_a_body_without_a_mode_is_refused_and_changes_nothing(empty: Office) -> None:
    for body in WRONG_BODIES:
        answer = await empty.ask("POST", MODE, data=body)
        assert refused(answer) == (400, "InvalidParameter"), body[:40]
        assert len(answer.body) < 300
    assert await empty.mode() == "production"


async def test_other_members_and_the_type_of_the_body_make_no_difference(empty: Office) -> None:
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "application/json;charset=UTF-8", "odd"):
        body, headers = b'{"mode":"production","more":{"a":[1]}}', {"Content-Type": media_type}
        assert (await empty.ask("POST", MODE, data=body, headers=headers)).status == 200
    assert (await empty.ask("POST", "/profiles", data=b'{"Title":"Mrs"}')).status == 201


async def test_the_order_in_which_a_request_is_judged(empty: Office, ucs: World) -> None:
    nobody, watcher = Office(ucs, ucs.client_of(None)), Office(ucs, ucs.client_of("watcher"))
    with ucs.services.gate.enter(RequestClass.DATA):
        switch = await switching(empty, "maintenance")
        for path in ("/server/nothing", EXTENSIONS, "/profiles/nobody", STATUS):
            assert refused(await nobody.ask("POST", path, {})) == (401, "Unauthorized"), path
            answer = await watcher.ask("POST", path, {})
            assert refused(answer) == SWITCHING, path
            assert int(answer.headers["retry-after"]) >= 1
    await over(empty, switch)
    assert refused(await nobody.ask("POST", "/server/nothing")) == (401, "Unauthorized")
    assert refused(await watcher.ask("POST", "/server/nothing")) == (404, "NotFound")
    wrong = await watcher.ask("PUT", "/profiles", data=b"{")
    assert refused(wrong) == (405, "MethodNotAllowed")
    assert wrong.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert refused(await watcher.ask("POST", "/profiles", data=b"{")) == (403, "Forbidden")
    assert refused(await empty.ask("POST", "/profiles", data=b"{")) == (503, "ModeNotAllowed")
    assert refused(await empty.ask("POST", EXTENSIONS, data=b"{")) == (400, "InvalidParameter")
    assert refused(await empty.ask("DELETE", f"{EXTENSIONS}/Nothing")) == (404, "NotFound")
    await empty.switch("production")
    assert refused(await empty.ask("PUT", "/profiles/nobody", data=b"{")) == (400, "InvalidParameter")
    assert refused(await empty.ask("PUT", "/profiles/nobody", data=b"{}")) == (404, "NotFound")


async def test_the_status_is_told_during_a_switch_where_the_settings_say_so(world_on: WorldOn) -> None:
    context = ContextSettings(status_during_switch=True, prefixes=("", "/cv"))
    async with world_on(elements=(element(), CONTEXT), context=context) as world:
        office = Office(world)
        with world.services.gate.enter(RequestClass.DATA):
            switch = await switching(office, "maintenance")
            for path in (STATUS, f"/cv{STATUS}", f"{STATUS}/"):
                answer = await office.ask("GET", path)
                assert (answer.status, answer.json()["mode"]) == (200, "production"), path
            for path in (MODE, EXTENSIONS, f"{STATUS}/more", "/cv/server"):
                assert refused(await office.ask("GET", path)) == SWITCHING, path
        await over(office, switch)


async def test_extensions_are_added_in_production_where_the_settings_say_so(world_on: WorldOn) -> None:
    context = ContextSettings(schema_create_in_production=True)
    async with world_on(elements=(element(), CONTEXT), context=context) as world:
        office = Office(world)
        for method, path, body in SCHEMA_REQUESTS:
            answer = await office.ask(method, path, body)
            assert answer.status == (201 if path.endswith("/extensions") else 503), path
        customer = await office.customer(Loyalty={})
        assert (await office.get(f"/profiles/{customer}?extensions=Loyalty"))["Loyalty"] == {"Level": "blue"}


async def test_switches_wait_as_long_as_the_settings_say(world_on: WorldOn) -> None:
    context = ContextSettings(mode_switch_timeout=5.0, drain_timeout=7.0)
    async with world_on(elements=(element(), CONTEXT), context=context) as world:
        office = Office(world)
        with world.services.gate.enter(RequestClass.DATA):
            switch = await switching(office, "maintenance")
            assert (await office.ask("GET", STATUS)).headers["retry-after"] == "7"
            assert (await over(office, switch)).status == 503


async def test_a_switch_goes_on_when_its_client_goes_away(empty: Office, ucs: World) -> None:
    with ucs.services.gate.enter(RequestClass.DATA):
        switch = await switching(empty, "maintenance")
        switch.cancel()
        await asyncio.wait({switch})
    await ucs.clock.run_until(lambda: not ucs.services.gate.switching)
    assert await empty.mode() == "maintenance"


async def test_a_large_body_that_comes_slowly_holds_no_switch_up(empty: Office) -> None:
    more = asyncio.Event()

    async def dripping() -> AsyncIterator[bytes]:
        yield b'{"Title":"'
        await more.wait()
        yield b'Mrs"}'

    slow = asyncio.create_task(empty.ask("POST", "/profiles", data=dripping()))
    await asyncio.sleep(0)
    await empty.switch("maintenance")
    more.set()
    assert refused(await slow) == (503, "ModeNotAllowed")


async def test_the_mode_outlives_the_server(empty: Office, ucs: World) -> None:
    await empty.switch("maintenance")
    await ucs.crash()
    await ucs.reopen()
    assert await Office(ucs).mode() == "maintenance"
