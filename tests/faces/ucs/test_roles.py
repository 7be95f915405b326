"""Who may do what: every privilege by name, all that are needed or none; levels where roles are not used."""

from collections.abc import Sequence
from typing import Any

import pytest
from tests.faces.ucs.conftest import CONTEXT
from tests.faces.ucs.office import ADA, BY_PHONE, LOYALTY, MANY, NOTE, Office, refused
from tests.life import HASH, OPERATORS
from tests.world import World, WorldOn, element

from busyout.settings import ContextSettings, FaceSettings, OperatorSettings
from busyout.wire.ucs import privileges as may

pytestmark = pytest.mark.anyio

ALL = frozenset(value for name, value in vars(may).items() if name.isupper())

Need = tuple[str, str, Any, tuple[str, ...]]

NEW = {**LOYALTY, "name": "New"}
SERVICE, STATE, TASK = "/services/1", "/services/1/states/2", "/services/1/tasks/3"
"""The first of each, in a new store."""

ANYBODY = {"contact_key": "c", "service_type": "t"}

OF_DATA: Sequence[Need] = [
    ("POST", "/profiles", ADA, (may.CREATE_PROFILE,)),
    ("POST", "/profiles", {**ADA, "Contacts": MANY}, (may.CREATE_PROFILE, may.CREATE_PROFILE_EXTENSION)),
    ("POST", "/profiles/import", {"profiles": "x.csv"}, (may.CREATE_PROFILE,)),
    ("GET", "/profiles?PhoneNumber=1", None, (may.READ_PROFILE,)),
    ("GET", "/profiles?PhoneNumber=1&extensions=Loyalty", None, (may.READ_PROFILE, may.READ_PROFILE_EXTENSION)),
    ("GET", "/profiles/{customer}", None, (may.READ_PROFILE,)),
    ("GET", "/profiles/{customer}?extensions=Loyalty", None, (may.READ_PROFILE, may.READ_PROFILE_EXTENSION)),
    ("PUT", "/profiles/{customer}", ADA, (may.UPDATE_PROFILE,)),
    ("PUT", "/profiles/{customer}", {"Loyalty": {}}, (may.UPDATE_PROFILE, may.UPDATE_PROFILE_EXTENSION)),
    ("PUT", "/profiles/{customer}", {"contacts": []}, (may.UPDATE_PROFILE, may.UPDATE_PROFILE_EXTENSION)),
    ("PUT", "/profiles/{customer}", {"Loyalty": None}, (may.UPDATE_PROFILE, may.UPDATE_PROFILE_EXTENSION)),
    ("POST", "/profiles/{customer}/extensions", {"Loyalty": {}}, (may.CREATE_PROFILE_EXTENSION,)),
    ("PUT", "/profiles/{customer}/extensions/Contacts/by/unique", MANY[0], (may.UPDATE_PROFILE_EXTENSION,)),
    ("DELETE", "/profiles/{customer}/extensions/Contacts/by/unique", MANY[0], (may.DELETE_PROFILE_EXTENSION,)),
    ("POST", "/services/start", ANYBODY, (may.START_SERVICE,)),
    ("POST", "/services/start", {**ANYBODY, "Note": {"Text": "x"}}, (may.START_SERVICE, may.CREATE_SERVICE_EXTENSION)),
    ("GET", SERVICE, None, (may.READ_SERVICE,)),
    ("GET", f"{SERVICE}?extensions=Note", None, (may.READ_SERVICE, may.READ_SERVICE_EXTENSION)),
    ("GET", "/customers/{customer}/services", None, (may.READ_SERVICE,)),
    ("GET", "/customers/{customer}/services?extensions=Note", None, (may.READ_SERVICE, may.READ_SERVICE_EXTENSION)),
    ("GET", "/services/anonymous/c/active", None, (may.READ_SERVICE,)),
    ("POST", "/customers/{customer}/services/1", None, (may.START_SERVICE,)),
    ("PUT", f"{SERVICE}/extensions/Note", {"Text": "x"}, (may.UPDATE_SERVICE_EXTENSION,)),
    ("POST", f"{SERVICE}/states/start", {"state_type": "t"}, (may.START_STATE,)),
    (
        "POST",
        f"{SERVICE}/states/start",
        {"state_type": "t", "Note": {"Text": "x"}},
        (may.START_STATE, may.CREATE_STATE_EXTENSION),
    ),
    ("GET", STATE, None, (may.READ_STATE,)),
    ("GET", f"{STATE}?extensions=Note", None, (may.READ_STATE, may.READ_STATE_EXTENSION)),
    ("GET", f"{SERVICE}/states/completed", None, (may.READ_STATE,)),
    ("PUT", f"{STATE}/extensions/Note", {"Text": "x"}, (may.UPDATE_STATE_EXTENSION,)),
    (
        "POST",
        f"{SERVICE}/states/transition",
        {"from": {"state_id": 2}, "to": {"state_type": "t"}},
        (may.START_STATE, may.STOP_STATE),
    ),
    ("POST", f"{SERVICE}/states/4/end", {}, (may.STOP_STATE,)),
    ("POST", f"{SERVICE}/tasks/start", {"task_type": "t"}, (may.START_TASK,)),
    (
        "POST",
        f"{SERVICE}/tasks/start",
        {"task_type": "t", "Note": {"Text": "x"}},
        (may.START_TASK, may.CREATE_TASK_EXTENSION),
    ),
    ("GET", TASK, None, (may.READ_TASK,)),
    ("GET", f"{TASK}?extensions=Note", None, (may.READ_TASK, may.READ_TASK_EXTENSION)),
    ("GET", f"{SERVICE}/tasks", None, (may.READ_TASK,)),
    ("PUT", f"{TASK}/extensions/Note", {"Text": "x"}, (may.UPDATE_TASK_EXTENSION,)),
    ("POST", f"{TASK}/end", {}, (may.STOP_TASK,)),
    ("GET", "/customers/{customer}/interactions", None, (may.READ_INTERACTION,)),
    ("GET", f"{SERVICE}/interactions", None, (may.READ_INTERACTION,)),
    ("GET", "/interactions/x", None, (may.READ_INTERACTION,)),
    ("GET", "/interactions/x/plain_text", None, (may.READ_INTERACTION,)),
    ("GET", "/maintenance/services/stream?time_from=2026-01-01T00:00:00.000Z", None, (may.READ_SERVICE,)),
    ("POST", "/maintenance/services/files", {"time_from": "2026-01-01T00:00:00.000Z"}, (may.READ_SERVICE,)),
    ("POST", f"{SERVICE}/end", {}, (may.STOP_SERVICE,)),
    ("DELETE", SERVICE, None, (may.DELETE_SERVICE,)),
    (
        "POST",
        "/maintenance/purge",
        {"limit": "2026-01-01T00:00:00.000Z", "operation": "purge.service.all"},
        (may.DELETE_SERVICE,),
    ),
    ("DELETE", "/profiles/{customer}", None, (may.DELETE_PROFILE,)),
]

OF_EITHER: Sequence[Need] = [
    ("GET", "/metadata/profiles", None, (may.READ_PROFILE_SCHEMA,)),
    ("GET", "/metadata/profiles/extensions", None, (may.READ_PROFILE_SCHEMA,)),
    ("GET", "/metadata/services/extensions/Note", None, (may.READ_SERVICE_SCHEMA,)),
    ("GET", "/metadata/states/extensions", None, (may.READ_STATE_SCHEMA,)),
    ("GET", "/metadata/tasks/extensions", None, (may.READ_TASK_SCHEMA,)),
    ("GET", "/metadata/identification-keys/ByPhone", None, (may.READ_KEY,)),
    ("GET", "/metadata/business-attributes", None, (may.READ_BUSINESS_ATTRIBUTES,)),
    ("GET", "/metadata/business-attributes/x", None, (may.READ_BUSINESS_ATTRIBUTES,)),
]

OF_SCHEMAS: Sequence[Need] = [
    *OF_EITHER,
    ("POST", "/metadata/profiles/extensions", NEW, (may.CREATE_PROFILE_SCHEMA,)),
    ("POST", "/metadata/services/extensions", {**NOTE, "name": "New"}, (may.CREATE_SERVICE_SCHEMA,)),
    ("POST", "/metadata/states/extensions", {**NOTE, "name": "New"}, (may.CREATE_STATE_SCHEMA,)),
    ("POST", "/metadata/tasks/extensions", {**NOTE, "name": "New"}, (may.CREATE_TASK_SCHEMA,)),
    ("POST", "/metadata/identification-keys", {**BY_PHONE, "name": "New"}, (may.CREATE_KEY,)),
    ("DELETE", "/metadata/profiles/extensions/New", None, (may.DELETE_PROFILE_SCHEMA,)),
    ("DELETE", "/metadata/services/extensions/New", None, (may.DELETE_SERVICE_SCHEMA,)),
    ("DELETE", "/metadata/states/extensions/New", None, (may.DELETE_STATE_SCHEMA,)),
    ("DELETE", "/metadata/tasks/extensions/New", None, (may.DELETE_TASK_SCHEMA,)),
    ("DELETE", "/metadata/identification-keys/New", None, (may.DELETE_KEY,)),
    ("POST", "/server/mode", {"mode": "production"}, (may.SET_MODE,)),
]

NEEDS = [*OF_DATA, *OF_SCHEMAS]


def staff() -> dict[str, OperatorSettings]:
    """For each request somebody with what it needs and nothing else, and for each privilege somebody without it."""
    exact = {f"exact{number}": need[3] for number, need in enumerate(NEEDS)}
    without = {f"no {privilege}": sorted(ALL - {privilege}) for privilege in ALL}
    return {
        name: OperatorSettings(name=name, password_hash=HASH, level="monitor", privileges=tuple(privileges))
        for name, privileges in (exact | without).items()
    }


async def check(office: Office, needs: Sequence[Need], customer: str) -> None:
    """Nobody who lacks one of the privileges does anything, and whoever has just those does it."""
    world = office.world
    for method, path, body, privileges in needs:
        place = path.format(customer=customer)
        before = await trail(world)
        for privilege in privileges:
            other = Office(world, world.client_of(f"no {privilege}"))
            answer = await other.ask(method, place, body)
            assert refused(answer) == (403, "Forbidden"), (method, path, privilege)
            assert privilege in answer.json()["message"]
        assert await trail(world) == before, path
        number = NEEDS.index((method, path, body, privileges))
        allowed = await Office(world, world.client_of(f"exact{number}")).ask(method, place, body)
        assert allowed.status not in (401, 403, 405, 500, 503), (method, path, allowed.status, allowed.text)


async def trail(world: World) -> int:
    """Length of the audit trail: whatever is done stands in it."""
    return len(await world.services.audit.since(0, limit=1000))


async def test_every_privilege_is_asked_for_and_enough(world_on: WorldOn) -> None:
    operators = (*OPERATORS, *staff().values())
    async with world_on(elements=(element(), CONTEXT), operators=operators) as world:
        office = Office(world)
        await office.furnish()
        service = await office.service()
        state = (await office.made(f"/services/{service}/states/start", {"state_type": "t"}))["state_id"]
        task = (await office.made(f"/services/{service}/tasks/start", {"task_type": "t"}))["task_id"]
        assert (service, state, task) == (1, 2, 3)
        customer = await office.customer(Contacts=MANY)
        await check(office, OF_DATA, customer)
        await office.switch("maintenance")
        await check(office, OF_SCHEMAS, customer)
        assert await office.mode() == "production"


def test_every_privilege_has_a_request_that_needs_it() -> None:
    assert {privilege for need in NEEDS for privilege in need[3]} == ALL


async def test_the_status_needs_no_privilege(empty: Office, ucs: World) -> None:
    watcher = Office(ucs, ucs.client_of("watcher"))
    assert await watcher.mode() == "production"
    assert refused(await watcher.ask("GET", "/profiles/1")) == (403, "Forbidden")
    assert refused(await Office(ucs, ucs.client_of("operator")).ask("GET", "/profiles/1")) == (403, "Forbidden")
    assert (await empty.ask("GET", "/profiles/1")).status == 404


async def test_where_roles_are_not_used_monitors_read_and_administrators_write(world_on: WorldOn) -> None:
    context = ContextSettings(use_role=False)
    async with world_on(elements=(element(), CONTEXT), context=context) as world:
        watcher, operator = Office(world, world.client_of("watcher")), Office(world, world.client_of("operator"))
        for method, path, body, _ in (*OF_DATA, *OF_EITHER):
            place = path.format(customer="x")
            assert (await watcher.ask(method, place, body)).status == 403 or method == "GET", path
            assert (await operator.ask(method, place, body)).status not in (401, 403, 500), path
        assert refused(await watcher.ask("POST", "/server/mode", {"mode": "maintenance"})) == (403, "Forbidden")
        await operator.switch("maintenance")
        await operator.furnish()
        assert (await watcher.get("/metadata/profiles/extensions/Contacts"))["name"] == "Contacts"


async def test_nobody_is_asked_who_they_are_where_the_settings_say_so(world_on: WorldOn) -> None:
    faces = {"ucs": FaceSettings(authentication="none")}
    async with world_on(elements=(element(), CONTEXT), faces=faces) as world:
        office = Office(world, world.client_of(None))
        await office.furnish()
        customer = await office.customer(Contacts=MANY)
        assert (await office.ask("DELETE", f"/profiles/{customer}")).status == 200


async def test_wrong_credentials_are_refused(ucs: World) -> None:
    for client in (ucs.client_of(None), ucs.client_of("admin", "wrong"), ucs.client_of("nobody")):
        answer = await Office(ucs, client).ask("POST", "/server/mode", {"mode": "maintenance"})
        assert refused(answer) == (401, "Unauthorized")
        assert answer.headers["www-authenticate"] == 'Basic realm="Busyout"'
    assert await Office(ucs).mode() == "production"
