"""The server is killed while what is left of a large customer is removed: the rest goes after the next start."""

from pathlib import Path

import pytest
from tests.live.api import Api
from tests.live.server import Server, context_on, until
from tests.store.direct import ask, count

pytestmark = pytest.mark.anyio

SERVICES, STATES = 200, 100
"""Of the customer, and of each of these: many units of work."""

NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {})"

FILL = (
    NUMBERS.format(SERVICES) + " INSERT INTO courses (subject, customer, type, started_at, started) "
    "SELECT 'service', '{}', '1', n, '{{}}' FROM numbers",
    NUMBERS.format(STATES) + " INSERT INTO courses (subject, service, type, started_at, started) "
    "SELECT 'state', courses.id, '1', n, '{{}}' FROM numbers, courses WHERE courses.customer = '{}'",
)


async def large_customer(api: Api, store: str) -> str:
    """A customer with services."""
    customer = str((await api.ask("POST", "/profiles", {"FirstName": "Ann"}, status=201))["customer_id"])
    for statement in FILL:
        ask(store, statement.format(customer))
    return customer


async def service_of_another(api: Api) -> int:
    """A service of a customer who stays."""
    customer = (await api.ask("POST", "/profiles", {"FirstName": "Ben"}, status=201))["customer_id"]
    body = {"customer_id": customer, "service_type": 1}
    return int((await api.ask("POST", "/services/start", body, status=201))["service_id"])


async def killed_at(api: Api, store: str, customer: str, left: int) -> None:
    """Delete a customer, and kill the server once no more than so much is left."""
    await api.ask("DELETE", f"/profiles/{customer}")

    async def far_enough() -> bool:
        return count(store, "courses") <= left

    await until(far_enough, every=0.005)
    await api.server.kill()
    assert count(store, "courses") > 1, "it was killed too late"


@pytest.mark.parametrize("store", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("left", [SERVICES * STATES, SERVICES * STATES // 2])
async def test_a_large_customer_who_is_gone_is_removed_after_the_next_start(
    store: str, tmp_path: Path, left: int
) -> None:
    server = Server(tmp_path, context_on(store))
    async with Api.of(server) as api:
        try:
            await server.start()
            kept, customer = await service_of_another(api), await large_customer(api, store)
            ((service,),) = ask(store, f"SELECT min(id) FROM courses WHERE customer = '{customer}'")
            await killed_at(api, store, customer, left)
            await server.start()
            for path in (f"/profiles/{customer}", f"/customers/{customer}/services", f"/services/{service}"):
                await api.ask("GET", path, status=404)

            async def all_gone() -> bool:
                return count(store, "courses") == 1 and count(store, "gone_customers") == 0

            await until(all_gone)
            assert ask(store, "SELECT id FROM courses") == [(kept,)]
        finally:
            await server.stop()
            print(server.last_lines())
