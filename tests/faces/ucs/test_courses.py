"""Services with their states and tasks: each row of the table of operations."""

from typing import Any

import pytest
from tests.faces.ucs.office import Office, refused, told

pytestmark = pytest.mark.anyio

EVENT = {"timestamp": "2026-01-02T03:04:05.678Z", "session_id": "s1", "media_type": "voice"}


async def test_a_service_is_started_read_and_ended(office: Office) -> None:
    customer = await office.customer()
    body = {"customer_id": customer, "service_type": "order", "est_duration": 60, **EVENT, "Note": {"Text": "hi"}}
    answer = await office.ask("POST", "/services/start", body)
    service = answer.json()["service_id"]
    assert told(answer) == (201, f"/services/{service}", {"service_id": service})
    running = {
        "service_id": service,
        "customer_id": customer,
        "service_type": "order",
        "est_duration": 60,
        "started": EVENT,
    }
    assert await office.get(f"/services/{service}") == running
    assert await office.get(f"/services/{service}?extensions=note") == {**running, "Note": {"Text": "hi"}}
    end = {"disposition": "done", "disposition_desc": "all is well", "timestamp": "2026-01-02T04:00:00.000Z"}
    assert told(await office.ask("POST", f"/services/{service}/end", end)) == (200, None, None)
    assert (await office.get(f"/services/{service}"))["completed"] == end
    assert refused(await office.ask("POST", f"/services/{service}/end", {})) == (403, "Forbidden")


async def test_services_are_listed_by_customer_type_time_and_whether_they_go_on(office: Office) -> None:
    customer = await office.customer()
    early = await office.service(customer, timestamp="2026-01-01T00:00:00.000Z", service_type="repair")
    late = await office.service(customer, timestamp="2026-02-01T00:00:00.000Z")
    await office.ask("POST", f"/services/{early}/end", {})
    place = f"/customers/{customer}/services"

    async def found(query: str) -> list[int]:
        return [one["service_id"] for one in await office.get(place + query)]

    assert await found("") == [early, late]
    assert await found("/active") == [late]
    assert await found("/completed") == [early]
    assert await found("?service_types=repair,other") == [early]
    assert await found("?started_from=2026-01-01T00:00:00.000Z&started_to=2026-02-01T00:00:00.000Z") == [early]
    assert await found("?started_from=2026-01-01&started_to=2026-02-01") == [early]
    for query in (
        "?started_from=yesterday",
        "?started_from=20260101T000000Z",
        "?started_to=10000-01-01T00:00:00.000Z",
        "?active_states=perhaps",
    ):
        assert refused(await office.ask("GET", place + query)) == (400, "InvalidParameter"), query


async def test_a_service_of_somebody_unknown_becomes_a_customers(office: Office) -> None:
    service, customer = await office.service(), await office.customer()
    place = "/services/anonymous/ada@example.org"
    assert [one["service_id"] for one in await office.get(place)] == [service]
    assert [one["service_id"] for one in await office.get(f"{place}/active")] == [service]
    assert await office.get(f"{place}/completed") == []
    moved = await office.ask("POST", f"/customers/{customer}/services/{service}")
    assert told(moved) == (200, None, None)
    assert [one["service_id"] for one in await office.get(f"/customers/{customer}/services")] == [service]
    assert refused(await office.ask("POST", f"/customers/nobody/services/{service}")) == (404, "NotFound")
    assert refused(await office.ask("POST", f"/customers/{customer}/services/99")) == (404, "NotFound")


async def test_a_service_is_somebodys_and_of_a_type(office: Office) -> None:
    for body in ({"service_type": "order"}, {"contact_key": "x"}, {"customer_id": 1, "service_type": "order"}):
        assert refused(await office.ask("POST", "/services/start", body)) == (400, "InvalidParameter"), body
    unknown = await office.ask("POST", "/services/start", {"customer_id": "nobody", "service_type": "order"})
    assert refused(unknown) == (404, "NotFound")


async def test_a_state_begins_passes_into_another_and_ends(office: Office) -> None:
    service = await office.service()
    path = f"/services/{service}/states"
    answer = await office.ask("POST", f"{path}/start", {"state_type": "asking", **EVENT})
    state = answer.json()["state_id"]
    assert told(answer) == (201, f"{path}/{state}", {"state_id": state})
    first = {"state_id": state, "service_id": service, "state_type": "asking", "started": EVENT}
    assert await office.get(f"{path}/{state}") == first
    move = {"from": {"state_id": state, "disposition": "asked"}, "to": {"state_type": "paying"}}
    answer = await office.ask("POST", f"{path}/transition", move)
    second = answer.json()["state_id"]
    assert (answer.status, answer.json()) == (200, {"state_id": second})
    assert [one["state_id"] for one in await office.get(path)] == [state, second]
    assert [one["state_id"] for one in await office.get(f"{path}/active")] == [second]
    assert [one["state_id"] for one in await office.get(f"{path}/completed?state_types=asking")] == [state]
    assert refused(await office.ask("POST", f"{path}/transition", move)) == (403, "Forbidden")
    assert told(await office.ask("POST", f"{path}/{second}/end", {})) == (200, None, None)
    assert refused(await office.ask("POST", f"{path}/{second}/end", {})) == (403, "Forbidden")


async def test_a_task_begins_within_a_state_or_beside_them_and_ends(office: Office) -> None:
    service = await office.service()
    path = f"/services/{service}"
    state = (await office.made(f"{path}/states/start", {"state_type": "asking"}))["state_id"]
    answer = await office.ask("POST", f"{path}/tasks/start", {"task_type": "call", "state_id": state})
    within = answer.json()["task_id"]
    assert told(answer) == (201, f"{path}/tasks/{within}", {"task_id": within})
    beside = (await office.made(f"{path}/tasks/start", {"task_type": "mail"}))["task_id"]
    assert (await office.get(f"{path}/tasks/{within}"))["state_id"] == state
    assert [one["task_id"] for one in await office.get(f"{path}/tasks?task_types=mail")] == [beside]
    assert [one["task_id"] for one in await office.get(f"{path}/tasks?state_id={state}")] == [within]
    assert told(await office.ask("POST", f"{path}/tasks/{within}/end", {})) == (200, None, None)
    assert [one["task_id"] for one in await office.get(f"{path}/tasks/active")] == [beside]
    assert [one["task_id"] for one in await office.get(f"{path}/tasks/completed")] == [within]
    whole = await office.get(f"{path}?active_states=true&active_tasks=true&completed_tasks=true")
    assert [one["task_id"] for one in whole["active_tasks"]] == [beside]
    assert [one["task_id"] for one in whole["active_states"][0]["completed_tasks"]] == [within]
    assert "service_id" not in whole["active_states"][0]


async def test_each_has_records_of_extensions(office: Office) -> None:
    service = await office.service()
    state = (await office.made(f"/services/{service}/states/start", {"state_type": "a"}))["state_id"]
    task = (await office.made(f"/services/{service}/tasks/start", {"task_type": "a"}))["task_id"]
    for path in ("", f"/states/{state}", f"/tasks/{task}"):
        place = f"/services/{service}{path}"
        assert told(await office.ask("PUT", f"{place}/extensions/NOTE", {"text": path})) == (200, None, None)
        assert (await office.get(f"{place}?extensions=Note"))["Note"] == {"Text": path}
        assert "Note" not in await office.get(place)
        wrong = await office.ask("PUT", f"{place}/extensions/Note", {"Text": "x", "More": 1})
        assert refused(wrong) == (400, "InvalidParameter")
        assert refused(await office.ask("PUT", f"{place}/extensions/Nothing", {})) == (404, "NotFound")
        assert refused(await office.ask("PUT", f"{place}/extensions/Note")) == (400, "InvalidParameter")
        assert (await office.get(f"{place}?extensions=Note"))["Note"] == {"Text": path}
        assert told(await office.ask("POST", f"{place}/end")) == (200, None, None)


async def test_a_service_is_forgotten(office: Office) -> None:
    service = await office.service()
    assert told(await office.ask("DELETE", f"/services/{service}")) == (200, None, None)
    assert refused(await office.ask("DELETE", f"/services/{service}")) == (404, "NotFound")


NOTHING = ["0", "99", "x", "-1", "1.0", "9" * 19, "9" * 10_000, "%20", "1%2f2", "é"]
"""Ids of services, states and tasks that there are not."""


async def test_what_is_not_there_is_404(office: Office) -> None:
    service = await office.service()
    for id in NOTHING:
        for path in (f"/services/{id}", f"/services/{service}/states/{id}", f"/services/{service}/tasks/{id}"):
            answer = await office.ask("GET", path)
            assert (answer.status, len(answer.body) < 500) == (404, True), path
    for body in ({"state_id": 2**70}, {"state_id": -1}, {"state_id": "x"}, {}):
        move = {"from": body, "to": {"state_type": "a"}}
        answer = await office.ask("POST", f"/services/{service}/states/transition", move)
        assert answer.status in (400, 404), body


INTERACTION: dict[str, Any] = {
    "interaction_id": "ixn-1",
    "media_type": "chat",
    "established_date": "2026-01-02T03:04:05.678Z",
    "udata": {"queue": "sales"},
    "plain_text": "Hello",
    "structured_text": "<script>alert(1)</script>",
}


async def test_interactions_are_read(office: Office) -> None:
    customer = await office.customer()
    service = await office.service(customer)
    whose = {"customer_id": customer, "service_id": service}
    assert (await office.client.post("/v1/context/interactions", json={**INTERACTION, **whose})).status == 201
    [found] = await office.get("/interactions/ixn-1")
    assert found == {
        "interaction_id": "ixn-1",
        **whose,
        "established_date": "2026-01-02T03:04:05.678Z",
        "media_type": "chat",
        "text": "/interactions/ixn-1/plain_text",
        "structured_text": "/interactions/ixn-1/structured_text",
        "udata": {"queue": "sales"},
    }
    assert await office.get(f"/customers/{customer}/interactions") == [found]
    assert await office.get(f"/services/{service}/interactions") == [found]
    text = await office.ask("GET", found["text"])
    assert (text.status, text.text) == (200, "Hello")
    assert text.headers["content-type"] == "text/plain;charset=UTF-8"
    html = await office.ask("GET", found["structured_text"])
    assert html.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert refused(await office.ask("GET", "/interactions/ixn-1/binary_content")) == (404, "NotFound")
    assert refused(await office.ask("GET", "/interactions/ixn-2")) == (404, "NotFound")
