"""The parameter of the Wazo dialect: a secret of each tenant, that no other tenant is shown."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from hashlib import sha256
from typing import Any

import pytest
from tests.client import Answer
from tests.faces.provd.conftest import PROVISIONING
from tests.faces.provd.shop import Shop
from tests.world import World, WorldOn, element

from busyout.settings import FaceSettings, TokenSettings

pytestmark = pytest.mark.anyio

LIST = "/0.2/configure"
PARAMETER = f"{LIST}/provisioning_key"
KEY = "first-Key$~.1"
OTHER = "second-Key$~.2"

ONE = {"Wazo-Tenant": "one"}
TWO = {"Wazo-Tenant": "two"}


def body(value: object) -> dict[str, Any]:
    return {"param": {"value": value}}


async def put(shop: Shop, value: object, headers: dict[str, str] | None = None) -> tuple[int, str]:
    answer = await shop.ask("PUT", PARAMETER, json=body(value), headers=headers or {})
    return answer.status, answer.text


async def got(shop: Shop, headers: dict[str, str] | None = None) -> object:
    answer = await shop.get(PARAMETER, headers=headers or {})
    assert answer.status == 200
    return answer.json()["param"]["value"]


async def test_it_is_the_seventh_of_the_wazo_dialect_only(shop: Shop) -> None:
    six = (await shop.get("/provd/configure")).json()["params"]
    *others, last = (await shop.get(LIST)).json()["params"]
    assert [one["id"] for one in others] == [one["id"] for one in six]
    assert (last["id"], last["value"]) == ("provisioning_key", None)
    assert last["links"] == [{"rel": "srv.configure.param", "href": PARAMETER}]
    for method, given in (("GET", {}), ("PUT", {"json": body(KEY)})):
        answer = await shop.ask(method, "/provd/configure/provisioning_key", **given)
        assert (answer.status, answer.text) == (404, "No such resource")


async def test_its_description_follows_the_locale(shop: Shop) -> None:
    assert (await shop.ask("PUT", f"{LIST}/locale", json=body("fr_FR"))).status == 204
    assert "clé" in (await shop.get(LIST)).json()["params"][-1]["description"]


async def test_each_tenant_has_its_own(shop: Shop) -> None:
    assert [await put(shop, KEY, ONE), await put(shop, OTHER, TWO)] == [(204, ""), (204, "")]
    assert [await got(shop, ONE), await got(shop, TWO), await got(shop)] == [KEY, OTHER, None]
    assert await put(shop, "main-tenant-key") == (204, "")
    assert [await got(shop, ONE), await got(shop)] == [KEY, "main-tenant-key"]
    listed = {name: await shop.get(LIST, headers=headers) for name, headers in (("one", ONE), ("two", TWO))}
    assert [answer.json()["params"][-1]["value"] for answer in listed.values()] == [KEY, OTHER]
    tag = {"If-None-Match": listed["one"].headers["etag"]}
    assert (await shop.get(LIST, headers={**ONE, **tag})).status == 304
    assert (await shop.get(LIST, headers={**TWO, **tag})).status == 200


@pytest.mark.parametrize("nothing", [None, ""])
async def test_it_is_taken_away_by_nothing_and_free_for_others_then(shop: Shop, nothing: object) -> None:
    assert await put(shop, KEY, ONE) == (204, "")
    assert await put(shop, KEY, TWO) == (400, "another tenant already uses this provisioning key.")
    assert await put(shop, nothing, ONE) == (204, "")
    assert await put(shop, KEY, TWO) == (204, "")
    assert [await got(shop, ONE), await got(shop, TWO)] == [None, KEY]


async def test_a_wrong_one_is_a_400_with_the_text_that_clients_know(shop: Shop) -> None:
    characters = "`provisioning_key` should only contain the following characters: `a-z, A-Z, 0-9, -, $, ~, .`"
    wrong: list[tuple[object, str]] = [
        ("1234567", "`provisioning_key` should be [8, 256] characters long."),
        ("x" * 257, "`provisioning_key` should be [8, 256] characters long."),
        ("a key/with_more", characters),
        ("clé-secrète", characters),
        *((value, "the value is text or null") for value in (12345678, 1.5, True, [], {"a": 1})),
    ]
    assert await put(shop, KEY, ONE) == (204, "")
    for value, text in wrong:
        assert await put(shop, value, ONE) == (400, text), value
    answer = await shop.ask("PUT", PARAMETER, json={"param": KEY}, headers=ONE)
    assert (answer.status, answer.text) == (400, "Wrong information in entity")
    assert await put(shop, OTHER, {"Wazo-Tenant": "../x"}) != (204, "")
    assert await got(shop, ONE) == KEY


async def test_there_is_no_list_of_the_keys_of_all_tenants(shop: Shop) -> None:
    assert await put(shop, KEY, ONE) == (204, "")
    for path in ("/0.2/configure/tenants", "/provd/configure/tenants", "/0.2/configure/provisioning_key%2Fone"):
        for method, given in (("GET", {}), ("PUT", {"json": body({})})):
            answer = await shop.ask(method, path, **given)
            assert (answer.status, answer.text) == (404, "No such resource"), path
    assert KEY not in (await shop.get(LIST)).text + (await shop.get("/provd/configure")).text


async def test_who_only_reads_cannot_set_it(shop: Shop) -> None:
    watcher = shop.world.client_of("watcher")
    assert (await watcher.put(PARAMETER, json=body(KEY))).status == 403
    assert await got(shop) is None


Guarded = Callable[[], AbstractAsyncContextManager[World]]


@pytest.fixture
def guarded(world_on: WorldOn) -> Guarded:
    """Worlds whose provd face asks for tokens, one for each of two tenants."""

    def token(tenant: str) -> TokenSettings:
        return TokenSettings(
            name=tenant, sha256=sha256(tenant.encode()).hexdigest(), level="administrator", tenant=tenant
        )

    face = FaceSettings(authentication="token", tokens=(token("one"), token("two")))
    return lambda: world_on(elements=(element(), PROVISIONING), faces={"provd": face}, duties=False)


async def test_a_token_of_a_tenant_opens_no_key_of_another(guarded: Guarded) -> None:
    async with guarded() as world:

        async def ask(token: str, method: str, path: str = PARAMETER, **given: Any) -> Answer:
            headers = {"X-Auth-Token": token, **given.pop("headers", {})}
            return await world.client_of(None).request(method, path, headers=headers, **given)

        assert (await ask("one", "PUT", json=body(KEY))).status == 204
        assert (await ask("one", "GET")).json() == body(KEY)
        assert (await ask("two", "GET")).json() == body(None)
        for method, path in (("GET", PARAMETER), ("GET", LIST), ("PUT", PARAMETER)):
            answer = await ask("two", method, path, headers=ONE, json=body(OTHER))
            assert (answer.status, KEY in answer.text) == (403, False), (method, path)
        taken = await ask("two", "PUT", json=body(KEY))
        assert (taken.status, taken.text) == (400, "another tenant already uses this provisioning key.")
        assert (await ask("one", "GET", headers=ONE)).json() == body(KEY)
