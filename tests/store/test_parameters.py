"""Parameters that somebody has set, and the provisioning keys of tenants."""

import asyncio

import pytest
from tests.store.making import RECORD, event

from busyout.domain.errors import InvalidValue
from busyout.domain.event import Event
from busyout.domain.parameter import KEY_TAKEN
from busyout.store import Store

pytestmark = pytest.mark.anyio


async def test_what_was_put_is_there_for_everybody(store: Store, second_store: Store) -> None:
    for id, value in (("NAT", 1), ("locale", "fr"), ("http_proxy", None), ("locale", None), ("NAT", 0)):
        stored = await store.parameters.put(id, value, audit=RECORD, event=event("parameter.changed"))
        assert stored.id > 0
    assert await second_store.parameters.all() == {"NAT": 0, "locale": None, "http_proxy": None}
    assert len(await store.audit.since(0, limit=10)) == 5
    assert len(await store.events.since(0, limit=10)) == 5


async def put_key(store: Store, tenant: str, key: str | None) -> Event:
    return await store.parameters.put_key(tenant, key, audit=RECORD, event=event("parameter.changed"))


async def test_each_tenant_has_a_key_of_its_own_and_they_are_no_parameters(store: Store, second_store: Store) -> None:
    for tenant, key in (("one", "first-key"), ("two", "second-key"), ("one", "third-key"), ("one", "third-key")):
        assert (await put_key(store, tenant, key)).id > 0
    assert await second_store.parameters.keys() == {"one": "third-key", "two": "second-key"}
    assert await second_store.parameters.all() == {}
    await put_key(store, "two", "fourth-key")
    assert await second_store.parameters.keys() == {"one": "third-key", "two": "fourth-key"}
    await put_key(second_store, "one", None)
    await put_key(second_store, "never", None)
    await put_key(store, "two", "third-key")
    assert await store.parameters.keys() == {"two": "third-key"}


async def test_a_key_that_another_tenant_has_leaves_nothing_behind(store: Store) -> None:
    await put_key(store, "one", "first-key")
    with pytest.raises(InvalidValue, match=KEY_TAKEN):
        await put_key(store, "two", "first-key")
    assert await store.parameters.keys() == {"one": "first-key"}
    assert len(await store.audit.since(0, limit=10)) == len(await store.events.since(0, limit=10)) == 1


async def test_of_tenants_that_take_the_same_key_at_once_one_gets_it(store: Store, second_store: Store) -> None:
    tries = [put_key((store, second_store)[number % 2], f"t{number}", "same-key") for number in range(8)]
    ended = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(one).__name__ for one in ended) == ["Event"] + ["InvalidValue"] * 7
    assert list((await store.parameters.keys()).values()) == ["same-key"]
