"""Elements that live in the server: they carry no calls, and there is one of each kind."""

from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace
from tests.life import ADMIN
from tests.world import World, WorldOn, element

from busyout.domain.commands import Drain, Restart, SwitchMode
from busyout.domain.configuration.tables import Tables
from busyout.domain.drain import Within
from busyout.domain.element import Element
from busyout.domain.errors import InvalidValue, NotSupported
from busyout.domain.mode import Mode, RequestClass
from busyout.settings import ElementSettings

pytestmark = pytest.mark.anyio

CONTEXT = ElementSettings(name="context", kind="context", driver="inside")


@pytest.fixture
async def ucs(world_on: WorldOn) -> AsyncIterator[World]:
    async with world_on(elements=(element(), CONTEXT)) as world:
        yield world


@pytest.mark.parametrize("command", [Drain(), Restart()])
async def test_what_carries_no_calls_is_not_taken_out_of_service(ucs: World, command: Drain | Restart) -> None:
    with pytest.raises(NotSupported, match="carries no calls"):
        await ucs.start(command, on="context")
    await ucs.services.modes.switch(ADMIN, Mode.MAINTENANCE)


async def test_there_is_one_mode_and_so_one_element_that_has_it(ucs: World) -> None:
    second = Element(name="second", kind="context", driver="inside")
    with pytest.raises(InvalidValue, match="there can be only one"):
        await ucs.services.roster.add(ADMIN, second, Tables())
    assert set(ucs.services.inventory.names()) == {"sbc", "context"}
    await ucs.services.roster.remove(ADMIN, "context")
    await ucs.services.roster.add(ADMIN, replace(second, name="third"), Tables())


async def test_a_switch_is_never_forced_because_no_request_is_cut(ucs: World) -> None:
    with ucs.services.gate.enter(RequestClass.DATA):
        operation = await ucs.start(SwitchMode(Mode.MAINTENANCE, Within(60)), on="context")
        with pytest.raises(NotSupported, match="extended or cancelled"):
            await ucs.services.operations.force(ADMIN, operation.id)
        assert not (await ucs.services.operations.find(operation.id)).requests.force
    assert (await ucs.settled(operation.id)).state.value == "succeeded"
