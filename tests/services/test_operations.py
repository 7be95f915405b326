"""Operations: acknowledged once, held by one, resumed by the next server."""

import asyncio

import pytest
from msgspec.structs import replace
from tests.world import ADMIN, OPERATOR, TABLES, WATCHER, World, WorldOn, element

from busyout.domain.commands import Commit, Configure, Drain, Restart, Restore, TakeOver
from busyout.domain.configuration.tables import Interface, Peer, Tables
from busyout.domain.drain import UntilIdle, Within
from busyout.domain.element import Element
from busyout.domain.errors import (
    ConfigurationChanged,
    ElementBusy,
    InvalidConfiguration,
    InvalidValue,
    KeyReused,
    NoSuchElement,
    NoSuchOperation,
    NotPermitted,
    NotSupported,
    OperationSettled,
    OperationUnsettled,
    Refusal,
)
from busyout.domain.operation import OperationState
from busyout.domain.page import OperationQuery

pytestmark = pytest.mark.anyio


async def everything(world: World) -> tuple[int, int]:
    """How many operations and audit entries there are."""
    operations = await world.services.operations.page(OperationQuery(limit=1000))
    return len(operations), len(await world.services.audit.since(0, limit=1000))


async def test_a_second_operation_on_an_element_is_refused_and_told_who_holds_it(world: World) -> None:
    world.sbc.call(seconds=100)
    first = await world.start(Drain(UntilIdle()))
    with pytest.raises(ElementBusy) as refused:
        await world.start(Restart(UntilIdle()))
    assert refused.value.holder == first.id
    await world.settled(first.id)
    assert (await world.done(Restore())).state is OperationState.SUCCEEDED


async def test_of_many_operations_at_once_one_is_taken(world: World) -> None:
    world.sbc.call(seconds=100)
    outcomes = await asyncio.gather(*(world.start(Drain(UntilIdle())) for _ in range(20)), return_exceptions=True)
    taken = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    assert len(taken) == 1
    assert all(isinstance(outcome, ElementBusy) for outcome in outcomes if outcome is not taken[0])


async def test_a_repeat_with_the_same_key_is_the_same_operation(world: World) -> None:
    first = await world.start(Drain(UntilIdle()), key="tonight")
    again = await world.start(Drain(UntilIdle()), key="tonight")
    assert again.id == first.id
    with pytest.raises(KeyReused):
        await world.start(Restore(), key="tonight")
    await world.settled(first.id)
    assert (await world.start(Drain(UntilIdle()), key="tonight")).settled, "also when it has settled"


async def test_keys_of_different_operators_are_different(world: World) -> None:
    first = await world.start(Commit(), key="k")
    await world.settled(first.id)
    second = await world.services.operations.start(OPERATOR, "sbc", Commit(), key="k")
    assert second.id != first.id


REFUSED = [
    (Drain(Within(-1)), "sbc", InvalidValue),
    (Drain(Within(float("inf"))), "sbc", InvalidValue),
    (Drain(Within(float("nan"))), "sbc", InvalidValue),
    (Restart(Within(1e9)), "sbc", InvalidValue),
    (Configure(Tables(interface=(Interface(0, "a", "nowhere", 5060),))), "sbc", InvalidConfiguration),
    (Configure(Tables(peer=(Peer(0, "a"), Peer(0, "b")))), "sbc", InvalidConfiguration),
    (Configure(Tables(), expected="another"), "sbc", ConfigurationChanged),
    (Drain(), "nobody", NoSuchElement),
]


@pytest.mark.parametrize(("command", "element", "refusal"), REFUSED)
async def test_what_is_refused_changes_nothing(world: World, command, element: str, refusal: type[Refusal]) -> None:
    before = await everything(world)
    with pytest.raises(refusal):
        await world.start(command, on=element)
    assert await everything(world) == before


async def test_a_monitor_may_look_and_not_touch(world: World) -> None:
    operations = world.services.operations
    world.sbc.call(seconds=100)
    running = await world.start(Drain(UntilIdle()))
    before = await everything(world)
    for asking in (
        operations.start(WATCHER, "sbc", Commit()),
        operations.cancel(WATCHER, running.id),
        operations.force(WATCHER, running.id),
        operations.extend(WATCHER, running.id, 5),
        operations.retry(WATCHER, running.id),
        world.services.traffic.end_calls(WATCHER, "sbc", None),
        world.services.roster.remove(WATCHER, "sbc"),
    ):
        with pytest.raises(NotPermitted):
            await asking
    assert await everything(world) == before
    assert (await operations.find(running.id)).id == running.id


async def test_what_is_asked_of_a_settled_operation_is_refused(world: World) -> None:
    operations = world.services.operations
    settled = await world.done(Commit())
    for asking in (operations.cancel, operations.force):
        with pytest.raises(OperationSettled):
            await asking(ADMIN, settled.id)
    with pytest.raises(OperationSettled):
        await operations.extend(ADMIN, settled.id, 10)
    with pytest.raises(NoSuchOperation):
        await operations.cancel(ADMIN, "nothing")


async def test_a_failed_operation_can_be_tried_again_and_says_of_which_it_is_the_repeat(world: World) -> None:
    world.sbc.call(seconds=1000)
    running = await world.start(Drain(UntilIdle()))
    with pytest.raises(OperationUnsettled):
        await world.services.operations.retry(ADMIN, running.id)
    await world.clock.advance(2)
    await world.services.operations.cancel(ADMIN, running.id)
    await world.settled(running.id)
    again = await world.services.operations.retry(ADMIN, running.id)
    assert (again.retry_of, again.command) == (running.id, running.command)
    assert (await world.settled(again.id)).state is OperationState.SUCCEEDED


async def test_a_repeat_is_judged_like_the_first_time(world_on: WorldOn) -> None:
    async with world_on(elements=(element(), element("other"))) as world:
        retry, tables = world.services.operations.retry, TABLES
        moved = await world.done(Configure(replace(tables, route=()), world.status.running_digest))
        over = await world.done(TakeOver(), on="other")
        await world.services.roster.remove(ADMIN, "other")
        other = Element(name="other", kind="sbc", driver="simulated", options={"lacks": "takeover"})
        await world.services.roster.add(ADMIN, other, tables)
        before = await everything(world)
        with pytest.raises(ConfigurationChanged):
            await retry(ADMIN, moved.id)
        with pytest.raises(NotSupported):
            await retry(ADMIN, over.id)
        assert await everything(world) == before


async def test_a_hand_over_needs_an_engine_that_can(world_on: WorldOn) -> None:
    async with world_on(elements=(element(lacks="takeover"),)) as world:
        with pytest.raises(Refusal, match="lacks takeover"):
            await world.start(TakeOver())


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_a_drain_outlives_the_server_and_its_deadline_does_not_move(world_on: WorldOn, database: str) -> None:
    async with world_on(database) as world:
        world.sbc.call(seconds=1000)
        operation = await world.start(Drain(Within(60)))
        await world.clock.advance(20)
        await world.crash()
        await world.clock.advance(20)
        await world.reopen()
        settled = await world.settled(operation.id)
        assert settled.state is OperationState.SUCCEEDED
        assert world.clock.now() - settled.created_at == pytest.approx(60, abs=5)
        assert world.sbc.counter("ended_by_us") == 1
        assert settled.steps[0].started_at == pytest.approx(operation.created_at, abs=1)


async def test_an_element_stays_locked_over_a_crash(world: World) -> None:
    await world.done(Drain(UntilIdle()))
    await world.crash()
    world.sbc.die()
    await world.reopen()
    assert world.sbc.running
    assert not world.sbc.admitting


async def test_every_write_is_in_the_audit_trail(world: World) -> None:
    await world.done(Drain(UntilIdle()))
    running = await world.start(Restart(UntilIdle()))
    await world.services.operations.extend(ADMIN, running.id, 5)
    await world.settled(running.id)
    world.sbc.call(seconds=1000)
    await world.services.traffic.end_calls(ADMIN, "sbc", None)
    entries = await world.services.audit.since(0, limit=100)
    assert [entry.record.action for entry in entries] == [
        "element.add",
        "operation.start",
        "operation.start",
        "operation.request",
        "calls.end",
    ]
    assert entries[1].record.before["administrative"] == "unlocked"
    assert await world.services.audit.verify() == (5, None)


async def test_operations_are_paged_newest_first(world: World) -> None:
    ids = [(await world.done(Commit())).id for _ in range(5)]
    first = await world.services.operations.page(OperationQuery(limit=2))
    rest = await world.services.operations.page(OperationQuery(limit=10, before=first[-1].id))
    assert [operation.id for operation in (*first, *rest)] == list(reversed(ids))
    for limit in (0, 1001):
        with pytest.raises(InvalidValue):
            await world.services.operations.page(OperationQuery(limit=limit))


async def test_old_operations_are_forgotten_and_running_ones_never(world_on: WorldOn) -> None:
    async with world_on(keep_operations=100.0, duties=False) as world:
        await world.done(Commit())
        world.sbc.call(seconds=1e6)
        running = await world.start(Drain(UntilIdle()))
        await world.clock.advance(1000)
        await world.house.expiry.round()
        left = await world.services.operations.page(OperationQuery())
        assert [operation.id for operation in left] == [running.id]
