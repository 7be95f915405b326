"""Checks of the driver contract: configuration, trunks, events."""

import pytest
from msgspec.structs import replace
from tests.contracts.driver_harness import Harness, listening, started, wait_quiet, wait_trunk

from busyout.domain.configuration.tables import Interface, Tables, digest
from busyout.domain.errors import InvalidConfiguration, NoSuchTrunk


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


def to_second(tables: Tables) -> Tables:
    """The same tables with every call led to trunk set `second`."""
    return replace(tables, route=tuple(replace(route, peer="second") for route in tables.route))
