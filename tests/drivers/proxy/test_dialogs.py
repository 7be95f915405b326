"""Calls from their set-up to their end, as the table sees them, and what goes through without it."""

import pytest
from msgspec.structs import replace
from tests.drivers.proxy.exchange import (
    CALLEE,
    CALLER,
    NOW,
    PROXY,
    TABLES,
    Phone,
    answer_to,
    connected,
    proxy,
    request_in,
    response_in,
)

from busyout.domain.configuration.tables import Interface
from busyout.drivers.proxy.calls import SILENCE_LIMIT, TIMER_C, TIMER_F


def test_a_call_is_set_up_answered_and_ended() -> None:
    made = proxy()
    phone = Phone(made)
    phone.call()
    assert made.calls(10, None)[0].state == "setup"
    answered = phone.says(200, "OK")
    assert answered[0].address == CALLER
    assert len(response_in(answered).values["via"]) == 1
    assert made.calls(10, None)[0].state == "established"
    phone.sends("ACK")
    bye = request_in(phone.sends("BYE"))
    assert made.calls(10, None)[0].state == "ending"
    assert not made.load().quiet
    phone.answers(bye, 200)
    assert made.load().quiet
    counted = made.counters()
    assert (counted["admitted"], counted["answered"], counted["completed"], counted["failed"]) == (1, 1, 1, 0)


def test_a_bye_from_the_callee_ends_the_call_too() -> None:
    made = proxy()
    phone = connected(made)
    bye = request_in(phone.sends("BYE", by_caller=False))
    phone.answers(bye, 200, callee=False)
    assert made.load().quiet


def test_a_bye_that_is_challenged_leaves_the_call_up() -> None:
    made = proxy()
    phone = connected(made)
    phone.answers(request_in(phone.sends("BYE")), 407)
    assert made.calls(10, None)[0].state == "established"


def test_a_bye_of_somebody_else_leaves_the_call_alone() -> None:
    made = proxy()
    phone = connected(made)
    forger = Phone(made, from_tag="wrong", routes=phone.routes)
    forger.answers(request_in(forger.sends("BYE")), 481)
    assert made.calls(10, None)[0].state == "established"


def test_a_call_that_is_refused_by_the_callee_has_failed() -> None:
    made = proxy()
    phone = Phone(made)
    phone.call()
    assert response_in(phone.says(486, "Busy Here")).status == 486
    assert made.load().quiet
    assert made.counters()["failed"] == 1
    ack = phone.invites().replace(b"INVITE", b"ACK")
    assert made.receive(ack, CALLER, 0, NOW)[0].address == CALLEE


def test_an_answer_to_something_we_did_not_pass_on_is_dropped() -> None:
    made = proxy()
    phone = Phone(made)
    invite = request_in(phone.call())
    forged = answer_to(invite, 200, "OK", tag="to").replace(b"127.0.0.2:5070", b"198.51.100.9:5070")
    assert made.receive(forged, CALLEE, 0, NOW) == []
    assert made.counters()["stray"] == 1
    assert made.counters()["answered"] == 0


def test_a_party_that_knows_no_routes_is_helped_by_the_table() -> None:
    phone = connected(proxy())
    bye = phone.sends("BYE", routed=False)
    assert bye[0].address == CALLEE
    assert request_in(bye).uri == "sip:bob@127.0.0.3:5080"


def test_vias_joined_by_commas_are_told_apart() -> None:
    made = proxy()
    phone = Phone(made)
    invite = request_in(phone.call())
    joined = ", ".join(invite.values["via"])
    answer = answer_to(invite, 180, "Ringing", tag="to").decode()
    lines = [line for line in answer.split("\r\n") if not line.startswith("Via:")]
    data = "\r\n".join((lines[0], f"v: {joined}", *lines[1:])).encode()
    assert response_in(made.receive(data, CALLEE, 0, NOW)).values["via"] == [invite.values["via"][1]]


def test_a_strict_router_gets_its_own_address_as_request_uri() -> None:
    phone = connected(proxy())
    phone.routes.append("<sip:127.0.0.7:5066>")
    sends = phone.sends("INFO")
    passed = request_in(sends)
    assert sends[0].address == ("127.0.0.7", 5066)
    assert (passed.uri, passed.values["route"]) == ("sip:127.0.0.7:5066", ["<sip:x@127.0.0.3:5080>"])


def test_a_strict_router_before_us_is_understood() -> None:
    phone = connected(proxy())
    ours = phone.routes[0].strip("<>")
    data = phone.within("INFO").decode()
    data = data.replace("sip:x@127.0.0.3:5080 SIP", f"{ours} SIP").replace(phone.routes[0], "<sip:x@127.0.0.3:5080>")
    sends = phone.proxy.receive(data.encode(), CALLER, 0, NOW)
    assert (sends[0].address, request_in(sends).uri) == (CALLEE, "sip:x@127.0.0.3:5080")


@pytest.mark.parametrize("contact", ["sip:bob@pbx.example.com", "sip:bob@127.0.0.3:5080;transport=tcp"])
def test_a_party_that_names_no_ipv4_address_is_found_where_it_spoke_from(contact: str) -> None:
    made = proxy()
    phone = Phone(made)
    invite = request_in(phone.call())
    made.receive(answer_to(invite, 200, "OK", tag="to", contact=contact), CALLEE, 0, NOW)
    phone.routes = list(invite.values["record-route"])
    data = phone.within("ACK").replace(b"ACK sip:x@127.0.0.3:5080", f"ACK {contact}".encode())
    assert made.receive(data, CALLER, 0, NOW)[0].address == CALLEE


def test_two_interfaces_are_both_in_the_path() -> None:
    inside, outside = PROXY, ("127.0.0.9", 5060)
    tables = replace(TABLES, interface=(Interface(0, "in", *inside), Interface(1, "out", *outside)))
    made = proxy(tables, source_of=lambda host: "127.0.0.9" if host == CALLEE[0] else "127.0.0.1")
    phone = Phone(made)
    sends = phone.call()
    invite = request_in(sends)
    assert sends[0].interface == 1
    assert [value.split(";")[0] for value in invite.values["record-route"]] == [
        "<sip:127.0.0.9:5060",
        "<sip:127.0.0.1:5060",
    ]
    answer = answer_to(invite, 200, "OK", tag="to", contact="sip:bob@127.0.0.3:5080")
    answered = made.receive(answer, CALLEE, 1, NOW)
    assert (answered[0].address, answered[0].interface) == (CALLER, 0)
    phone.routes = invite.values["record-route"][::-1]
    ack = phone.sends("ACK")
    assert (ack[0].address, ack[0].interface) == (CALLEE, 1)
    assert "route" not in request_in(ack).values
    phone.routes = invite.values["record-route"]
    back = made.receive(phone.within("BYE", by_caller=False), CALLEE, 1, NOW)
    assert (back[0].address, back[0].interface) == (CALLER, 0)


def test_a_set_up_that_nobody_answers_is_forgotten() -> None:
    made = proxy()
    Phone(made).call()
    made.tick(NOW + TIMER_F - 1)
    assert made.load().setups == 1
    made.tick(NOW + TIMER_F + 1)
    assert made.load().quiet
    assert made.counters()["failed"] == 1


def test_a_set_up_that_rings_for_ever_is_taken_back() -> None:
    made = proxy()
    phone = Phone(made)
    phone.call()
    phone.says(180, "Ringing")
    assert made.tick(NOW + TIMER_C - 1) == []
    cancel = request_in(made.tick(NOW + TIMER_C + 1))
    assert (cancel.method, cancel.values["via"]) == ("CANCEL", [phone.invite.values["via"][0]])  # type: ignore[union-attr]
    sends = made.tick(NOW + TIMER_C + TIMER_F + 2)
    assert response_in([send for send in sends if send.address == CALLER]).status == 408
    assert made.load().setups == 0


def test_a_call_without_traffic_expires_after_twelve_hours() -> None:
    made = proxy()
    connected(made)
    made.tick(NOW + SILENCE_LIMIT - 1)
    assert made.load().calls == 1
    made.tick(NOW + SILENCE_LIMIT + 2)
    assert made.load().quiet
    assert made.counters()["expired"] == 1


def test_pages_go_on_although_their_last_call_has_ended() -> None:
    made = proxy()
    phones = [connected(made, str(number)) for number in range(5)]
    page = made.calls(2, None)
    assert [call.id for call in page] == ["0", "1"]
    phones[1].answers(request_in(phones[1].sends("BYE")), 200)
    assert [call.id for call in made.calls(2, "1")] == ["2", "3"]
