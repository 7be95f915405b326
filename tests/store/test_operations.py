"""The life of an operation in the journal."""

import asyncio

import pytest
from msgspec.structs import replace
from tests.store.direct import count
from tests.store.making import RECORD, event, operation

from busyout.domain.commands import Command, Commit, Configure, Drain, Restart, Restore, TakeOver
from busyout.domain.configuration.tables import Opaque, Tables
from busyout.domain.drain import AtDeadline, Immediately, Within
from busyout.domain.errors import NoSuchOperation, OperationSettled
from busyout.domain.operation import OperationState, Progress, Requests, Step, StepState
from busyout.store import Store

pytestmark = pytest.mark.anyio

COMMANDS = (
    Drain(Within(30.5), AtDeadline.ABORT),
    Restart(Immediately(), AtDeadline.EXTEND, save=False),
    Restore(),
    Commit(),
    Configure(Tables(opaque=(Opaque(0, "LDAP", "a = 'b'\n\t\\\\ ö €"),)), expected="0" * 32),
    TakeOver(),
)

PROGRESS = Progress(3, 0, None, None, 12.25, None, 7, 0, ("a@b", "c@d"), 59.9, "3 calls to end")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
async def test_every_command_comes_back_as_it_was(store: Store, command: Command) -> None:
    claimed = replace(operation(command=command), retry_of="earlier")
    await store.operations.claim(claimed, key=None, audit=RECORD)
    assert await store.operations.find(claimed.id) == claimed


async def test_record_keeps_all_that_the_runner_wrote(store: Store) -> None:
    claimed = await store.operations.claim(operation(), key=None, audit=RECORD)
    steps = (
        Step("drain", StepState.DONE, 1.5, 2.5, None, PROGRESS, {"pid": 17, "nested": {"a": [1, 2.5, None]}}),
        Step("restart", StepState.FAILED, 2.5, 3.5, "it did not answer"),
    )
    running = replace(claimed, state=OperationState.UNDOING, steps=steps, started_at=1.5, reason="it did not answer")
    stored = await store.operations.record(running, (event(operation=claimed.id), event("operation.progress")))
    assert await store.operations.find(claimed.id) == running
    assert [happened.id for happened in stored] == [2, 3]
    assert await store.events.since(1, limit=10) == stored


async def test_record_leaves_what_operators_asked_alone(store: Store) -> None:
    claimed = await store.operations.claim(operation(), key=None, audit=RECORD)
    await store.operations.request(claimed.id, Requests(force=True, extended=60.0), audit=RECORD)
    await store.operations.record(replace(claimed, state=OperationState.RUNNING), ())
    assert (await store.operations.find(claimed.id)).requests == Requests(force=True, extended=60.0)


async def test_requests_add_up(store: Store, store_url: str) -> None:
    claimed = await store.operations.claim(operation(), key=None, audit=RECORD)
    await store.operations.request(claimed.id, Requests(extended=30.0), audit=RECORD)
    await store.operations.request(claimed.id, Requests(cancel=True), audit=RECORD)
    last = await store.operations.request(claimed.id, Requests(extended=15.5), audit=RECORD)
    assert last.requests == Requests(cancel=True, force=False, extended=45.5)
    assert await store.operations.find(claimed.id) == last
    assert count(store_url, "audit") == 4


async def test_no_request_is_lost_when_many_come_at_once(store: Store, second_store: Store) -> None:
    claimed = await store.operations.claim(operation(), key=None, audit=RECORD)
    running = replace(claimed, state=OperationState.RUNNING)
    asked = [
        chosen.operations.request(claimed.id, Requests(extended=1.0), audit=RECORD)
        for _ in range(10)
        for chosen in (store, second_store)
    ]
    written = [store.operations.record(running, ()) for _ in range(5)]
    await asyncio.gather(*asked, *written)
    found = await store.operations.find(claimed.id)
    assert (found.requests.extended, found.state) == (20.0, OperationState.RUNNING)


@pytest.mark.parametrize(
    "state", [OperationState.SUCCEEDED, OperationState.FAILED, OperationState.CANCELLED, OperationState.UNKNOWN]
)
async def test_a_settled_operation_is_final(store: Store, store_url: str, state: OperationState) -> None:
    claimed = await store.operations.claim(operation(), key=None, audit=RECORD)
    await store.operations.record(replace(claimed, state=state, settled_at=9.0), ())
    with pytest.raises(OperationSettled):
        await store.operations.request(claimed.id, Requests(cancel=True), audit=RECORD)
    with pytest.raises(OperationSettled):
        await store.operations.record(replace(claimed, state=OperationState.RUNNING), (event(),))
    found = await store.operations.find(claimed.id)
    assert (found.state, found.requests) == (state, Requests())
    assert (count(store_url, "audit"), await store.events.last_id()) == (1, 1)


async def test_an_unknown_operation_is_refused_everywhere(store: Store, store_url: str) -> None:
    with pytest.raises(NoSuchOperation):
        await store.operations.find("none")
    with pytest.raises(NoSuchOperation):
        await store.operations.request("none", Requests(cancel=True), audit=RECORD)
    with pytest.raises(NoSuchOperation):
        await store.operations.record(operation(id="none"), (event(),))
    assert (count(store_url, "audit"), count(store_url, "events")) == (0, 0)


async def test_text_with_a_nul_does_not_stop_an_operation(store: Store) -> None:
    claimed = await store.operations.claim(operation(), key=None, audit=replace(RECORD, subject="a\0b"))
    failed = Step("drain", StepState.FAILED, 1.0, 2.0, "it said \0", None, {"said": "\0 and \\u0000"})
    wrong = replace(claimed, state=OperationState.UNDOING, steps=(failed,), reason="it said \0")
    await store.operations.record(wrong, ())
    found = await store.operations.find(claimed.id)
    assert found.reason == found.steps[0].reason == "it said \ufffd"
    assert found.steps[0].notes == {"said": "\ufffd and \\u0000"}
    (entry,) = await store.audit.since(0, limit=1)
    assert entry.record.subject == "a\0b"
