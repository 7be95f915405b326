"""An evening with the context services, on a real server: schemas are changed in maintenance while clients work."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.live.server import CONTEXT, PASSWORD, Server, until
from tests.loops.ucs.client import UcsClient, UcsError

pytestmark = pytest.mark.anyio

SETTINGS = """
[context]
import_directory = "{imports}"
prefixes = ["", "/genesys/1/cs"]
"""

CONTRACTS = {
    "name": "Contracts",
    "type": "multi-valued",
    "attributes": [
        {"name": "Number", "type": "string", "length": "20", "mandatory": "true"},
        {"name": "Until", "type": "date"},
    ],
    "unique": ["Number"],
}

ROWS = 60_000
"""Of a file that takes a while to be taken in."""


@asynccontextmanager
async def running(home: Path) -> AsyncIterator[Server]:
    """A server that may import files."""
    (home / "imports").mkdir()
    server = Server(home, SETTINGS.format(imports=home / "imports") + CONTEXT)
    try:
        await server.start()
        yield server
    finally:
        await server.stop()
        print(server.last_lines())


@asynccontextmanager
async def client_of(server: Server, prefix: str = "") -> AsyncIterator[UcsClient]:
    """A client below that prefix."""
    headers = {"Authorization": aiohttp.encode_basic_auth("admin", PASSWORD)}
    async with aiohttp.ClientSession(headers=headers) as session:
        yield UcsClient(session, server.url + prefix)


@pytest.mark.parametrize("prefix", ["", "/genesys/1/cs"])
async def test_an_evening_goes_well(tmp_path: Path, prefix: str) -> None:
    async with running(tmp_path) as server, client_of(server, prefix) as client:
        await prepare(client)
        customer = await welcome(client)
        await serve(client, customer)
        await change_while_clients_work(client, customer)


async def prepare(client: UcsClient) -> None:
    """Extensions and keys, which production does not let in."""
    with pytest.raises(UcsError, match=r'503 ModeNotAllowed: .* "production" mode'):
        await client.ask("POST", "/metadata/profiles/extensions", CONTRACTS)
    await client.switch("maintenance")
    assert await client.ask("POST", "/metadata/profiles/extensions", CONTRACTS) == {"name": "Contracts"}
    note = {"name": "Note", "type": "single-valued", "attributes": [{"name": "Text", "type": "string"}]}
    for subject in ("services", "states", "tasks"):
        await client.ask("POST", f"/metadata/{subject}/extensions", note)
    for key in (
        {"name": "ByPhone", "attributes": ["PhoneNumber"]},
        {"name": "ByContract", "source": "Contracts", "attributes": ["Number"], "unique": True},
    ):
        assert await client.ask("POST", "/metadata/identification-keys", key) == {"name": key["name"]}
    with pytest.raises(UcsError, match=r'503 ModeNotAllowed: .* "maintenance" mode'):
        await client.ask("POST", "/profiles", {"LastName": "Byron"})
    await client.switch("production")


async def welcome(client: UcsClient) -> str:
    """A customer, found by both keys."""
    contracts = [{"Number": "A-1", "Until": "2027-12-31"}]
    made = await client.ask(
        "POST", "/profiles", {"LastName": "Byron", "PhoneNumber": ["1", "2"], "Contracts": contracts}
    )
    customer = str(made["customer_id"])
    assert await client.ask("GET", "/profiles?PhoneNumber=2") == [made]
    assert await client.ask("GET", "/profiles?Contracts.Number=A-1&extensions=Contracts") == [
        {**made, "Contracts": contracts}
    ]
    with pytest.raises(UcsError, match="403 Forbidden"):
        await client.ask("POST", "/profiles", {"LastName": "King", "Contracts": contracts})
    return customer


async def serve(client: UcsClient, customer: str) -> None:
    """A service with a state and a task, from its start to its end."""
    started = await client.ask("POST", "/services/start", {"customer_id": customer, "service_type": "order"})
    place = f"/services/{started['service_id']}"
    state = (await client.ask("POST", f"{place}/states/start", {"state_type": "asking"}))["state_id"]
    task = {"task_type": "call", "state_id": state, "Note": {"Text": "rings"}}
    number = (await client.ask("POST", f"{place}/tasks/start", task))["task_id"]
    await client.ask("POST", f"{place}/tasks/{number}/end", {"disposition": "answered"})
    move = {"from": {"state_id": state}, "to": {"state_type": "paying"}}
    paying = (await client.ask("POST", f"{place}/states/transition", move))["state_id"]
    await client.ask("POST", f"{place}/states/{paying}/end", {})
    await client.ask("POST", f"{place}/end", {"disposition": "sold"})
    [found] = await client.ask("GET", f"/customers/{customer}/services/completed?completed_states=true")
    assert [one["state_type"] for one in found["completed_states"]] == ["asking", "paying"]


async def change_while_clients_work(client: UcsClient, customer: str) -> None:
    """Into maintenance and back under load: what was acknowledged is there, what was refused is not."""
    over = asyncio.Event()
    works = [asyncio.create_task(work(client, number, over)) for number in range(8)]
    await until(lambda: found(client, "PhoneNumber=work0-0"))
    await client.switch("maintenance")
    await client.ask("DELETE", "/metadata/identification-keys/ByContract")
    await client.ask("DELETE", "/metadata/profiles/extensions/Contracts")
    await client.switch("production")
    over.set()
    made = [one for some in await asyncio.gather(*works) for one in some]
    for phone, id in made:
        assert await client.ask("GET", f"/profiles?PhoneNumber={phone}") == [{"customer_id": id}]
    whole = await client.ask("GET", f"/profiles/{customer}")
    assert whole == {"customer_id": customer, "LastName": "Byron", "PhoneNumber": ["1", "2"]}
    with pytest.raises(UcsError, match="404 NotFound"):
        await client.ask("GET", f"/profiles/{customer}?extensions=Contracts")


async def work(client: UcsClient, worker: int, over: asyncio.Event) -> list[tuple[str, str]]:
    """Make customers until the evening is over; their telephone numbers and ids, of those that were acknowledged."""
    made = []
    number = 0
    while not over.is_set():
        phone = f"work{worker}-{number}"
        try:
            answer = await client.once("POST", "/profiles", {"PhoneNumber": phone})
        except UcsError as error:
            assert error.name in ("ModeNotAllowed", "ModeSwitching"), error
            await asyncio.sleep(0.01)
        else:
            made.append((phone, answer["customer_id"]))
        number += 1
    return made


async def found(client: UcsClient, query: str) -> list[Any]:
    """Customers that are found."""
    answer: list[Any] = await client.ask("GET", f"/profiles?{query}")
    return answer


async def test_a_server_that_is_killed_in_a_switch_completes_it_and_nothing_overlaps(tmp_path: Path) -> None:
    async with running(tmp_path) as server, client_of(server) as client:
        await prepare(client)
        lines = "\n".join(f"Byron,{number}" for number in range(ROWS))
        (tmp_path / "imports" / "customers.csv").write_text(f"LastName,PhoneNumber\n{lines}\n", "utf-8")
        slow = asyncio.create_task(client.once("POST", "/profiles/import", {"profiles": "customers.csv"}))
        switch = asyncio.create_task(begun(client))
        await until(lambda: refusing(client))
        assert not slow.done()
        await server.kill()
        assert all(isinstance(one, Exception) for one in await asyncio.gather(slow, switch, return_exceptions=True))
        await server.start()
        await until(lambda: settled(client))
        assert await client.mode() == "maintenance"
        with pytest.raises(UcsError, match=r'503 ModeNotAllowed: .* "maintenance" mode'):
            await client.ask("GET", "/profiles?PhoneNumber=1")
        await client.ask("DELETE", "/metadata/identification-keys/ByContract")
        await client.switch("production")
        kept = await found(client, "PhoneNumber=0"), await found(client, f"PhoneNumber={ROWS - 1}")
        assert kept == ([], []), "an import that was cut off has left something"


async def begun(client: UcsClient) -> Any:
    """A switch that begins once the import is in: before that it would be done at once."""
    await until(lambda: importing(client))
    return await client.once("POST", "/server/mode", {"mode": "maintenance"})


async def importing(client: UcsClient) -> bool:
    """Whether a file is being taken in: a second one is refused."""
    try:
        await client.once("POST", "/profiles/import", {"profiles": "customers.csv"})
    except UcsError as error:
        return error.status == 503
    return False


async def refusing(client: UcsClient) -> bool:
    """Whether the mode is being switched."""
    try:
        await client.once("GET", "/server/status")
    except UcsError as error:
        return error.name == "ModeSwitching"
    return False


async def settled(client: UcsClient) -> bool:
    """Whether the mode is not being switched."""
    return not await refusing(client)
