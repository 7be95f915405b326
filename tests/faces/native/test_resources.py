"""The native API on the real server."""

from typing import Any

import pytest
from tests.world import World

from busyout.drivers.simulated.faults import Fault

pytestmark = pytest.mark.anyio

SBC = "/v1/elements/sbc"
OPERATIONS = f"{SBC}/operations"
RUNNING = f"{SBC}/configuration/running"


async def test_an_element_is_told_with_its_states_load_and_versions(world: World) -> None:
    world.sbc.call(seconds=60)
    await world.services.inventory.look("sbc")
    told = (await world.client.get(SBC)).json()
    assert (told["administrative"], told["operational"], told["usage"]) == ("unlocked", "enabled", "active")
    assert (told["load"]["calls"], told["versions"]["engine"]) == (1, "1.0")
    assert told["versions"]["running"] == told["versions"]["startup"]
    assert (told["save_needed"], told["reset_needed"]) == (False, False)
    assert told["up_since"].endswith("Z")


async def test_an_element_comes_and_goes(world: World) -> None:
    added = await world.client.post("/v1/elements", json={"name": "b", "kind": "sbc", "driver": "simulated"})
    assert (added.status, added.headers["location"], added.json()["name"]) == (201, "/v1/elements/b", "b")
    assert [item["name"] for item in (await world.client.get("/v1/elements")).json()["items"]] == ["b", "sbc"]
    assert (await world.client.delete("/v1/elements/b")).status == 204
    assert (await world.client.get("/v1/elements/b")).status == 404


async def test_elements_are_paged_by_name(world: World) -> None:
    for name in ("a", "b", "c"):
        await world.client.post("/v1/elements", json={"name": name, "kind": "sbc", "driver": "simulated"})
    names, after = [], ""
    while after is not None:
        page = (await world.client.get("/v1/elements", params={"limit": 3, "after": after})).json()
        names += [item["name"] for item in page["items"]]
        after = page["next"]
    assert names == ["a", "b", "c", "sbc"]


async def test_a_command_is_acknowledged_with_its_operation_and_followed_to_its_end(world: World) -> None:
    world.sbc.call(seconds=20)
    answer = await world.client.post(OPERATIONS, json={"type": "drain"})
    operation = answer.json()
    assert (answer.status, answer.headers["location"]) == (202, f"/v1/operations/{operation['id']}")
    assert (operation["command"]["policy"], operation["settled"]) == ({"type": "until_idle"}, False)
    await world.clock.advance(5)
    [progress] = [step["progress"] for step in (await get(world, operation))["steps"] if step["progress"]]
    assert (progress["calls_left"], "1 call" in progress["waiting_for"]) == (1, True)
    await world.settled(operation["id"])
    assert (await get(world, operation))["state"] == "succeeded"
    assert (await world.client.get(SBC)).json()["administrative"] == "locked"


async def get(world: World, operation: Any) -> Any:
    return (await world.client.get(f"/v1/operations/{operation['id']}")).json()


async def test_a_repeat_with_the_same_key_is_the_same_operation(world: World) -> None:
    key = {"Idempotency-Key": "once"}
    first = await world.client.post(OPERATIONS, json={"type": "drain"}, headers=key)
    again = await world.client.post(OPERATIONS, json={"type": "drain"}, headers=key)
    other = await world.client.post(OPERATIONS, json={"type": "restore"}, headers=key)
    assert (again.status, again.json()["id"]) == (202, first.json()["id"])
    assert (other.status, other.json()["type"]) == (422, "urn:busyout:problem:key-reused")


async def test_a_second_command_is_a_conflict_that_names_the_first(world: World) -> None:
    world.sbc.call(seconds=60)
    first = (await world.client.post(OPERATIONS, json={"type": "drain"})).json()
    second = await world.client.post(OPERATIONS, json={"type": "restart"})
    assert (second.status, second.headers["content-type"]) == (409, "application/problem+json")
    assert (second.json()["type"], second.json()["holder"]) == ("urn:busyout:problem:element-busy", first["id"])


async def test_a_drain_is_extended_forced_and_retried(world: World) -> None:
    world.sbc.call(seconds=10_000)
    policy = {"type": "within", "seconds": 60}
    drain = (await world.client.post(OPERATIONS, json={"type": "drain", "policy": policy})).json()
    path = f"/v1/operations/{drain['id']}"
    assert (await world.client.post(f"{path}/retry")).status == 409
    extended = await world.client.post(f"{path}/extend", json={"seconds": 600})
    assert (extended.status, extended.json()["requests"]["extended"]) == (202, 600)
    await world.clock.advance(120)
    assert (await get(world, drain))["settled"] is False
    assert (await world.client.post(f"{path}/force")).status == 202
    assert (await world.settled(drain["id"])).state.value == "succeeded"
    for word in ("cancel", "force"):
        assert (await world.client.post(f"{path}/{word}")).status == 409
    retried = await world.client.post(f"{path}/retry")
    assert (retried.status, retried.json()["retry_of"]) == (202, drain["id"])


async def test_a_cancelled_drain_puts_the_element_back(world: World) -> None:
    world.sbc.call(seconds=600)
    drain = (await world.client.post(OPERATIONS, json={"type": "drain"})).json()
    await world.clock.advance(5)
    assert (await world.client.post(f"/v1/operations/{drain['id']}/cancel")).status == 202
    assert (await world.settled(drain["id"])).state.value == "cancelled"
    assert (await world.client.get(SBC)).json()["administrative"] == "unlocked"


async def test_operations_are_listed_newest_first_filtered_and_paged(world: World) -> None:
    commands = ("drain", "restore", "commit")
    ids = []
    for word in commands:
        ids.append((await world.client.post(OPERATIONS, json={"type": word})).json()["id"])
        await world.settled(ids[-1])
    first = (await world.client.get("/v1/operations", params={"limit": 2})).json()
    rest = (await world.client.get("/v1/operations", params={"limit": 2, "after": first["next"]})).json()
    assert [item["id"] for item in (*first["items"], *rest["items"])] == ids[::-1]
    assert (await world.client.get("/v1/operations?settled=false")).json()["items"] == []
    assert len((await world.client.get("/v1/operations?settled=true&element=sbc")).json()["items"]) == 3
    assert (await world.client.get("/v1/operations?element=other")).json()["items"] == []


async def test_calls_are_paged_and_ended_one_by_one_or_all(world: World) -> None:
    for _ in range(5):
        world.sbc.call(seconds=600)
    page = (await world.client.get(f"{SBC}/calls", params={"limit": 2})).json()
    rest = (await world.client.get(f"{SBC}/calls", params={"after": page["next"]})).json()
    ids = [call["id"] for call in (*page["items"], *rest["items"])]
    assert (len(set(ids)), rest["next"]) == (5, None)
    one = await world.client.delete(f"{SBC}/calls/{ids[0]}")
    assert (one.status, one.json()) == (200, {"asked": 1, "ended": 1, "failed": 0})
    assert (await world.client.delete(f"{SBC}/calls/{ids[0]}")).status == 404
    assert (await world.client.delete(f"{SBC}/calls")).json() == {"asked": 4, "ended": 4, "failed": 0}
    assert world.sbc.calls == ()


async def test_a_trunk_is_switched_off(world: World) -> None:
    [trunk] = (await world.client.get(f"{SBC}/trunks")).json()["items"]
    assert (trunk["id"], trunk["enabled"]) == ("carrier/0", True)
    assert (await world.client.patch(f"{SBC}/trunks/carrier/0", json={"enabled": False})).status == 204
    assert world.sbc.trunks[0].enabled is False
    assert (await world.client.patch(f"{SBC}/trunks/carrier/9", json={"enabled": False})).status == 404


async def test_counters_have_their_epoch(world: World) -> None:
    world.sbc.call()
    told = (await world.client.get(f"{SBC}/counters")).json()
    assert (told["values"]["offered"], told["epoch"].endswith("Z")) == (1, True)


async def test_a_configuration_is_read_changed_and_compared(world: World) -> None:
    running = await world.client.get(RUNNING)
    tag, tables = running.headers["etag"], running.json()
    unchanged = await world.client.get(RUNNING, headers={"If-None-Match": tag})
    assert (unchanged.status, unchanged.body, unchanged.headers["etag"]) == (304, b"", tag)
    tables["dial_plan"] = [{"index": 0, "plan": "p", "prefix": "49", "tag": "de"}]
    tables["trunk"][0]["weight"] = 5
    put = await world.client.put(RUNNING, json=tables, headers={"If-Match": tag})
    assert (put.status, put.json()["state"]) == (200, "succeeded")
    changed = await world.client.get(RUNNING)
    assert (changed.json(), changed.headers["etag"]) == (tables, put.headers["etag"])
    stale = await world.client.put(RUNNING, json=tables, headers={"If-Match": tag})
    assert (stale.status, stale.json()["type"]) == (412, "urn:busyout:problem:configuration-changed")
    dial_plan, trunk = sorted((await world.client.get(f"{SBC}/configuration/diff")).json()["tables"], key=by_table)
    assert (dial_plan["added"], dial_plan["changed"]) == (tables["dial_plan"], [])
    [[before, after]] = trunk["changed"]
    assert (before["weight"], after["weight"]) == (1, 5)
    assert (await world.client.get(f"{SBC}/configuration/startup")).headers["etag"] == tag


def by_table(table: Any) -> str:
    return str(table["table"])


async def test_a_configuration_that_is_wrong_is_refused_with_every_finding(world: World) -> None:
    tables = (await world.client.get(RUNNING)).json()
    tables["route"] = [{"index": 0, "name": "r", "peer": "nobody"}]
    tables["trunk"][0]["address"] = "nowhere"
    answer = await world.client.put(RUNNING, json=tables)
    assert (answer.status, len(answer.json()["findings"])) == (422, 2)


async def test_a_configuration_that_the_engine_refuses_is_a_conflict(world: World) -> None:
    tables = (await world.client.get(RUNNING)).json()
    tables["dial_plan"] = [{"index": 0, "plan": "p", "prefix": "49", "tag": "de"}]
    world.sbc.fault(Fault.REFUSES, "apply")
    put = await world.clock.finish(world.client.put(RUNNING, json=tables))
    assert (put.status, put.json()["type"]) == (409, "urn:busyout:problem:not-applied")


async def test_an_element_that_does_not_answer_is_unavailable_and_still_shown(world: World) -> None:
    world.sbc.fault(Fault.REFUSES, "start")
    world.sbc.die()
    await world.clock.run_until(lambda: world.status.load is None)
    assert (await world.client.get(f"{SBC}/calls")).status == 503
    told = (await world.client.get(SBC)).json()
    assert (told["operational"], told["load"], told["up_since"], told["pid"]) == ("disabled", None, None, None)


async def test_the_audit_trail_is_for_security_administrators_and_proves_itself(world: World) -> None:
    await world.client_of("operator").post(OPERATIONS, json={"type": "commit"})
    entry = (await world.client.get("/v1/audit")).json()["items"][-1]
    assert (entry["actor"], entry["action"], entry["subject"]) == ("operator", "operation.start", "sbc")
    verdict = (await world.client.get("/v1/audit/verification")).json()
    assert (verdict["intact"], verdict["first_broken"]) == (True, None)
    for path in ("/v1/audit", "/v1/audit/verification"):
        assert (await world.client_of("operator").get(path)).status == 403


async def test_alarms_are_listed(world: World) -> None:
    assert (await world.client.get("/v1/alarms")).json() == {"items": [], "next": None}
    world.sbc.fault(Fault.REFUSES, "start")
    world.sbc.die()
    await world.clock.advance(600)
    names = {alarm["element"] for alarm in (await world.client.get("/v1/alarms")).json()["items"]}
    assert names == {"sbc"}


async def test_health_needs_no_credentials_and_metrics_do(world: World) -> None:
    nobody = world.client_of(None)
    assert (await nobody.get("/healthz")).json() == {"status": "ok"}
    assert (await nobody.get("/readyz")).json() == {"status": "ok"}
    assert (await nobody.get("/metrics")).status == 401
    assert (await nobody.get("/openapi.json")).json()["openapi"] == "3.1.0"


async def test_metrics_tell_of_every_element(world: World) -> None:
    world.sbc.call(seconds=60)
    await world.services.inventory.look("sbc")
    answer = await world.client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'busyout_element_calls{element="sbc",kind="sbc"} 1.0' in answer.text
    assert 'busyout_element_administrative{element="sbc",kind="sbc",state="unlocked"} 1.0' in answer.text
    assert "process_resident_memory_bytes" in answer.text
    assert "busyout_element_capacity{" not in answer.text
