"""`X-Auth-Token`: issued by us, or judged by a service of real HTTP that may be slow or gone."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import pytest
from tests.client import Answer
from tests.drivers.repository.web import Reply, Request, site
from tests.faces.provd.conftest import PROVISIONING
from tests.world import World, WorldOn, element

from busyout.settings import FaceSettings, TokenSettings

pytestmark = pytest.mark.anyio

CONFIGURE = "/0.2/configure"
DEVICES = "/0.2/dev_mgr/devices"

OWN = TokenSettings(name="script", sha256=sha256(b"own-token").hexdigest(), level="administrator")
OWN_READER = TokenSettings(name="reader", sha256=sha256(b"own-reader").hexdigest(), level="monitor", tenant="two")


def told(*acl: str, tenant: str = "one", **more: Any) -> dict[str, Any]:
    """What the service says of a token."""
    return {"data": {"auth_id": "user", "acl": acl, "metadata": {"tenant_uuid": tenant}, **more}}


TOKENS = {
    "all": told("provd.#"),
    "read": told("provd.#.read"),
    "nothing": told("confd.#"),
    "master": told("#", tenant="master"),
    "ended": told("#", utc_expires_at="2001-01-01T00:00:00"),
    "above": told("#", tenant="main"),
    "homeless": {"data": {"acl": ["#"]}},
}


@dataclass
class Service:
    """A token service."""

    url: str
    asked: Counter[str] = field(default_factory=Counter)
    held: asyncio.Event = field(default_factory=asyncio.Event)
    """Until it is set, nobody is answered."""
    status: int = 200


@asynccontextmanager
async def running() -> AsyncIterator[Service]:
    service = Service("")
    service.held.set()

    async def answer(request: Request, reply: Reply) -> None:
        token = request.target.rpartition("/")[2]
        service.asked[token] += 1
        await service.held.wait()
        known = TOKENS.get(token)
        body = b"nonsense" if token == "odd" else json.dumps(known).encode()
        status = service.status if known or token == "odd" else 404
        await reply.head(status, Content_Length=len(body))
        await reply.send(body)

    async with site(answer) as there:
        service.url = there.url
        yield service


@pytest.fixture
async def service(anyio_backend: str) -> AsyncIterator[Service]:
    async with running() as made:
        yield made


Opened = Callable[..., AbstractAsyncContextManager[World]]


@pytest.fixture
def guarded(world_on: WorldOn) -> Opened:
    """Worlds whose provd face asks for tokens."""

    def opened(url: str | None) -> AbstractAsyncContextManager[World]:
        face = FaceSettings(authentication="token", tokens=(OWN, OWN_READER), token_service=url, master_tenant="master")
        return world_on(elements=(element(), PROVISIONING), faces={"provd": face}, duties=False)

    return opened


async def ask(world: World, token: str | None, path: str = CONFIGURE, method: str = "GET", **given: Any) -> Answer:
    headers = {**({} if token is None else {"X-Auth-Token": token}), **given.pop("headers", {})}
    return await world.client_of(None).request(method, path, headers=headers, **given)


async def test_a_token_of_ours_opens_without_any_service(guarded: Opened) -> None:
    async with guarded(None) as world:
        assert (await ask(world, "own-token")).status == 200
        for token in (None, "", "wrong", "x" * 5000, "own-token\u00e9"):
            answer = await ask(world, token)
            assert (answer.status, answer.text) == (401, "Unauthorized"), token
            assert "www-authenticate" not in answer.headers
        assert (await world.client.get(CONFIGURE)).status == 401


async def test_levels_and_tenants_of_our_tokens_hold(guarded: Opened) -> None:
    async with guarded(None) as world:
        body = {"param": {"value": 1}}
        assert (await ask(world, "own-reader", f"{CONFIGURE}/NAT", "PUT", json=body)).status == 403
        assert (await ask(world, "own-token", f"{CONFIGURE}/NAT", "PUT", json=body)).status == 204
        two, one = {"Wazo-Tenant": "two"}, {"Wazo-Tenant": "one"}
        assert (await ask(world, "own-token", DEVICES, "POST", json={"device": {}}, headers=two)).status == 201
        assert len((await ask(world, "own-reader", DEVICES)).json()["devices"]) == 1
        assert (await ask(world, "own-reader", DEVICES, headers=one)).status == 403
        assert (await ask(world, "own-token", DEVICES, headers=one)).json() == {"devices": []}


async def test_a_service_judges_what_is_not_ours_and_is_asked_once(guarded: Opened, service: Service) -> None:
    async with guarded(service.url) as world:
        expected = {
            "all": 200,
            "read": 200,
            "nothing": 401,
            "ended": 401,
            "homeless": 401,
            "above": 401,
            "unknown": 401,
            "a/b": 401,
        }
        for token, status in expected.items():
            for _ in range(3):
                assert (await ask(world, token)).status == status, token
        assert {service.asked[token] for token in ("all", "read", "nothing", "unknown")} == {1}
        put = {"json": {"param": {"value": 1}}}
        assert (await ask(world, "read", f"{CONFIGURE}/NAT", "PUT", **put)).status == 403
        assert (await ask(world, "all", f"{CONFIGURE}/NAT", "PUT", **put)).status == 204


async def test_a_token_sees_its_own_tenant_and_that_of_the_master_every_one(guarded: Opened, service: Service) -> None:
    async with guarded(service.url) as world:
        assert (await ask(world, "all", DEVICES, "POST", json={"device": {}})).status == 201
        two = {"Wazo-Tenant": "two"}
        assert (await ask(world, "all", DEVICES, headers=two)).status == 403
        assert (await ask(world, "master", DEVICES, headers=two)).json() == {"devices": []}
        assert len((await ask(world, "master", DEVICES, headers={"Wazo-Tenant": "one"})).json()["devices"]) == 1


async def test_a_token_is_not_believed_for_ever(guarded: Opened, service: Service) -> None:
    async with guarded(service.url) as world:
        assert (await ask(world, "all")).status == 200
        await world.clock.advance(61)
        assert (await ask(world, "all")).status == 200
        assert service.asked["all"] == 2


async def test_a_service_that_is_gone_odd_or_broken_is_a_503(guarded: Opened, service: Service) -> None:
    async with guarded(service.url) as world:
        service.status = 500
        answer = await ask(world, "all")
        assert (answer.status, answer.headers["content-type"]) == (503, "text/plain; charset=ascii")
        service.status = 200
        assert (await ask(world, "odd")).status == 503
        assert (await ask(world, "all")).status == 200
        assert (await ask(world, "own-token")).status == 200
    async with guarded("http://127.0.0.1:1") as world:
        assert (await ask(world, "all")).status == 503


async def test_requests_do_not_wait_for_each_other_while_a_service_is_slow(guarded: Opened, service: Service) -> None:
    async with guarded(service.url) as world:
        service.held.clear()
        waiting = [asyncio.ensure_future(ask(world, token)) for token in ("all", "all", "read")]
        assert (await ask(world, "own-token")).status == 200
        assert not any(task.done() for task in waiting)
        service.held.set()
        assert [(await task).status for task in waiting] == [200, 200, 200]
        assert (service.asked["all"], service.asked["read"]) == (1, 1)


async def test_what_is_not_there_is_told_without_a_token(guarded: Opened) -> None:
    async with guarded(None) as world:
        assert (await ask(world, None, "/0.2/pg_mgr/plugins/unknown")).status == 404


async def test_pages_of_other_sites_may_write_with_a_token_that_they_have(guarded: Opened) -> None:
    async with guarded(None) as world:
        given = {"json": {"param": {"value": 1}}, "headers": {"Origin": "http://elsewhere.example"}}
        assert (await ask(world, "own-token", f"{CONFIGURE}/NAT", "PUT", **given)).status == 204
