"""Extensions and identification keys as faces define and remove them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.world import ADMIN, WATCHER, Plan, World

from busyout.domain.commands import CreateKey, DeleteExtension
from busyout.domain.context.attribute import Attribute, AttributeType
from busyout.domain.context.errors import (
    DuplicateKeyValues,
    ExtensionInUse,
    ModeNotAllowed,
    NameTaken,
    NoSuchExtension,
    NoSuchKey,
)
from busyout.domain.context.schema import UNNUMBERED, Extension, IdentificationKey, Kind, Subject
from busyout.domain.errors import InvalidValue, OperationFailed
from busyout.domain.mode import Mode
from busyout.domain.operation import Operation, OperationState, Transfer
from busyout.domain.page import OperationQuery
from busyout.services.context.schemas import ContextSchemas
from busyout.settings import ContextSettings, ElementSettings

pytestmark = pytest.mark.anyio

CONTEXT = ElementSettings(name="context", kind="context", driver="inside")
NUMBER = Attribute("number", AttributeType.INTEGER)
BY_NAME = IdentificationKey(UNNUMBERED, "ByName", "profile", ("LASTNAME", "firstname"), unique=True)
CUSTOMERS, RECORDS = 9, 1000


def plan(home: Path, **context: object) -> Plan:
    settings = ContextSettings(**context)  # type: ignore[arg-type]
    return Plan(store_url=f"sqlite:///{home}/busyout.db", elements=(CONTEXT,), duties=False, context=settings)


def extension(name: str = "Orders", *, kind: Kind = Kind.MULTI_VALUED) -> Extension:
    return Extension(UNNUMBERED, Subject.PROFILE, name, kind, (NUMBER,))


def defined(world: World) -> ContextSchemas:
    return world.services.context_schemas


async def switched(world: World, mode: Mode) -> None:
    await world.clock.finish(world.services.modes.switch(ADMIN, mode))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A server in maintenance."""
    async with World.opened(tmp_path, plan(tmp_path)) as world:
        await switched(world, Mode.MAINTENANCE)
        yield world


async def with_records(world: World) -> Operation:
    """Give many customers many orders, and begin to delete the extension."""
    await defined(world).add_extension(ADMIN, extension())
    await switched(world, Mode.PRODUCTION)
    for _ in range(CUSTOMERS):
        orders = [{"number": number} for number in range(RECORDS)]
        await world.services.customers.create(ADMIN, {"LastName": "Doe", "Orders": orders})
    await switched(world, Mode.MAINTENANCE)
    return await world.start(DeleteExtension(Subject.PROFILE, "Orders"), on="context")


async def test_what_is_defined_is_there_at_once_and_after_a_restart(world: World) -> None:
    added = await defined(world).add_extension(WATCHER, extension())
    assert defined(world).schemas.extensions == (added,)
    key = await world.clock.finish(defined(world).add_key(WATCHER, BY_NAME))
    assert (key.source, key.attributes) == ("profile", ("LastName", "FirstName"))
    before = defined(world).schemas
    await world.crash()
    await world.reopen()
    assert defined(world).schemas == before


async def test_what_is_refused_is_not_there(world: World) -> None:
    schemas = defined(world)
    await schemas.add_extension(ADMIN, extension())
    before = schemas.schemas
    for wanted, error in (
        (extension("orders"), NameTaken),
        (extension("x" * 27), InvalidValue),
        (extension("FirstName"), InvalidValue),
    ):
        with pytest.raises(error):
            await schemas.add_extension(ADMIN, wanted)
    with pytest.raises(NoSuchExtension):
        await schemas.remove_extension(ADMIN, Subject.PROFILE, "Missing")
    with pytest.raises(NoSuchKey):
        await schemas.remove_key(ADMIN, "Missing")
    await schemas.refresh()
    assert schemas.schemas == before


async def test_production_refuses_changes_of_the_schema(world: World) -> None:
    await defined(world).add_extension(ADMIN, extension())
    await switched(world, Mode.PRODUCTION)
    with pytest.raises(ModeNotAllowed):
        await defined(world).add_extension(ADMIN, extension("More"))
    with pytest.raises(OperationFailed, match="production"):
        await world.clock.finish(defined(world).remove_extension(ADMIN, Subject.PROFILE, "Orders"))
    with pytest.raises(OperationFailed, match="production"):
        await world.clock.finish(defined(world).add_key(ADMIN, BY_NAME))
    assert len(defined(world).schemas.extensions) == 1
    assert defined(world).schemas.keys == ()


async def test_extensions_are_added_in_production_where_that_is_set(tmp_path: Path) -> None:
    async with World.opened(tmp_path, plan(tmp_path, schema_create_in_production=True)) as world:
        added = await defined(world).add_extension(ADMIN, extension())
        assert defined(world).schemas.extensions == (added,)
        with pytest.raises(OperationFailed):
            await world.clock.finish(defined(world).remove_extension(ADMIN, Subject.PROFILE, "Orders"))


async def test_an_extension_goes_with_its_records_and_leaves_everything_else(world: World) -> None:
    schemas = defined(world)
    await schemas.add_extension(ADMIN, extension())
    address = await schemas.add_extension(ADMIN, extension("Address", kind=Kind.SINGLE_VALUED))
    await switched(world, Mode.PRODUCTION)
    document = {"LastName": "Doe", "Orders": [{"number": 1}, {"number": 2}], "Address": {"number": 3}}
    customer = await world.services.customers.create(ADMIN, document)
    await switched(world, Mode.MAINTENANCE)
    await world.clock.finish(schemas.remove_extension(ADMIN, Subject.PROFILE, "orders"))
    assert schemas.schemas.extensions == (address,)
    (operation,) = await world.services.operations.page(OperationQuery(limit=1))
    assert operation.steps[0].transfers == (Transfer("records", "success", 2, 2),)
    again = await schemas.add_extension(ADMIN, extension())
    found = await world.store.customers.find(customer, (again, address))
    assert found.records == {address.id: ({"number": 3},)}


async def test_what_another_server_has_defined_is_known_before_data_is_let_in(world: World) -> None:
    entry = world.services.audit.entry(ADMIN, "extension.add", "profile/Orders")
    added = await world.store.context_schemas.add_extension(extension(), in_any_mode=False, audit=entry)
    assert defined(world).schemas.extensions == ()
    await switched(world, Mode.PRODUCTION)
    assert defined(world).schemas.extensions == (added,)


async def test_a_key_holds_its_extension_until_it_is_removed(world: World) -> None:
    schemas = defined(world)
    await schemas.add_extension(ADMIN, extension())
    await world.clock.finish(schemas.add_key(ADMIN, IdentificationKey(0, "ByOrder", "orders", ("number",))))
    with pytest.raises(ExtensionInUse, match="ByOrder"):
        await schemas.remove_extension(ADMIN, Subject.PROFILE, "Orders")
    await world.clock.finish(schemas.remove_key(ADMIN, "BYORDER"))
    await world.clock.finish(schemas.remove_extension(ADMIN, Subject.PROFILE, "Orders"))
    assert (schemas.schemas.keys, schemas.schemas.extensions) == ((), ())


async def test_a_unique_key_over_duplicates_is_refused_whole(world: World) -> None:
    await switched(world, Mode.PRODUCTION)
    for _ in range(2):
        await world.services.customers.create(ADMIN, {"LastName": "Doe", "FirstName": "Ann"})
    await switched(world, Mode.MAINTENANCE)
    with pytest.raises(DuplicateKeyValues):
        await world.clock.finish(defined(world).add_key(ADMIN, BY_NAME))
    assert defined(world).schemas.keys == ()
    plain = IdentificationKey(UNNUMBERED, "byname", "profile", ("LastName",))
    assert (await world.clock.finish(defined(world).add_key(ADMIN, plain))).name == "byname"


async def test_a_command_that_cannot_be_is_refused_before_anything_begins(world: World) -> None:
    for command in (
        DeleteExtension(Subject.PROFILE, "x" * 1_000_000),
        CreateKey("ByName", ()),
        CreateKey("ByName", ("LastName",) * 100_000),
        CreateKey("ByName", ("x" * 1_000_000,)),
        CreateKey("ByName", ("LastName",), source="x" * 1_000_000),
    ):
        with pytest.raises(InvalidValue):
            await world.start(command, on="context")
    settled = await world.done(CreateKey("ByName", ("Colour",)), on="context")
    assert (settled.state, settled.reason) == (OperationState.FAILED, '"Colour" is no attribute of profile')


async def test_a_deletion_tells_how_far_it_is_and_goes_on_after_a_crash(world: World) -> None:
    operation = await with_records(world)
    total = CUSTOMERS * RECORDS

    async def under_way() -> bool:
        transfers = (await world.services.operations.find(operation.id)).steps[0].transfers
        return bool(transfers) and 0 < (transfers[0].current or 0) < total

    async with asyncio.timeout(30):
        while not await under_way():
            await asyncio.sleep(0)
    assert defined(world).schemas.extensions == ()
    await world.crash()
    await world.reopen()
    left = await world.store.context_schemas.count_records(1)
    assert defined(world).schemas.extensions == ()
    await world.services.operations.sweep()
    async with asyncio.timeout(30):
        while not (told := (await world.services.operations.find(operation.id)).steps[0].transfers):
            await asyncio.sleep(0)
    assert (told[0].current or 0) >= total - left
    settled = await world.settled(operation.id)
    assert settled.state is OperationState.SUCCEEDED
    assert settled.steps[0].transfers == (Transfer("records", "success", total, total),)
    assert left < total
    assert await world.store.context_schemas.count_records(1) == 0
    assert await defined(world).add_extension(ADMIN, extension())
