"""Devices and configs: what the incumbent answers, without its defects (wire notes, 1.7)."""

import json
from base64 import b64encode
from typing import Any

import pytest
from tests.faces.provd.shop import ACME, Shop

pytestmark = pytest.mark.anyio

DEVICES = "/provd/dev_mgr/devices"
CONFIGS = "/provd/cfg_mgr/configs"
MAC = "00:11:22:33:44:55"


async def device(shop: Shop, **members: Any) -> str:
    answer = await shop.ask("POST", DEVICES, json={"device": members})
    assert answer.status == 201, answer.text
    return answer.json()["id"]


async def config(shop: Shop, id: str, **members: Any) -> str:
    document = {"id": id, "parent_ids": [], "raw_config": {}, **members}
    answer = await shop.ask("POST", CONFIGS, json={"config": document})
    assert answer.status == 201, answer.text
    return answer.json()["id"]


async def test_a_device_is_created_read_replaced_and_deleted(shop: Shop) -> None:
    created = await shop.ask("POST", DEVICES, json={"device": {"mac": MAC}})
    id = created.json()["id"]
    assert (created.status, created.headers["location"]) == (201, f"{DEVICES}/{id}")
    assert (await shop.get(f"{DEVICES}/{id}")).json()["device"]["mac"] == MAC
    replaced = await shop.ask("PUT", f"{DEVICES}/{id}", json={"device": {"id": id, "ip": "10.0.0.1"}})
    assert (replaced.status, replaced.body) == (204, b"")
    assert "mac" not in (await shop.get(f"/0.2/dev_mgr/devices/{id}")).json()["device"]
    assert (await shop.ask("DELETE", f"{DEVICES}/{id}")).status == 204
    for method in ("GET", "DELETE"):
        answer = await shop.ask(method, f"{DEVICES}/{id}")
        assert (answer.status, answer.text) == (404, "No such resource")


async def test_devices_are_queried_sorted_and_cut(shop: Shop) -> None:
    ids = {last: await device(shop, mac=f"00:11:22:33:44:0{last}", vendor="Acme") for last in (1, 2, 3)}

    async def found(**query: str) -> list[str]:
        answer = await shop.get(DEVICES, params=query)
        assert answer.status == 200, answer.text
        return [one["id"] for one in answer.json()["devices"]]

    selector = json.dumps({"mac": "00:11:22:33:44:02"})
    assert await found(q=selector) == [ids[2]]
    assert await found(q64=b64encode(selector.encode()).decode()) == [ids[2]]
    assert await found(sort="mac", sort_ord="DESC", limit="2") == [ids[3], ids[2]]
    assert await found(sort="mac", skip="1") == [ids[2], ids[3]]
    only = (await shop.get(DEVICES, params={"fields": "mac", "limit": "1"})).json()["devices"]
    assert [set(one) for one in only] == [{"id", "mac"}]


@pytest.mark.parametrize(
    "query",
    [{"q": "{"}, {"q": "[]"}, {"q64": "???"}, {"skip": "-1"}, {"limit": "x"}, {"limit": "9" * 50}, {"sort_ord": "UP"}],
)
async def test_a_query_that_cannot_be_read_is_a_400(shop: Shop, query: dict[str, str]) -> None:
    for path in (DEVICES, CONFIGS):
        assert (await shop.get(path, params=query)).status == 400


async def test_a_device_of_another_tenant_is_not_there(shop: Shop) -> None:
    one, two = {"Wazo-Tenant": "one"}, {"Wazo-Tenant": "two"}
    created = await shop.ask("POST", DEVICES, json={"device": {"mac": MAC}}, headers=one)
    path = f"{DEVICES}/{created.json()['id']}"
    assert (await shop.get(path, headers=one)).status == 200
    assert (await shop.get(path, headers=two)).status == 404
    assert (await shop.get(DEVICES, headers=two)).json() == {"devices": []}
    assert len((await shop.get(DEVICES, params={"recurse": "true"})).json()["devices"]) == 1


async def test_a_configured_device_is_synchronized_and_followed(shop: Shop) -> None:
    await shop.install()
    await config(shop, "base")
    id = await device(shop, mac=MAC, plugin=ACME, config="base")
    assert (await shop.get(f"{DEVICES}/{id}")).json()["device"]["configured"] is True
    started = await shop.ask("POST", "/provd/dev_mgr/synchronize", json={"id": id})
    assert (started.status, started.headers["location"]) == (201, "/provd/dev_mgr/synchronize/1")
    assert await shop.ended(started.headers["location"]) == {"status": "success"}


async def test_a_device_that_is_not_configured_fails_with_its_reason(shop: Shop) -> None:
    id = await device(shop, mac=MAC)
    started = await shop.ask("POST", "/provd/dev_mgr/synchronize", json={"id": id})
    ended = await shop.ended(started.headers["location"])
    assert (ended["status"], "not configured" in ended["reason"]) == ("fail", True)


async def test_an_unknown_device_is_a_404_to_synchronize_and_a_400_to_reconfigure(shop: Shop) -> None:
    assert (await shop.ask("POST", "/provd/dev_mgr/synchronize", json={"id": "x"})).status == 404
    answer = await shop.ask("POST", "/provd/dev_mgr/reconfigure", json={"id": "x"})
    assert (answer.status, answer.text) == (400, 'invalid device ID "x"')


async def test_a_lease_makes_a_device_known(shop: Shop) -> None:
    lease = {"op": "commit", "ip": "10.0.0.9", "mac": MAC, "options": ["06059.65.61"]}
    assert (await shop.ask("POST", "/provd/dev_mgr/dhcpinfo", json={"dhcp_info": lease})).status == 204
    [found] = (await shop.get(DEVICES)).json()["devices"]
    assert (found["mac"], found["ip"]) == (MAC, "10.0.0.9")


async def test_a_config_is_merged_over_its_parents_and_made_after_a_template(shop: Shop) -> None:
    await config(shop, "base", raw_config={"a": 1, "b": {"c": 1}})
    await config(shop, "phone", parent_ids=["base"], raw_config={"b": {"d": 2}}, role="autocreate")
    raw = await shop.get(f"{CONFIGS}/phone/raw")
    assert raw.json() == {"raw_config": {"a": 1, "b": {"c": 1, "d": 2}}}
    made = await shop.ask("POST", "/provd/cfg_mgr/autocreate", json={})
    assert made.status == 201
    assert (await shop.get(f"{CONFIGS}/{made.json()['id']}")).json()["config"]["parent_ids"] == ["phone"]
    assert {one["id"] for one in (await shop.get(CONFIGS)).json()["configs"]} == {"base", "phone", made.json()["id"]}


async def test_a_template_that_is_not_there_is_told_at_once(shop: Shop) -> None:
    assert (await shop.ask("POST", "/provd/cfg_mgr/autocreate", json={})).status == 404


async def test_a_config_that_says_so_is_not_deleted(shop: Shop) -> None:
    await config(shop, "base", deletable=False)
    assert (await shop.ask("DELETE", f"{CONFIGS}/base")).status == 403
    body = {"config": {"id": "base", "parent_ids": [], "raw_config": {}, "deletable": True}}
    assert (await shop.ask("PUT", f"{CONFIGS}/base", json=body)).status == 204
    assert (await shop.ask("DELETE", f"{CONFIGS}/base")).status == 204
    assert (await shop.get(f"{CONFIGS}/base")).status == 404


@pytest.mark.parametrize(
    "document",
    [None, [], "x", 1, {"id": "../../x"}, {"id": "a/b"}, {"id": 1}, {"mac": "00-11-22-33-44-55"}, {"ip": "1"}],
)
async def test_a_wrong_document_is_a_400_that_is_kept_nowhere(shop: Shop, document: Any) -> None:
    for body in ({"device": document}, {"config": document}, document):
        for path in (DEVICES, CONFIGS):
            sent = json.dumps(body).encode()
            answer = await shop.ask("POST", path, data=sent, headers={"Content-Type": "application/json"})
            assert (answer.status, bool(answer.text)) == (400, True), (path, body)
    assert (await shop.get(DEVICES)).json() == {"devices": []}
    assert (await shop.get(CONFIGS)).json() == {"configs": []}


async def test_an_id_that_is_taken_is_a_400(shop: Shop) -> None:
    id = await device(shop, id="one")
    assert (await shop.ask("POST", DEVICES, json={"device": {"id": id}})).status == 400
