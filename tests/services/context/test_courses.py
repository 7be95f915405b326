"""The life of services, states and tasks."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.services.context.desk import Desk
from tests.world import ADMIN, Plan, World

from busyout.domain.context.attribute import Attribute, AttributeType
from busyout.domain.context.errors import (
    AlreadyEnded,
    ModeNotAllowed,
    NoSuchCustomer,
    NoSuchExtension,
    NoSuchService,
    NoSuchState,
    NoSuchTask,
)
from busyout.domain.context.query import PartQuery, ServiceQuery, Views, Which
from busyout.domain.context.schema import Extension, Kind, Subject
from busyout.domain.errors import InvalidValue
from busyout.domain.mode import Mode
from busyout.ports.context_courses import Place
from busyout.settings import BusinessAttributeSettings, BusinessValueSettings, ContextSettings, ElementSettings

pytestmark = pytest.mark.anyio

CONTEXT = ElementSettings(name="context", kind="context", driver="inside")
PHONE = "+41 44 100"
KINDS = BusinessAttributeSettings(
    name="Kinds",
    dbid=1,
    cv_attributes=("Service.type", "State.disposition"),
    values=(BusinessValueSettings(name="Sales", dbid=101), BusinessValueSettings(name="Help", dbid=102)),
)
TEXT = Attribute("Text", AttributeType.STRING)
EVERYTHING = Views(active_states=True, completed_states=True, active_tasks=True, completed_tasks=True)


def plan(home: Path, **settings: Any) -> Plan:
    context = ContextSettings(
        business_attributes=(KINDS,), map_names=True, schema_create_in_production=True, **settings
    )
    return Plan(store_url=f"sqlite:///{home}/busyout.db", elements=(CONTEXT,), context=context)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A server in production, where types of services are mapped."""
    async with World.opened(tmp_path, plan(tmp_path)) as world:
        yield world


@pytest.fixture
def courses(world: World) -> Desk:
    return Desk(world)


@pytest.fixture
def queries(courses: Desk) -> Desk:
    return courses


async def extension(world: World, subject: Subject, name: str = "Note", **more: Any) -> None:
    kind = more.pop("kind", Kind.SINGLE_VALUED)
    await world.services.context_schemas.add_extension(ADMIN, Extension(0, subject, name, kind, (TEXT,), **more))


async def service(courses: Desk, **more: Any) -> int:
    return await courses.start_service({"contact_key": PHONE, "service_type": "Sales", **more})


async def test_a_service_is_told_as_it_was_started(world: World, courses: Desk, queries: Desk) -> None:
    customer = await world.services.customers.create(ADMIN, {"FirstName": "Anna"})
    said = {"session_id": "s1", "media_type": "voice"}
    document = {"customer_id": customer, "service_type": 101, "est_duration": 3600, **said}
    number = await courses.start_service({**document, "timestamp": "2026-01-02T03:04:05.006+01:00"})
    assert await queries.service(number, views=Views()) == {
        "service_id": number,
        "customer_id": customer,
        "service_type": "Sales",
        "est_duration": 3600,
        "started": {"timestamp": "2026-01-02T02:04:05.006Z", **said},
    }


async def test_states_and_tasks_are_told_within_a_service_and_alone(courses: Desk, queries: Desk) -> None:
    number = await service(courses)
    state = await courses.start_state(number, {"state_type": "greet", "timestamp": "2026-01-02"})
    inside = await courses.start_task(number, {"task_type": 1, "state_id": state, "timestamp": "2026-01-02"})
    beside = await courses.start_task(number, {"task_type": 2, "timestamp": "2026-01-02"})
    await courses.end_task(number, beside, {"timestamp": "2026-01-03", "disposition_desc": "done"})
    first, last = {"timestamp": "2026-01-02T00:00:00.000Z"}, {"timestamp": "2026-01-03T00:00:00.000Z"}
    task = {"task_id": inside, "state_id": state, "task_type": 1, "started": first}
    ended = {"task_id": beside, "task_type": 2, "started": first, "completed": {**last, "disposition_desc": "done"}}
    own, alone = {"state_id": state, "state_type": "greet", "started": first}, {"service_id": number}
    told = await queries.service(number, views=EVERYTHING)
    assert told["active_states"] == [{**own, "active_tasks": [task], "completed_tasks": []}]
    assert (told["completed_states"], told["active_tasks"], told["completed_tasks"]) == ([], [], [ended])
    assert await queries.state(number, state, views=Views(active_tasks=True)) == own | alone | {"active_tasks": [task]}
    assert await queries.task(number, inside, extensions=()) == task | alone
    assert await queries.parts(number, PartQuery(Subject.STATE)) == (own | alone,)
    assert await queries.parts(number, PartQuery(Subject.TASK, state=state)) == (task | alone,)
    assert await queries.parts(number, PartQuery(Subject.TASK, which=Which.COMPLETED)) == (ended | alone,)
    assert await queries.parts(number, PartQuery(Subject.TASK, types=("2", "3"))) == (ended | alone,)


async def test_a_transition_ends_a_state_and_begins_another(courses: Desk, queries: Desk) -> None:
    number = await service(courses)
    first = await courses.start_state(number, {"state_type": "greet"})
    second = await courses.transition(
        number,
        {
            "timestamp": "2030-01-01",
            "session_id": "s1",
            "from": {"state_id": first, "disposition": "help", "disposition_desc": "asked"},
            "to": {"state_type": "sell", "est_duration": 60},
        },
    )
    moment = {"timestamp": "2030-01-01T00:00:00.000Z", "session_id": "s1"}
    (active,) = await queries.parts(number, PartQuery(Subject.STATE, which=Which.ACTIVE))
    assert active == {
        "service_id": number,
        "state_id": second,
        "state_type": "sell",
        "est_duration": 60,
        "started": moment,
    }
    (completed,) = await queries.parts(number, PartQuery(Subject.STATE, which=Which.COMPLETED))
    assert completed["completed"] == moment | {"disposition": "Help", "disposition_desc": "asked"}


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"from": {"state_id": 2}},
        {"to": {"state_type": 1}},
        {"from": 1, "to": {"state_type": 1}},
        {"from": {}, "to": {"state_type": 1}},
        {"from": {"state_id": "2"}, "to": {"state_type": 1}},
        {"from": {"state_id": True}, "to": {"state_type": 1}},
        {"from": {"state_id": -1}, "to": {"state_type": 1}},
        {"from": {"state_id": 10**30}, "to": {"state_type": 1}},
        {"from": {"state_id": 2}, "to": {}},
        {"from": {"state_id": 2, "disposition": "unknown"}, "to": {"state_type": 1}},
        {"from": {"state_id": 2, "colour": "red"}, "to": {"state_type": 1}},
        {"from": {"state_id": 2}, "to": {"state_type": 1, "disposition": "Help"}},
        {"from": {"state_id": 2}, "to": {"state_type": 1, "est_duration": -1}},
        {"from": {"state_id": 2}, "to": {"state_type": 1}, "colour": "red"},
    ],
)
async def test_a_transition_that_is_none_changes_nothing(
    courses: Desk, queries: Desk, document: dict[str, Any]
) -> None:
    number = await service(courses)
    state = await courses.start_state(number, {"state_type": "greet"})
    assert state == 2
    with pytest.raises(InvalidValue):
        await courses.transition(number, document)
    assert [one["state_id"] for one in await queries.parts(number, PartQuery(Subject.STATE, which=Which.ACTIVE))] == [
        state
    ]


async def test_a_transition_takes_a_state_of_the_same_service_only(courses: Desk) -> None:
    mine, other = await service(courses), await service(courses)
    state = await courses.start_state(other, {"state_type": "greet"})
    with pytest.raises(NoSuchState):
        await courses.transition(mine, {"from": {"state_id": state}, "to": {"state_type": 1}})


async def test_what_has_ended_stays_ended(courses: Desk, queries: Desk) -> None:
    number = await service(courses)
    task = await courses.start_task(number, {"task_type": 1})
    await courses.end_service(number, {"disposition": "free"})
    for attempt in (
        courses.end_service(number, {}),
        courses.start_state(number, {"state_type": 1}),
        courses.start_task(number, {"task_type": 1}),
    ):
        with pytest.raises(AlreadyEnded):
            await attempt
    await courses.end_task(number, task, {})
    assert await queries.of_contact(PHONE, ServiceQuery(which=Which.ACTIVE)) == ()
    (told,) = await queries.of_contact(PHONE, ServiceQuery(which=Which.COMPLETED))
    assert told["completed"]["disposition"] == "free"


async def test_an_address_names_what_is_there_or_is_refused(courses: Desk, queries: Desk) -> None:
    one, two = await service(courses), await service(courses)
    state = await courses.start_state(one, {"state_type": 1})
    for attempt, error in (
        (queries.service(99, views=Views()), NoSuchService),
        (queries.parts(99, PartQuery(Subject.STATE)), NoSuchService),
        (queries.state(two, state, views=Views()), NoSuchState),
        (queries.task(one, state, extensions=()), NoSuchTask),
        (courses.end_state(two, state, {}), NoSuchState),
        (courses.end_task(one, state, {}), NoSuchTask),
        (courses.start_task(two, {"task_type": 1, "state_id": state}), NoSuchState),
        (courses.start_state(99, {"state_type": 1}), NoSuchService),
        (courses.delete_service(ADMIN, state), NoSuchService),
        (queries.of_customer("nobody", ServiceQuery()), NoSuchCustomer),
    ):
        with pytest.raises(error):
            await attempt


async def test_an_anonymous_service_becomes_a_customers(world: World, courses: Desk, queries: Desk) -> None:
    number = await service(courses)
    (told,) = await queries.of_contact(PHONE, ServiceQuery())
    assert told["contact_key"] == PHONE and "customer_id" not in told
    for name in ("Anna", "Berta"):
        customer = await world.services.customers.create(ADMIN, {"FirstName": name})
        await courses.associate(ADMIN, customer, number)
        (told,) = await queries.of_customer(customer, ServiceQuery())
        assert (told["service_id"], told["customer_id"]) == (number, customer)
    with pytest.raises(NoSuchCustomer):
        await courses.associate(ADMIN, "nobody", number)


async def test_services_are_asked_for_by_time_and_type(courses: Desk, queries: Desk) -> None:
    days = [await service(courses, timestamp=f"2026-01-0{day}", service_type=100 + day) for day in (1, 2)]

    async def found(**asked: Any) -> list[int]:
        return [one["service_id"] for one in await queries.of_contact(PHONE, ServiceQuery(**asked))]

    second = 1_767_312_000.0
    assert await found(started_from=second) == days[1:]
    assert await found(started_to=second) == days[:1]
    assert await found(started_from=second, started_to=second) == []
    assert await found(types=("sales",)) == days[:1]
    assert await found(types=("102", "Sales")) == days
    with pytest.raises(InvalidValue):
        await found(types=("unknown",))


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"contact_key": PHONE},
        {"service_type": "Sales"},
        {"contact_key": PHONE, "service_type": "Rent"},
        {"contact_key": PHONE, "service_type": 10**4000},
        {"contact_key": "x" * 65, "service_type": "Sales"},
        {"contact_key": "\ud800", "service_type": "Sales"},
        {"contact_key": 7, "service_type": "Sales"},
        {"customer_id": "x" * 17, "service_type": "Sales"},
        {"contact_key": PHONE, "service_type": "Sales", "est_duration": 2**31},
        {"contact_key": PHONE, "service_type": "Sales", "est_duration": True},
        {"contact_key": PHONE, "service_type": "Sales", "timestamp": "10000-01-01T00:00:00Z"},
        {"contact_key": PHONE, "service_type": "Sales", "timestamp": 5},
        {"contact_key": PHONE, "service_type": "Sales", "session_id": "x" * 33},
        {"contact_key": PHONE, "service_type": "Sales", "interaction_id": "x" * 51},
        {"contact_key": PHONE, "service_type": "Sales", "resource_id": {}},
        {"contact_key": PHONE, "service_type": "Sales", "disposition": "Help"},
        {"contact_key": PHONE, "service_type": "Sales", "state_id": 1},
        {"contact_key": PHONE, "service_type": "Sales", "Note": "no object"},
    ],
)
async def test_what_is_no_service_is_refused_whole(courses: Desk, queries: Desk, document: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue):
        await courses.start_service(document)
    assert await queries.of_contact(PHONE, ServiceQuery()) == ()


async def test_extensions_are_put_at_the_start_and_the_end_and_in_between(
    world: World, courses: Desk, queries: Desk
) -> None:
    for subject in (Subject.SERVICE, Subject.STATE, Subject.TASK):
        await extension(world, subject)
    await extension(world, Subject.SERVICE, "Orders", kind=Kind.MULTI_VALUED, unique=(("Text",),))
    number = await service(courses, note={"text": "a"})
    state = await courses.start_state(number, {"state_type": 1, "Note": {"Text": "b"}})
    task = await courses.start_task(number, {"task_type": 1, "state_id": state, "Note": {"Text": "c"}})
    views = Views(active_states=True, active_tasks=True, extensions=("note", "NOTE"))
    told = await queries.service(number, views=views)
    (inside,) = told["active_states"]
    assert [told["Note"], inside["Note"], inside["active_tasks"][0]["Note"]] == [{"Text": one} for one in "abc"]
    await courses.put_extension(ADMIN, Place(Subject.TASK, task, number), "Note", {"Text": "d"})
    assert (await queries.task(number, task, extensions=("Note",)))["Note"] == {"Text": "d"}
    orders = [{"Text": "x"}, {"Text": "y"}]
    await courses.end_service(number, {"Orders": orders})
    told = await queries.service(number, views=Views(extensions=("Orders",)))
    assert told["Orders"] == orders and "Note" not in told


async def test_records_that_cannot_be_are_refused_and_change_nothing(
    world: World, courses: Desk, queries: Desk
) -> None:
    await extension(world, Subject.SERVICE, "Orders", kind=Kind.MULTI_VALUED, unique=(("Text",),))
    orders = [{"Text": "x"}, {"Text": "y"}]
    number = await service(courses, Orders=orders)
    for name, value, error in (
        ("Orders", [*orders, {"Text": "x"}], InvalidValue),
        ("Orders", [{"Colour": "red"}], InvalidValue),
        ("Orders", [{"Text": "x"}] * 100_000, InvalidValue),
        ("Nothing", {}, NoSuchExtension),
    ):
        with pytest.raises(error):
            await courses.put_extension(ADMIN, Place(Subject.SERVICE, number), name, value)
    with pytest.raises(NoSuchExtension):
        await queries.service(number, views=Views(extensions=("Nothing",)))
    assert (await queries.service(number, views=Views(extensions=("Orders",))))["Orders"] == orders


async def test_an_extension_is_not_given_twice_in_another_spelling(world: World, courses: Desk) -> None:
    await extension(world, Subject.SERVICE)
    with pytest.raises(InvalidValue, match="two extensions"):
        await service(courses, Note={"Text": "a"}, NOTE={"Text": "b"})


async def test_nothing_starts_without_an_extension_that_is_required(world: World, courses: Desk, queries: Desk) -> None:
    await extension(world, Subject.STATE, required=True, kind=Kind.MULTI_VALUED)
    number = await service(courses)
    for document in ({"state_type": 1}, {"state_type": 1, "Note": []}):
        with pytest.raises(InvalidValue, match="Note"):
            await courses.start_state(number, document)
    first = await courses.start_state(number, {"state_type": 1, "Note": [{"Text": "a"}]})
    with pytest.raises(InvalidValue, match="Note"):
        await courses.transition(number, {"from": {"state_id": first}, "to": {"state_type": 2}})
    with pytest.raises(InvalidValue, match="Note"):
        await courses.put_extension(ADMIN, Place(Subject.STATE, first, number), "Note", [])
    into = {"state_type": 2, "Note": [{"Text": "b"}]}
    second = await courses.transition(number, {"from": {"state_id": first}, "to": into})
    told = await queries.state(number, second, views=Views(extensions=("Note",)))
    assert told["Note"] == [{"Text": "b"}]


async def test_the_audit_trail_has_ids_and_names_but_no_contact_key(world: World, courses: Desk) -> None:
    await extension(world, Subject.SERVICE)
    number = await service(courses, Note={"Text": "confidential"})
    await courses.end_service(number, {})
    entries = await world.services.audit.since(0, limit=50)
    told = str(entries)
    assert "service.start" in told and "Note" in told and "service.end" in told
    assert PHONE not in told and "confidential" not in told


async def test_no_service_starts_in_maintenance(world: World, courses: Desk) -> None:
    await world.clock.finish(world.services.modes.switch(ADMIN, Mode.MAINTENANCE))
    with pytest.raises(ModeNotAllowed):
        await service(courses)


async def test_services_survive_the_death_of_the_server(world: World, courses: Desk) -> None:
    number = await service(courses)
    state = await courses.start_state(number, {"state_type": 1})
    await world.crash()
    await world.reopen()
    told = await Desk(world).service(number, views=EVERYTHING)
    assert [one["state_id"] for one in told["active_states"]] == [state]
