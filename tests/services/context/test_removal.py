"""What is left of large customers and services: a duty removes it, and a purge has not settled before it is gone."""

from collections.abc import AsyncIterator

import pytest
from tests.services.context.desk import Desk
from tests.services.context.estate import estate, switched
from tests.store.direct import ask, count
from tests.world import ADMIN, World, WorldOn

from busyout.domain.commands import PurgeServices
from busyout.domain.context.upkeep import Purge
from busyout.domain.mode import Mode
from busyout.domain.operation import OperationState
from busyout.store.tables.context.course_removal import ROOM

pytestmark = pytest.mark.anyio

EVERYTHING = PurgeServices("2100-01-01T00:00:00.000Z", Purge.ALL)


@pytest.fixture
async def world(world_on: WorldOn) -> AsyncIterator[World]:
    """A server in production that does nothing unasked."""
    async with estate(world_on, "sqlite") as world:
        yield world


@pytest.fixture
async def customer(world: World, store_file: str) -> str:
    """A customer with a service that has more states than one unit of work removes."""
    customer = await world.services.customers.create(ADMIN, {"LastName": "Byron"})
    service = await Desk(world).start_service({"customer_id": customer, "service_type": "order"})
    ask(
        f"sqlite:///{store_file}",
        f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {2 * ROOM}) "
        "INSERT INTO courses (subject, service, type, started_at, started) "
        f"SELECT 'state', {service}, '1', n, '{{}}' FROM numbers",
    )
    return customer


async def test_what_is_left_of_a_customer_goes_by_a_duty_in_whatever_mode(
    world: World, customer: str, store_file: str
) -> None:
    url = f"sqlite:///{store_file}"
    await world.services.customers.delete(ADMIN, customer)
    assert count(url, "courses") > ROOM
    await switched(world, Mode.MAINTENANCE)
    await world.house.clearance.round()
    assert [count(url, table) for table in ("courses", "gone_customers", "gone_services")] == [0, 0, 0]


async def test_a_purge_has_settled_when_nothing_is_left(world: World, customer: str, store_file: str) -> None:
    url = f"sqlite:///{store_file}"
    operation = await world.done(EVERYTHING, on="context")
    assert operation.state is OperationState.SUCCEEDED
    assert [count(url, table) for table in ("courses", "gone_services")] == [0, 0]
