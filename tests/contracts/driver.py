"""What every driver must do: the promises of `ports/driver.py`, as checks that any harness can run.

A test module of a driver supplies a harness and one test that is parametrised with `CHECKS`.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

import anyio
import pytest
from msgspec.structs import replace

from busyout.domain.configuration.tables import Interface, Route, Tables, digest
from busyout.domain.engine import Capability, EngineEvent, EngineSetup
from busyout.domain.errors import EngineGone, InvalidConfiguration, NoSuchCall, NoSuchTrunk, NotSupported
from busyout.domain.traffic import Load
from busyout.ports.driver import Driver


@dataclass(frozen=True, slots=True)
class Answer:
    """What a caller was told."""

    status: int
    """SIP status."""
    retry_after: int | None
    """Seconds; None where the answer has no Retry-After."""


class Harness(Protocol):
    """One engine, stopped at first, and the parties that make calls through it."""

    tables: Tables
    """Leads every call to trunk set `first` (one trunk, index 0, kept alive); `second` (trunk 1) is there too."""

    def make(self) -> Driver:
        """A new driver of the engine; every one made is of the same engine."""

    async def place(self) -> str:
        """Make a call that is answered at once and stays up; its id."""

    async def ring(self) -> str:
        """Make a call that rings until `pick_up`; its id."""

    async def pick_up(self, call: str) -> bool:
        """Answer a call that rings; whether its caller learnt of it."""

    async def hang_up(self, call: str) -> bool:
        """Let the caller end a call; whether both sides saw it end properly."""

    async def offer(self) -> Answer:
        """Offer a call and end it at once where it is answered."""

    async def both_told(self, call: str) -> bool:
        """Whether both parties were told that the engine ended the call: BYE, or CANCEL and an error while it rang."""

    async def trunk_answers(self, answers: bool) -> None:
        """Let the far end of trunk `first/0` answer from now on, or not."""

    async def kill(self) -> None:
        """End the engine's process as a crash does."""

    async def wait(self, condition: Callable[[], Awaitable[bool]]) -> None:
        """Wait until the condition holds; fail after a few seconds."""


def setup_of(harness: Harness, *, admitting: bool = True, retry_after: int = 7) -> EngineSetup:
    """What the engine is started with."""
    return EngineSetup(harness.tables, admitting, retry_after)


async def started(harness: Harness) -> Driver:
    """A driver whose engine runs and admits calls."""
    driver = harness.make()
    await driver.start(setup_of(harness))
    return driver


async def wait_quiet(harness: Harness, driver: Driver) -> None:
    """Wait until nothing is in progress."""

    async def quiet() -> bool:
        return (await driver.load()).quiet

    await harness.wait(quiet)


async def wait_trunk(harness: Harness, driver: Driver, operational: str) -> None:
    """Wait until trunk `first/0` is in that state."""

    async def there() -> bool:
        return {trunk.id: trunk.operational for trunk in await driver.trunks()}["first/0"] == operational

    await harness.wait(there)


@dataclass(slots=True)
class Heard:
    """What a listener has heard so far."""

    events: list[EngineEvent] = field(default_factory=list)
    over: bool = False
    """Whether the stream has ended by itself."""


@asynccontextmanager
async def listening(harness: Harness, driver: Driver) -> AsyncIterator[Heard]:
    """Collect the engine's events from now on."""
    heard = Heard()

    async def collect() -> None:
        async for event in driver.events():
            heard.events.append(event)
        heard.over = True

    async def begun() -> bool:
        await driver.admit(False, retry_after=1)
        await driver.admit(True, retry_after=1)
        return any(event.kind == "admission" for event in heard.events)

    async with anyio.create_task_group() as group:
        group.start_soon(collect)
        await harness.wait(begun)
        yield heard
        group.cancel_scope.cancel()


async def an_engine_that_was_never_started_is_gone(harness: Harness) -> None:
    driver = harness.make()
    for ask in (
        driver.info,
        driver.load,
        driver.calls,
        driver.counters,
        driver.trunks,
        lambda: driver.admit(True, retry_after=1),
        lambda: driver.end(None),
        lambda: driver.apply(harness.tables),
        lambda: driver.set_trunk("first/0", enabled=True),
    ):
        with pytest.raises(EngineGone):
            await ask()
    assert await driver.stop() is None


async def start_tells_who_answers(harness: Harness) -> None:
    driver = harness.make()
    info = await driver.start(setup_of(harness))
    assert info.name
    assert info.version
    assert info.admitting
    assert info.digest == digest(harness.tables)
    assert await driver.info() == info


async def a_second_start_attaches_and_changes_nothing(harness: Harness) -> None:
    driver = await started(harness)
    before = await driver.info()
    other = EngineSetup(replace(harness.tables, route=()), admitting=False, retry_after=99)
    assert await driver.start(other) == before
    assert await driver.info() == before


async def a_new_driver_finds_the_engine_as_it_was(harness: Harness) -> None:
    driver = await started(harness)
    call = await harness.place()
    before = await driver.info()
    await driver.close()
    again = harness.make()
    assert await again.info() == before
    assert await again.start(setup_of(harness)) == before
    assert [up.id for up in await again.calls()] == [call]


async def a_start_with_wrong_tables_starts_nothing(harness: Harness) -> None:
    driver = harness.make()
    wrong = replace(harness.tables, route=(Route(index=0, name="astray", peer="nobody"),))
    with pytest.raises(InvalidConfiguration):
        await driver.start(EngineSetup(wrong, admitting=True, retry_after=1))
    with pytest.raises(EngineGone):
        await driver.info()


async def an_engine_can_start_closed(harness: Harness) -> None:
    driver = harness.make()
    info = await driver.start(setup_of(harness, admitting=False, retry_after=13))
    assert not info.admitting
    assert await harness.offer() == Answer(503, 13)


async def the_first_call_after_admit_sees_the_new_state(harness: Harness) -> None:
    driver = await started(harness)
    for turn in range(10):
        await driver.admit(False, retry_after=5 + turn)
        assert await harness.offer() == Answer(503, 5 + turn)
        await driver.admit(True, retry_after=5)
        assert (await harness.offer()).status == 200


async def admit_twice_is_admit_once(harness: Harness) -> None:
    driver = await started(harness)
    for _ in range(2):
        await driver.admit(False, retry_after=9)
        assert not (await driver.info()).admitting
    assert await harness.offer() == Answer(503, 9)
    for _ in range(2):
        await driver.admit(True, retry_after=9)
        assert (await driver.info()).admitting
    assert (await harness.offer()).status == 200


async def calls_in_progress_outlast_a_closed_admission(harness: Harness) -> None:
    driver = await started(harness)
    call = await harness.place()
    await driver.admit(False, retry_after=1)
    assert (await harness.offer()).status == 503
    assert (await driver.load()).calls == 1
    assert await harness.hang_up(call)
    await wait_quiet(harness, driver)


async def load_counts_the_calls(harness: Harness) -> None:
    driver = await started(harness)
    assert (await driver.load()).quiet
    calls = [await harness.place() for _ in range(3)]
    load = await driver.load()
    assert (load.calls, load.setups) == (3, 0)
    assert not load.quiet
    for left, call in zip((2, 1, 0), calls, strict=True):
        assert await harness.hang_up(call)

        async def fewer(left: int = left) -> bool:
            return (await driver.load()).calls == left

        await harness.wait(fewer)
    await wait_quiet(harness, driver)


async def a_ringing_call_is_in_progress_and_outlasts_a_closed_admission(harness: Harness) -> None:
    driver = await started(harness)
    call = await harness.ring()
    load = await driver.load()
    assert (load.calls, load.setups) == (0, 1)
    assert load.transactions is None or load.transactions >= 1
    assert [(up.id, up.state) for up in await driver.calls()] == [(call, "setup")]
    await driver.admit(False, retry_after=1)
    assert not (await driver.load()).quiet
    assert await harness.pick_up(call)
    load = await driver.load()
    assert (load.calls, load.setups) == (1, 0)
    assert await harness.hang_up(call)
    await wait_quiet(harness, driver)


async def a_ringing_call_is_ended_too(harness: Harness) -> None:
    driver = await started(harness)
    call = await harness.ring()
    ended = await driver.end(None)
    assert (ended.asked, ended.ended, ended.failed) == (1, 1, 0)
    assert await harness.both_told(call)
    await wait_quiet(harness, driver)


async def calls_come_in_pages_oldest_first(harness: Harness) -> None:
    driver = await started(harness)
    placed = [await harness.place() for _ in range(5)]
    calls = await driver.calls()
    assert [call.id for call in calls] == placed
    assert [call.since for call in calls] == sorted(call.since for call in calls)
    assert {call.state for call in calls} == {"established"}
    assert {call.trunk for call in calls} == {"first"}
    assert all(call.caller and call.callee for call in calls)
    paged, after = [], None
    while page := await driver.calls(limit=2, after=after):
        assert len(page) <= 2
        paged.extend(page)
        after = page[-1].id
    assert tuple(paged) == calls


async def one_call_is_ended_and_the_others_stay(harness: Harness) -> None:
    driver = await started(harness)
    unlucky, lucky = await harness.place(), await harness.place()
    ended = await driver.end([unlucky])
    assert (ended.asked, ended.ended, ended.failed) == (1, 1, 0)
    assert await harness.both_told(unlucky)

    async def one_left() -> bool:
        return await driver.load() == Load(1, 0, 0, capacity=(await driver.load()).capacity)

    await harness.wait(one_left)
    assert [call.id for call in await driver.calls()] == [lucky]
    assert await harness.hang_up(lucky)


async def a_call_that_is_not_there_cannot_be_ended(harness: Harness) -> None:
    driver = await started(harness)
    call = await harness.place()
    with pytest.raises(NoSuchCall):
        await driver.end(["no such call"])
    several = await driver.end(["no such call", "nor this one"])
    assert several.ended == 0
    assert await harness.hang_up(call)
    await wait_quiet(harness, driver)
    with pytest.raises(NoSuchCall):
        await driver.end([call])


async def all_calls_are_ended_at_once(harness: Harness) -> None:
    driver = await started(harness)
    calls = [await harness.place() for _ in range(4)]
    ended = await driver.end(None)
    assert (ended.asked, ended.ended, ended.failed) == (4, 4, 0)
    for call in calls:
        assert await harness.both_told(call)
    await wait_quiet(harness, driver)
    assert (await driver.end(None)).ended == 0


async def counters_only_grow(harness: Harness) -> None:
    driver = await started(harness)
    before = await driver.counters()
    assert before.epoch == (await driver.info()).epoch
    kept, ended = await harness.place(), await harness.place()
    await driver.end([ended])
    await harness.hang_up(kept)
    await wait_quiet(harness, driver)
    await driver.admit(False, retry_after=1)
    await harness.offer()
    after = await driver.counters()
    assert after.epoch == before.epoch
    assert after.taken_at >= before.taken_at
    grown = {name: after.values[name] - before.values[name] for name in before.values}
    assert all(growth >= 0 for growth in grown.values())
    for name, growth in {
        "offered": 3,
        "admitted": 2,
        "answered": 2,
        "refused_draining": 1,
        "completed": 1,
        "ended_by_us": 1,
    }.items():
        assert grown[name] == growth, name


async def a_dry_run_changes_nothing(harness: Harness) -> None:
    driver = await started(harness)
    applied = await driver.apply(to_second(harness.tables), dry_run=True)
    assert "route" in applied.live
    assert (await driver.info()).digest == digest(harness.tables)


async def apply_moves_new_calls_and_keeps_old_ones(harness: Harness) -> None:
    driver = await started(harness)
    old = await harness.place()
    for _ in range(2):
        applied = await driver.apply(to_second(harness.tables))
        assert applied.needs_restart == ()
        assert (await driver.info()).digest == digest(to_second(harness.tables))
    new = await harness.place()
    assert {call.id: call.trunk for call in await driver.calls()} == {old: "first", new: "second"}
    assert await harness.hang_up(old)
    assert await harness.hang_up(new)


async def apply_is_all_or_nothing(harness: Harness) -> None:
    driver = await started(harness)
    wrong = replace(to_second(harness.tables), peer=())
    for dry_run in (True, False):
        with pytest.raises(InvalidConfiguration):
            await driver.apply(wrong, dry_run=dry_run)
        assert (await driver.info()).digest == digest(harness.tables)
    call = await harness.place()
    assert [up.trunk for up in await driver.calls()] == ["first"]
    assert await harness.hang_up(call)


async def a_changed_interface_waits_for_the_next_start(harness: Harness) -> None:
    driver = await started(harness)
    more = Interface(index=7, name="other", address="127.0.0.1", port=1)
    changed = replace(harness.tables, interface=(*harness.tables.interface, more))
    applied = await driver.apply(changed)
    assert applied.needs_restart == ("interface",)
    assert "interface" not in applied.live
    assert (await harness.offer()).status == 200


async def trunks_are_told_and_switched(harness: Harness) -> None:
    driver = await started(harness)
    await wait_trunk(harness, driver, "up")
    trunks = {trunk.id: trunk for trunk in await driver.trunks()}
    assert sorted(trunks) == ["first/0", "second/1"]
    assert all(trunk.enabled and trunk.uri.startswith("sip:") for trunk in trunks.values())
    for _ in range(2):
        await driver.set_trunk("first/0", enabled=False)
        assert [trunk.enabled for trunk in await driver.trunks()] == [False, True]
    assert (await harness.offer()).status >= 400
    await driver.set_trunk("first/0", enabled=True)
    assert (await harness.offer()).status == 200
    with pytest.raises(NoSuchTrunk):
        await driver.set_trunk("first/9", enabled=False)


async def a_trunk_that_stops_answering_is_seen_and_told(harness: Harness) -> None:
    driver = await started(harness)
    await wait_trunk(harness, driver, "up")
    async with listening(harness, driver) as heard:
        for answers, state in ((False, "down"), (True, "up")):
            await harness.trunk_answers(answers)
            await wait_trunk(harness, driver, state)
            kind = f"trunk-{state}"

            async def told(kind: str = kind) -> bool:
                return [event.subject for event in heard.events if event.kind == kind] == ["first/0"]

            await harness.wait(told)


async def begin_and_end_of_calls_are_told(harness: Harness) -> None:
    driver = await started(harness)
    async with listening(harness, driver) as heard:
        call = await harness.place()
        assert await harness.hang_up(call)
        await wait_quiet(harness, driver)

        async def told() -> bool:
            kinds = [event.kind for event in heard.events if event.subject == call]
            return kinds == ["call-start", "call-end"]

        await harness.wait(told)


async def the_events_end_when_the_engine_ends(harness: Harness) -> None:
    driver = await started(harness)
    async with listening(harness, driver) as heard:

        async def over() -> bool:
            return heard.over

        assert not heard.over
        await driver.stop()
        await harness.wait(over)


async def a_stopped_engine_is_gone_and_starts_anew(harness: Harness) -> None:
    driver = await started(harness)
    before = await driver.info()
    await harness.offer()
    await wait_quiet(harness, driver)
    stopped = await driver.stop()
    assert stopped is not None
    assert stopped.pid == before.pid
    assert not stopped.killed
    with pytest.raises(EngineGone):
        await driver.info()
    assert await driver.stop() is None
    after = await driver.start(setup_of(harness))
    assert after.pid != before.pid
    assert after.epoch > before.epoch
    counters = await driver.counters()
    assert counters.epoch == after.epoch
    assert counters.values["offered"] == 0
    assert (await harness.offer()).status == 200


async def an_engine_that_crashed_is_gone_and_starts_anew(harness: Harness) -> None:
    driver = await started(harness)
    before = await driver.info()
    await harness.kill()

    async def gone() -> bool:
        try:
            await driver.info()
        except EngineGone:
            return True
        return False

    await harness.wait(gone)
    assert await driver.stop() is None
    assert (await driver.start(setup_of(harness))).pid != before.pid
    assert (await harness.offer()).status == 200


async def a_restart_lets_calls_go_on_where_the_engine_can(harness: Harness) -> None:
    driver = await started(harness)
    if Capability.SURVIVES_RESTART not in driver.capabilities:
        return
    call = await harness.place()
    await driver.stop()
    await driver.start(setup_of(harness))
    assert await harness.hang_up(call)


async def a_take_over_keeps_calls_and_counts(harness: Harness) -> None:
    driver = await started(harness)
    if Capability.TAKEOVER not in driver.capabilities:
        with pytest.raises(NotSupported):
            await driver.take_over(setup_of(harness))
        return
    placed = [await harness.place() for _ in range(3)]
    before, counted = await driver.info(), await driver.counters()
    after = await driver.take_over(setup_of(harness))
    assert after.pid != before.pid
    assert await driver.info() == after
    assert [call.id for call in await driver.calls()] == placed
    assert (await driver.load()).calls == 3
    now = await driver.counters()
    assert all(now.values[name] >= value for name, value in counted.values.items())
    for call in placed:
        assert await harness.hang_up(call)
    await wait_quiet(harness, driver)
    assert (await harness.offer()).status == 200


async def a_take_over_can_stay_closed(harness: Harness) -> None:
    driver = await started(harness)
    if Capability.TAKEOVER not in driver.capabilities:
        return
    await driver.admit(False, retry_after=4)
    info = await driver.take_over(setup_of(harness, admitting=False, retry_after=4))
    assert not info.admitting
    assert await harness.offer() == Answer(503, 4)


def to_second(tables: Tables) -> Tables:
    """The same tables with every call led to trunk set `second`."""
    return replace(tables, route=tuple(replace(route, peer="second") for route in tables.route))


CHECKS: tuple[Callable[[Harness], Awaitable[None]], ...] = (
    an_engine_that_was_never_started_is_gone,
    start_tells_who_answers,
    a_second_start_attaches_and_changes_nothing,
    a_new_driver_finds_the_engine_as_it_was,
    a_start_with_wrong_tables_starts_nothing,
    an_engine_can_start_closed,
    the_first_call_after_admit_sees_the_new_state,
    admit_twice_is_admit_once,
    calls_in_progress_outlast_a_closed_admission,
    load_counts_the_calls,
    a_ringing_call_is_in_progress_and_outlasts_a_closed_admission,
    a_ringing_call_is_ended_too,
    calls_come_in_pages_oldest_first,
    one_call_is_ended_and_the_others_stay,
    a_call_that_is_not_there_cannot_be_ended,
    all_calls_are_ended_at_once,
    counters_only_grow,
    a_dry_run_changes_nothing,
    apply_moves_new_calls_and_keeps_old_ones,
    apply_is_all_or_nothing,
    a_changed_interface_waits_for_the_next_start,
    trunks_are_told_and_switched,
    a_trunk_that_stops_answering_is_seen_and_told,
    begin_and_end_of_calls_are_told,
    the_events_end_when_the_engine_ends,
    a_stopped_engine_is_gone_and_starts_anew,
    an_engine_that_crashed_is_gone_and_starts_anew,
    a_restart_lets_calls_go_on_where_the_engine_can,
    a_take_over_keeps_calls_and_counts,
    a_take_over_can_stay_closed,
)
