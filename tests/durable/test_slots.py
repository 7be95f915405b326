"""One live server for each slot."""

import os
from pathlib import Path

import pytest

from busyout.domain.errors import StoreUnavailable
from busyout.durable import SlotTaken
from busyout.durable.postgres_slots import PostgresSlot
from busyout.durable.slots import FileSlot

pytestmark = pytest.mark.anyio


async def test_a_second_server_in_the_same_directory_is_told_which_process_is_there(tmp_path: Path) -> None:
    first, second = FileSlot(tmp_path / "operations.db"), FileSlot(tmp_path / "operations.db")
    await first.hold()
    with pytest.raises(SlotTaken, match=rf"process {os.getpid()}, works in {tmp_path}"):
        await second.hold()
    await first.release()
    await second.hold()
    await second.release()


async def test_servers_take_the_first_free_slots(postgres_url: str) -> None:
    slots = [PostgresSlot(postgres_url, number=None) for _ in range(3)]
    for slot in slots:
        await slot.hold()
    assert [slot.name for slot in slots] == ["slot-0", "slot-1", "slot-2"]
    await slots[1].release()
    await slots[1].hold()
    assert slots[1].name == "slot-1"
    for slot in slots:
        await slot.release()


async def test_live_servers_are_those_that_hold_a_slot(postgres_url: str, tmp_path: Path) -> None:
    slots = [PostgresSlot(postgres_url, number=None) for _ in range(2)]
    for slot in slots:
        await slot.hold()
    assert await slots[0].live() == {"slot-0", "slot-1"}
    await slots[1].release()
    assert (slots[0].held, slots[1].held) == (True, False)
    assert await slots[0].live() == {"slot-0"}
    await slots[0].release()
    with pytest.raises(StoreUnavailable):
        await slots[0].live()
    alone = FileSlot(tmp_path / "operations.db")
    assert await alone.live() == frozenset()
    await alone.hold()
    assert await alone.live() == {"slot-0"}
    await alone.release()


async def test_a_slot_asked_for_by_number_is_refused_while_another_server_has_it(postgres_url: str) -> None:
    first = PostgresSlot(postgres_url, number=7)
    await first.hold()
    with pytest.raises(SlotTaken):
        await PostgresSlot(postgres_url, number=7).hold()
    await first.release()


async def test_the_slot_of_a_live_server_cannot_be_taken_over_and_that_of_a_dead_one_can(postgres_url: str) -> None:
    seeker, other = PostgresSlot(postgres_url, number=None), PostgresSlot(postgres_url, number=None)
    await seeker.hold()
    await other.hold()
    assert not await seeker.try_other(other.name)
    assert not await seeker.try_other("a name that is no slot's")
    await other.release()
    assert await seeker.try_other("slot-1")
    with pytest.raises(SlotTaken):
        await PostgresSlot(postgres_url, number=1).hold()
    await seeker.let_go_other("slot-1")
    await other.hold()
    await other.release()
    await seeker.release()


async def test_a_database_that_does_not_answer_is_said_to_be_away() -> None:
    with pytest.raises(StoreUnavailable):
        await PostgresSlot("postgresql://nobody@127.0.0.1:1/none", number=None).hold()
