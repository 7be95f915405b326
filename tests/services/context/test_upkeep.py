"""Services are purged by an operation, and exported to files that are whole or not there."""

import asyncio
import csv
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.clock import REAL_PATIENCE
from tests.inline_operations import InlineOperations
from tests.services.context.desk import Desk
from tests.store.direct import ask
from tests.world import ADMIN, OPERATOR, WATCHER, Plan, World

from busyout.domain.commands import PurgeServices
from busyout.domain.context.course import MAX_TOLD
from busyout.domain.context.query import ServiceQuery
from busyout.domain.context.upkeep import Activity, ExportRequest, Purge
from busyout.domain.errors import InvalidValue, NotPermitted, NotStored
from busyout.domain.mode import Mode, RequestClass
from busyout.domain.operation import Operation, OperationState, Transfer
from busyout.faces.ucs.translate.exports import Csv, Json
from busyout.faces.ucs.translate.telling import told
from busyout.ports.operations import Advance
from busyout.services.activities.context.purge_services import BATCH
from busyout.services.context.exporting import Notation
from busyout.settings import ContextSettings, ElementSettings

pytestmark = pytest.mark.anyio

CONTEXT = ElementSettings(name="context", kind="context", driver="inside")
PHONE = "+41 44 100"
BEFORE = "2026-01-01T00:00:00.000Z"
OLD, NEW = "2025-12-31T23:59:59.999Z", BEFORE
ALL = PurgeServices(BEFORE, Purge.ALL)
JSON = Json()
YEAR = ExportRequest(time_from=1_735_689_600.0, time_to=1_798_761_600.0)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A server in production that exports to the directory `exports`, which is there."""
    (tmp_path / "exports").mkdir()
    context = ContextSettings(export_directory=tmp_path / "exports")
    url = f"sqlite:///{tmp_path}/busyout.db"
    async with World.opened(tmp_path, Plan(store_url=url, elements=(CONTEXT,), context=context)) as world:
        yield world


@pytest.fixture
def exports(world: World, tmp_path: Path) -> Path:
    return tmp_path / "exports"


async def start(world: World, timestamp: str = OLD, **more: Any) -> int:
    document = {"contact_key": PHONE, "service_type": "order", "timestamp": timestamp, **more}
    return await Desk(world).start_service(document)


async def left(world: World) -> list[int]:
    found = await Desk(world).of_contact(PHONE, ServiceQuery())
    return [one["service_id"] for one in found]


def progress(operation: Operation) -> Transfer:
    (transfer,) = operation.steps[0].transfers
    return transfer


async def test_a_purge_is_an_operation_that_tells_how_far_it_is(world: World) -> None:
    await start(world)
    new = await start(world, NEW)
    settled = await world.done(ALL, on="context")
    assert settled.state is OperationState.SUCCEEDED
    assert progress(settled) == Transfer("services", "success", 2, 2)
    assert settled.steps[0].notes == {"removed": 1}
    assert await left(world) == [new]


async def test_a_purge_is_waited_for_by_whoever_asks_for_it_on_a_face(world: World) -> None:
    old = await start(world)
    with world.services.gate.enter(RequestClass.DATA):
        await world.clock.finish(world.services.purging.purge(ADMIN, BEFORE, Purge.COMPLETED))
        assert await left(world) == [old]
        await world.clock.finish(world.services.purging.purge(WATCHER, BEFORE, Purge.STARTED_ANONYMOUS))
    assert await left(world) == []
    assert world.services.gate.busy == 0


async def test_a_purge_without_a_moment_is_refused(world: World) -> None:
    for before in ("", "yesterday", "10000-01-01T00:00:00Z", "x" * 1_000_000):
        with pytest.raises(InvalidValue, match="moment"):
            await world.start(PurgeServices(before, Purge.ALL), on="context")
    with pytest.raises(NotPermitted):
        await world.services.operations.start(WATCHER, "context", ALL)
    await world.services.operations.start(OPERATOR, "context", ALL)


async def test_a_purge_goes_on_after_the_server_has_died(world: World) -> None:
    several = [await start(world) for _ in range(BATCH + 20)]
    new = await start(world, NEW)
    operation = await world.start(ALL, on="context")

    async def some_are_gone() -> bool:
        return len(await left(world)) <= 21

    await world.clock.run_until(some_are_gone, within=1.0)
    await world.crash()
    await world.reopen()
    settled = await world.settled(operation.id)
    assert settled.state is OperationState.SUCCEEDED
    assert await left(world) == [new]
    assert len(several) == BATCH + 20


async def test_a_purge_stops_when_the_mode_leaves_production(world: World) -> None:
    old = await start(world)
    await world.clock.finish(world.services.modes.switch(ADMIN, Mode.MAINTENANCE))
    settled = await world.done(ALL, on="context")
    assert settled.state is OperationState.FAILED
    assert "maintenance" in (settled.reason or "")
    assert await left(world) == [old]


class Resting(InlineOperations):
    """A durable engine that does nothing yet."""

    async def open(self, advance: Advance) -> None:
        """Rest."""


async def test_a_request_that_waits_for_a_purge_holds_back_no_switch(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/busyout.db"
    plan = Plan(store_url=url, elements=(CONTEXT,), duties=False, durable=lambda url: Resting())
    async with World.opened(tmp_path, plan) as world:
        gate, begun = world.services.gate, asyncio.Event()

        async def request() -> None:
            with gate.enter(RequestClass.DATA):
                begun.set()
                await world.services.purging.purge(ADMIN, BEFORE, Purge.ALL)

        waiting = asyncio.create_task(request())
        await begun.wait()
        await asyncio.wait_for(gate.wait_empty(), REAL_PATIENCE)
        assert len(await world.services.operations.unsettled()) == 1
        waiting.cancel()
        await asyncio.wait({waiting})
        assert gate.busy == 0


async def exported(world: World, exports: Path, wanted: ExportRequest, notation: Notation = JSON) -> list[bytes]:
    names = await world.services.exporting.export_files(ADMIN, wanted, notation)
    assert sorted(path.name for path in exports.iterdir()) == sorted(names)
    return [(exports / name).read_bytes() for name in names]


async def furnished(world: World) -> int:
    number = await start(world, disposition=None)
    state = await Desk(world).start_state(number, {"state_type": 7, "timestamp": OLD})
    await Desk(world).start_task(number, {"task_type": "=1+1", "state_id": state})
    await start(world, "2024-01-01T00:00:00Z")
    return number


async def test_an_export_in_json_has_a_line_for_each(world: World, exports: Path) -> None:
    number = await furnished(world)
    services, states, tasks = await exported(world, exports, YEAR)
    (service,), (state,), (task,) = (
        [json.loads(line) for line in file.splitlines()] for file in (services, states, tasks)
    )
    assert service == {
        "service_id": number,
        "contact_key": PHONE,
        "service_type": "order",
        "started": {"timestamp": OLD},
    }
    assert (state["service_id"], state["state_type"]) == (number, 7)
    assert (task["service_id"], task["state_id"], task["task_type"]) == (number, state["state_id"], "=1+1")
    assert [told(one, alone=True) for one in await world.services.exporting.exported(YEAR)] == [service, state, task]


async def test_an_export_in_csv_opens_in_a_spreadsheet_that_calculates_nothing(world: World, exports: Path) -> None:
    number = await furnished(world)
    files = await exported(world, exports, YEAR, Csv())
    (service,), (_,), (task,) = (list(csv.DictReader(file.decode().splitlines())) for file in files)
    assert (service["service_id"], service["contact_key"]) == (str(number), f"'{PHONE}")
    assert json.loads(service["started"]) == {"timestamp": OLD}
    assert task["task_type"] == "'=1+1"


async def test_an_export_of_nothing_has_empty_files(world: World, exports: Path) -> None:
    await furnished(world)
    nothing = ExportRequest(YEAR.time_from, YEAR.time_to, activity=Activity.INACTIVE)
    assert await exported(world, exports, nothing) == [b"", b"", b""]


async def test_an_export_goes_over_many_pages(world: World, exports: Path) -> None:
    several = [await start(world) for _ in range(250)]
    services, _, _ = await exported(world, exports, YEAR)
    assert [json.loads(line)["service_id"] for line in services.splitlines()] == several


async def test_more_than_an_answer_can_have_is_refused(world: World, tmp_path: Path) -> None:
    rows = ", ".join(["('service', '+41', '1', 1767225600.0, '{}')"] * (MAX_TOLD + 1))
    columns = "subject, contact, type, started_at, started"
    ask(f"sqlite:///{tmp_path}/busyout.db", f"INSERT INTO courses ({columns}) VALUES {rows}")
    with pytest.raises(InvalidValue, match=str(MAX_TOLD)):
        await world.services.exporting.exported(YEAR)


async def test_files_that_are_there_already_stay_as_they_are(world: World, exports: Path) -> None:
    await furnished(world)
    names = await world.services.exporting.export_files(ADMIN, YEAR, JSON)
    (exports / names[0]).unlink()
    before = (exports / names[1]).read_bytes()
    with pytest.raises(NotStored, match="exist"):
        await world.services.exporting.export_files(ADMIN, YEAR, JSON)
    assert sorted(path.name for path in exports.iterdir()) == sorted(names[1:])
    assert (exports / names[1]).read_bytes() == before


async def test_a_directory_that_is_not_there_is_named(world: World, exports: Path) -> None:
    exports.rmdir()
    with pytest.raises(NotStored, match=f"{exports}: No such file"):
        await world.services.exporting.export_files(ADMIN, YEAR, JSON)


async def test_nothing_is_exported_to_files_where_no_directory_is_set(tmp_path: Path) -> None:
    plan = Plan(store_url=f"sqlite:///{tmp_path}/busyout.db", elements=(CONTEXT,))
    async with World.opened(tmp_path, plan) as world:
        with pytest.raises(InvalidValue, match=r"context\.export_directory"):
            await world.services.exporting.export_files(ADMIN, YEAR, JSON)
