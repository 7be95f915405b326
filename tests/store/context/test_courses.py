"""Services, states and tasks, as they are kept."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec.structs import replace
from tests.store.direct import ask, count
from tests.store.making import RECORD

from busyout.domain.context.attribute import Attribute, AttributeType
from busyout.domain.context.course import MAX_PARTS, Course, Occurrence
from busyout.domain.context.customer import Customer
from busyout.domain.context.errors import (
    AlreadyEnded,
    ModeNotAllowed,
    NoSuchCustomer,
    NoSuchService,
    NoSuchState,
    NoSuchTask,
)
from busyout.domain.context.query import Which
from busyout.domain.context.schema import Extension, Kind, Schemas, Subject
from busyout.domain.context.upkeep import Activity, Events, ExportRequest, Purge
from busyout.domain.errors import InvalidValue
from busyout.domain.mode import Mode
from busyout.ports.context_courses import Beginning, Ending, Owner, Place, Selection
from busyout.store import Store
from busyout.store.tables.context.course_pages import MAX_PIECE

pytestmark = pytest.mark.anyio

ANNA = Owner(customer="anna")
SECRET = Attribute("pin", AttributeType.STRING, encrypt=True)
NOTES = Extension(0, Subject.SERVICE, "Notes", Kind.MULTI_VALUED, (Attribute("text", AttributeType.STRING), SECRET))


@pytest.fixture
async def store(store: Store) -> AsyncIterator[Store]:
    """A store in production, with a customer."""
    await store.modes.open(Mode.PRODUCTION)
    await store.customers.add(Customer("anna", {}, {}), Schemas(), audit=RECORD)
    yield store


def at(seconds: float) -> Occurrence:
    return Occurrence(seconds, {"timestamp": str(seconds)})


def course(subject: Subject = Subject.SERVICE, **more: Any) -> Course:
    if subject is Subject.SERVICE and not {"customer", "contact"} & more.keys():
        more["customer"] = "anna"
    return Course(**{"subject": subject, "type": "order", "started": at(10.0), **more})


async def start(store: Store, subject: Subject = Subject.SERVICE, **more: Any) -> int:
    return await store.courses.start(Beginning(course(subject, **more)), audit=RECORD)


async def end(store: Store, place: Place, seconds: float = 20.0) -> None:
    await store.courses.end(Ending(place, at(seconds)), audit=RECORD)


async def services(store: Store, owner: Owner = ANNA, nested: bool = False, **more: Any) -> list[int]:
    found = await store.courses.of_owner(owner, Selection(**more), nested=nested, limit=1000)
    return [one.id for one in found]


async def extension(store: Store) -> Extension:
    return await store.context_schemas.add_extension(NOTES, in_any_mode=True, audit=RECORD)


async def test_a_service_is_read_with_its_states_and_tasks(store: Store) -> None:
    other, service = await start(store), await start(store, est_duration=60)
    state = await start(store, Subject.STATE, service=service, type=7)
    task = await start(store, Subject.TASK, service=service, state=state)
    beside = await start(store, Subject.TASK, service=service)
    await end(store, Place(Subject.STATE, state, service))
    assert await store.courses.whole(service) == (
        course(id=service, est_duration=60),
        course(Subject.STATE, id=state, service=service, type=7, completed=at(20.0)),
        course(Subject.TASK, id=task, service=service, state=state),
        course(Subject.TASK, id=beside, service=service),
    )
    assert await store.courses.whole(other) == (course(id=other),)


@pytest.mark.parametrize("id", [0, 99, 2**63 - 1, 2**63, 10**18])
async def test_what_is_not_there_is_no_service(store: Store, id: int) -> None:
    with pytest.raises(NoSuchService):
        await store.courses.whole(id)
    with pytest.raises(NoSuchService):
        await end(store, Place(Subject.SERVICE, id))


async def test_a_state_is_no_service_and_no_task_and_of_no_other_service(store: Store) -> None:
    service, other = await start(store), await start(store)
    state = await start(store, Subject.STATE, service=service)
    with pytest.raises(NoSuchService):
        await store.courses.whole(state)
    for place, error in (
        (Place(Subject.STATE, state, other), NoSuchState),
        (Place(Subject.TASK, state, service), NoSuchTask),
        (Place(Subject.SERVICE, state), NoSuchService),
        (Place(Subject.STATE, service, service), NoSuchState),
        (Place(Subject.STATE, -(10**30), service), NoSuchState),
    ):
        with pytest.raises(error):
            await end(store, place)
        with pytest.raises(error):
            await store.courses.put_records(place, (), audit=RECORD)
    with pytest.raises(NoSuchState):
        await start(store, Subject.TASK, service=other, state=state)


async def test_nothing_starts_in_what_has_ended_and_nothing_ends_twice(store: Store) -> None:
    service = await start(store)
    state = await start(store, Subject.STATE, service=service)
    await end(store, Place(Subject.STATE, state, service))
    for attempt in (
        end(store, Place(Subject.STATE, state, service), 30.0),
        start(store, Subject.TASK, service=service, state=state),
    ):
        with pytest.raises(AlreadyEnded, match=f"state {state} has ended"):
            await attempt
    await end(store, Place(Subject.SERVICE, service))
    with pytest.raises(AlreadyEnded):
        await end(store, Place(Subject.SERVICE, service), 30.0)
    with pytest.raises(AlreadyEnded):
        await start(store, Subject.STATE, service=service)
    assert [one.completed for one in await store.courses.whole(service)] == [at(20.0), at(20.0)]


async def test_a_transition_is_whole_or_nothing(store: Store) -> None:
    service = await start(store)
    first = await start(store, Subject.STATE, service=service)
    place = Place(Subject.STATE, first, service)
    into = Beginning(course(Subject.STATE, service=service, type="b"))
    second = await store.courses.transition(Ending(place, at(20.0)), into, audit=RECORD)
    with pytest.raises(AlreadyEnded):
        await store.courses.transition(Ending(place, at(30.0)), into, audit=RECORD)
    await end(store, Place(Subject.SERVICE, service))
    with pytest.raises(AlreadyEnded):
        await store.courses.transition(Ending(Place(Subject.STATE, second, service), at(30.0)), into, audit=RECORD)
    _, one, other = await store.courses.whole(service)
    assert (one.completed, other.completed, other.type) == (at(20.0), None, "b")


async def test_a_service_has_only_so_many_states_and_tasks(store: Store, store_url: str) -> None:
    service = await start(store)
    columns = "subject, service, type, started_at, started"
    rows = ", ".join([f"('state', {service}, '1', 1.0, '{{}}')"] * (MAX_PARTS - 1))
    ask(store_url, f"INSERT INTO courses ({columns}) VALUES {rows}")
    await start(store, Subject.TASK, service=service)
    with pytest.raises(InvalidValue, match=f"{MAX_PARTS} states and tasks"):
        await start(store, Subject.TASK, service=service)
    assert len(await store.courses.whole(service)) == MAX_PARTS + 1


async def test_services_are_found_by_whose_they_are_and_what_is_asked_of_them(store: Store) -> None:
    early = await start(store, started=at(10.0), type=1)
    late = await start(store, started=at(20.0), type="1")
    nobody = await start(store, contact="+41 1", started=at(30.0))
    await start(store, Subject.STATE, service=late)
    await end(store, Place(Subject.SERVICE, early))
    assert await services(store) == [early, late]
    assert await services(store, Owner(contact="+41 1")) == [nobody]
    assert await services(store, Owner(contact="anna")) == []
    assert await services(store, which=Which.ACTIVE) == [late]
    assert await services(store, which=Which.COMPLETED) == [early]
    assert await services(store, since=20.0) == [late]
    assert await services(store, before=20.0) == [early]
    assert await services(store, types=(1,)) == [early]
    assert await services(store, types=("1",)) == [late]
    assert await services(store, types=("2",)) == []
    with pytest.raises(NoSuchCustomer):
        await services(store, Owner(customer="berta"))


async def test_an_old_service_is_found_behind_a_thousand_new_ones_that_are_not_asked_for(
    store: Store, store_url: str
) -> None:
    active = await start(store)
    ended = "('service', 'anna', '1', 1.0, 2.0, '{}', '{}')"
    columns = "subject, customer, type, started_at, completed_at, started, completed"
    ask(store_url, f"INSERT INTO courses ({columns}) VALUES {', '.join([ended] * 1500)}")
    assert await services(store, which=Which.ACTIVE) == [active]
    found = await services(store, which=Which.ALL)
    assert len(found) == 1000
    assert found == list(range(active + 501, active + 1501))


async def test_parts_follow_their_services_in_a_list(store: Store) -> None:
    one, two = await start(store), await start(store)
    of_two, of_one = [await start(store, Subject.STATE, service=service) for service in (two, one)]
    assert await services(store, nested=True) == [one, of_one, two, of_two]


async def test_a_list_with_too_many_parts_is_refused(store: Store, store_url: str) -> None:
    columns = "subject, service, type, started_at, started"
    for _ in range(11):
        service = await start(store)
        rows = ", ".join([f"('state', {service}, '1', 1.0, '{{}}')"] * MAX_PARTS)
        ask(store_url, f"INSERT INTO courses ({columns}) VALUES {rows}")
    with pytest.raises(InvalidValue, match="shorter time"):
        await services(store, nested=True)
    assert len(await services(store)) == 11


async def test_a_service_belongs_to_the_customer_it_was_associated_with_last(store: Store) -> None:
    await store.customers.add(Customer("berta", {}, {}), Schemas(), audit=RECORD)
    service = await start(store, contact="+41 1")
    for customer in ("anna", "berta"):
        await store.courses.associate(service, customer, audit=RECORD)
    assert await services(store) == []
    assert await services(store, Owner(customer="berta")) == [service]
    with pytest.raises(NoSuchCustomer):
        await store.courses.associate(service, "carla", audit=RECORD)
    with pytest.raises(NoSuchService):
        await store.courses.associate(service + 1, "anna", audit=RECORD)


async def test_a_service_of_a_customer_that_there_is_not_is_refused(store: Store, store_url: str) -> None:
    with pytest.raises(NoSuchCustomer):
        await start(store, customer="berta")
    assert (count(store_url, "courses"), count(store_url, "audit")) == (0, 1)


async def test_records_are_put_in_the_place_of_those_before_and_sealed_where_that_is_asked(
    store: Store, store_url: str
) -> None:
    notes = await extension(store)
    given = ({"text": "a", "pin": "1234"}, {"text": "b"})
    service = await store.courses.start(Beginning(course(), ((notes, given),)), audit=RECORD)
    other = await start(store)
    whole = (*await store.courses.whole(service), *await store.courses.whole(other))
    assert await store.courses.records(whole, (notes,)) == {(service, notes.id): given}
    assert "1234" not in str(ask(store_url, "SELECT record FROM course_records"))
    await store.courses.put_records(Place(Subject.SERVICE, service), ((notes, ({"text": "c"},)),), audit=RECORD)
    assert await store.courses.records(whole, (notes,)) == {(service, notes.id): ({"text": "c"},)}
    await store.courses.end(Ending(Place(Subject.SERVICE, service), at(20.0), ((notes, ()),)), audit=RECORD)
    assert await store.courses.records(whole, (notes,)) == {}
    assert await store.courses.records(whole, (replace(notes, subject=Subject.TASK),)) == {}


async def test_more_records_than_an_answer_can_have_are_refused_before_they_are_read(store: Store) -> None:
    notes = await extension(store)
    long = ({"text": "x" * 1_000_000},) * 6
    several = [await store.courses.start(Beginning(course(), ((notes, long),)), audit=RECORD) for _ in range(3)]
    found = tuple([(await store.courses.whole(service))[0] for service in several])
    assert len(await store.courses.records(found[:2], (notes,))) == 2
    with pytest.raises(InvalidValue, match="ask for fewer"):
        await store.courses.records(found, (notes,))


async def test_a_service_goes_with_all_that_is_its_own(store: Store, store_url: str) -> None:
    notes = await extension(store)
    kept = await store.courses.start(Beginning(course(), ((notes, ({"text": "a"},)),)), audit=RECORD)
    gone = await store.courses.start(Beginning(course(), ((notes, ({"text": "b"},)),)), audit=RECORD)
    await start(store, Subject.STATE, service=gone)
    await store.courses.remove(gone, audit=RECORD)
    assert ask(store_url, "SELECT id FROM courses") == [(kept,)]
    assert ask(store_url, "SELECT owner FROM course_records") == [(kept,)]
    with pytest.raises(NoSuchService):
        await store.courses.remove(gone, audit=RECORD)


async def test_the_services_of_a_customer_go_with_the_customer(store: Store, store_url: str) -> None:
    anonymous = await start(store, contact="+41 1")
    service = await start(store)
    await start(store, Subject.TASK, service=service)
    await store.customers.remove("anna", audit=RECORD)
    assert ask(store_url, "SELECT id FROM courses") == [(anonymous,)]


@pytest.mark.parametrize(
    ("which", "left"),
    [
        (Purge.ALL, {"new", "new ended"}),
        (Purge.STARTED, {"ended", "nobody's ended", "new", "new ended"}),
        (Purge.STARTED_ANONYMOUS, {"going on", "ended", "nobody's ended", "new", "new ended"}),
        (Purge.COMPLETED, {"going on", "nobody's", "new", "new ended"}),
        (Purge.COMPLETED_ANONYMOUS, {"going on", "nobody's", "ended", "new", "new ended"}),
    ],
)
async def test_each_kind_of_purge_takes_what_it_names(store: Store, which: Purge, left: set[str]) -> None:
    mine, nobody = {"customer": "anna"}, {"contact": "+41 1"}
    kept = {
        await start(store, started=at(10.0), **mine): "going on",
        await start(store, started=at(10.0), **nobody): "nobody's",
        await start(store, started=at(10.0), completed=at(99.0), **mine): "ended",
        await start(store, started=at(10.0), completed=at(99.0), **nobody): "nobody's ended",
        await start(store, started=at(100.0), **mine): "new",
        await start(store, started=at(100.0), completed=at(100.0), **nobody): "new ended",
    }
    after, gone = 0, 0
    while (piece := await store.context_purge.purge(100.0, which, after=after, limit=2)).looked_at:
        after, gone = piece.after, gone + piece.removed
    found = [*await services(store), *await services(store, Owner(contact="+41 1"))]
    assert {kept[service] for service in found} == left
    assert gone == len(kept) - len(left)
    assert await store.context_purge.count_services() == len(left)


async def test_a_page_of_an_export_is_bounded_by_what_is_looked_at(store: Store) -> None:
    first = await start(store, started=at(10.0))
    for _ in range(4):
        await start(store, started=at(50.0))
    last = await start(store, started=at(12.0), completed=at(60.0))
    state = await start(store, Subject.STATE, service=first)
    wanted = ExportRequest(time_from=10.0)
    parts, after = [], 0
    while after is not None:
        part = await store.courses.page(wanted, until=20.0, after=after, limit=2)
        parts.append([one.id for one in part.courses])
        after = part.after
    assert parts == [[first, state], [], [last], []]


async def test_a_page_of_an_export_is_bounded_by_the_states_and_tasks_of_its_services(
    store: Store, store_url: str
) -> None:
    found = [await start(store) for _ in range(6)]
    for service in found[:4]:
        ask(
            store_url,
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MAX_PARTS})"
            " INSERT INTO courses (subject, service, type, started_at, started)"
            f""" SELECT 'state', {service}, '"order"', 10.0, '{{}}' FROM n""",
        )
    wanted, pages, after = ExportRequest(time_from=10.0), [], 0
    while after is not None:
        part = await store.courses.page(wanted, until=20.0, after=after, limit=100)
        pages.append([(one.service or one.id, one.id) for one in part.courses])
        after = part.after
    assert max(map(len, pages)) <= MAX_PIECE
    told = [one for page in pages for one in page]
    assert told == sorted(told)
    assert [service for service, number in told if service == number] == found
    assert len(told) == len(found) + 4 * MAX_PARTS


@pytest.mark.parametrize(
    ("events", "activity", "names"),
    [
        (Events.STARTED, Activity.ANY, "ab"),
        (Events.COMPLETED, Activity.ANY, "bc"),
        (Events.ANY, Activity.ANY, "abc"),
        (Events.ANY, Activity.ACTIVE, "a"),
        (Events.ANY, Activity.INACTIVE, "bc"),
    ],
)
async def test_an_export_has_what_happened_in_its_time(
    store: Store, events: Events, activity: Activity, names: str
) -> None:
    found = {
        await start(store, started=at(10.0)): "a",
        await start(store, started=at(19.0), completed=at(19.5)): "b",
        await start(store, started=at(9.0), completed=at(10.0)): "c",
        await start(store, started=at(20.0), completed=at(20.0)): "d",
        await start(store, started=at(9.0)): "e",
    }
    wanted = ExportRequest(time_from=10.0, events=events, activity=activity)
    part = await store.courses.page(wanted, until=20.0, after=0, limit=100)
    assert "".join(found[one.id] for one in part.courses) == names


async def test_nothing_is_written_in_maintenance(store: Store, store_url: str) -> None:
    service = await start(store)
    before = count(store_url, "audit")
    ask(store_url, "UPDATE context_mode SET mode = 'maintenance'")
    place = Place(Subject.SERVICE, service)
    for attempt in (
        start(store),
        end(store, place),
        store.courses.transition(Ending(place, at(20.0)), Beginning(course()), audit=RECORD),
        store.courses.associate(service, "anna", audit=RECORD),
        store.courses.put_records(place, (), audit=RECORD),
        store.courses.remove(service, audit=RECORD),
        store.context_purge.purge(100.0, Purge.ALL, after=0, limit=1),
    ):
        with pytest.raises(ModeNotAllowed):
            await attempt
    assert await services(store) == [service]
    assert count(store_url, "audit") == before
