"""A name that is missing in a DELETE is not everything."""

import pytest
from tests.world import World

pytestmark = pytest.mark.anyio


async def test_a_delete_of_a_call_without_its_id_ends_no_call(world: World) -> None:
    world.sbc.call(seconds=1000)
    world.sbc.call(seconds=1000)
    answer = await world.client.delete("/v1/elements/sbc/calls/")
    assert answer.status == 404
    assert len(world.sbc.calls) == 2
    answer = await world.client.delete("/v1/elements/sbc/")
    assert answer.status == 404
    assert (await world.client.get("/v1/elements/sbc/")).status == 200
