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


def test_calls_outlive_the_process_that_let_them_in() -> None:
    phone = connected(proxy())
    phone.proxy = proxy()
    for by_caller, far in ((True, CALLEE), (False, CALLER)):
        assert phone.sends("INVITE", by_caller=by_caller)[0].address == far
    bye = phone.sends("BYE")
    assert bye[0].address == CALLEE
    assert phone.answers(request_in(bye), 200)[0].address == CALLER


def test_an_answer_outlives_the_process_that_passed_the_invite_on() -> None:
    phone = Phone(proxy())
    phone.call()
    phone.proxy = proxy()
    assert phone.says(200, "OK")[0].address == CALLER


def test_a_cancel_finds_the_callee_although_the_process_is_new() -> None:
    phone = Phone(proxy())
    invite = request_in(phone.call())
    cancel = request_in(proxy().receive(phone.invites().replace(b"INVITE", b"CANCEL"), CALLER, 0, NOW))
    assert (cancel.uri, cancel.values["via"][0]) == (invite.uri, invite.values["via"][0])


@pytest.mark.parametrize("admitting", [True, False])
def test_a_cancel_of_nothing_is_told_so(admitting: bool) -> None:
    made = proxy()
    made.admit(admitting, 7, NOW)
    cancel = Phone(made).invites().replace(b"INVITE", b"CANCEL")
    assert response_in(made.receive(cancel, CALLER, 0, NOW + TIMER_C)).status == 481
    assert made.load().quiet


def test_a_cancel_after_a_hand_over_is_known_or_told_that_it_is_not() -> None:
    first = proxy()
    phone = Phone(first)
    phone.call()
    second = proxy()
    second.restore(first.memoir())
    second.configure(TABLES, NOW + 100)
    cancel = phone.invites().replace(b"INVITE", b"CANCEL")
    assert request_in(second.receive(cancel, CALLER, 0, NOW + TIMER_C)).method == "CANCEL"
    other = Phone(second, "other").invites(branch="z9hG4bKother").replace(b"INVITE", b"CANCEL")
    assert response_in(second.receive(other, CALLER, 0, NOW + TIMER_C)).status == 481


def test_a_cancel_that_a_new_process_passes_on_is_not_waited_for() -> None:
    phone = Phone(proxy())
    phone.call()
    phone.proxy = proxy()
    cancel = request_in(phone.proxy.receive(phone.invites().replace(b"INVITE", b"CANCEL"), CALLER, 0, NOW))
    assert phone.proxy.load().quiet
    assert response_in(phone.answers(cancel, 200)).status == 200


def test_nobody_is_routed_into_a_dialog_that_was_never_let_in() -> None:
    stranger = Phone(proxy(), routes=["<sip:127.0.0.1:5060;lr;bo=0123456789abcdef>"])
    assert response_in(stranger.sends("INVITE")).status == 481
    assert stranger.sends("ACK") == []


def test_the_mark_of_one_call_opens_no_other() -> None:
    made = proxy()
    routes = connected(made, "mine").routes
    assert response_in(Phone(made, "other", routes=routes).sends("BYE")).status == 481


def test_a_mark_is_worth_something_for_a_day() -> None:
    phone = connected(proxy())
    for hours, status in ((23, None), (26, 481)):
        phone.proxy, phone.now = proxy(), NOW + hours * 3600
        sends = phone.sends("INFO")
        assert (sends[0].address == CALLEE) is (status is None)
    assert response_in(sends).status == 481


def test_a_mark_says_when_it_was_made_and_nobody_else_can() -> None:
    phone = connected(proxy())
    issued, _, rest = phone.routes[0].partition(";bo=")[2].partition(".")
    assert rest
    phone.routes = [phone.routes[0].replace(f"bo={issued}.", f"bo={int(issued, 16) + 30:x}.")]
    phone.proxy, phone.now = proxy(), NOW + 26 * 3600
    assert response_in(phone.sends("INFO")).status == 481
    for odd in ("", ".", "x.y", f".{rest}", f"{'f' * 200}.{rest}", f"-1.{rest}", f"{issued}.", "\u00b2.1"):
        phone.routes = [f"<sip:127.0.0.1:5060;lr;bo={odd}>"]
        assert phone.sends("INFO")[0].address == CALLER


def test_no_part_of_a_mark_can_pass_for_another() -> None:
    made = proxy()
    phone = connected(made, "left|right")
    issued, _, rest = phone.routes[0].partition(";bo=")[2].partition(".")
    routes = [phone.routes[0].replace(f"bo={issued}.{rest}", f"bo={issued}|left.{rest}")]
    assert response_in(Phone(made, "right", routes=routes).sends("INFO")).status == 481


def test_a_via_cannot_be_cut_in_another_way_by_an_answer() -> None:
    made = proxy()
    phone = Phone(made, "left|198.51.100.9|7|right")
    invite = request_in(phone.call())
    forged = answer_to(invite, 200, "OK", tag="to").decode()
    forged = forged.replace(f"Call-ID: {phone.call_id}", "Call-ID: right")
    forged = forged.replace("=z9hG4bKinvite", "=z9hG4bKinvite|None|None|left;received=198.51.100.9;rport=7")
    assert made.receive(forged.encode(), CALLEE, 0, NOW) == []


def test_a_call_that_is_known_needs_no_young_mark() -> None:
    phone = connected(proxy())
    for hours in (11, 22, 33):
        phone.now = NOW + hours * 3600
        phone.answers(request_in(phone.sends("INFO")), 200)
        phone.proxy.tick(phone.now)
    bye = phone.sends("BYE")
    phone.answers(request_in(bye), 200)
    assert phone.proxy.load().quiet
    phone.now += 31
    phone.proxy.tick(phone.now)
    phone.cseq -= 1
    assert phone.sends("BYE")[0].address == CALLEE


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


def test_another_process_goes_on_with_calls_and_counts() -> None:
    first = proxy()
    phones = [connected(first, str(number)) for number in range(3)]
    second = proxy()
    second.restore(first.memoir())
    second.configure(TABLES, NOW)
    assert second.load() == first.load()
    assert second.counters() == first.counters()
    assert second.calls(10, None) == first.calls(10, None)
    phones[0].proxy = second
    phones[0].answers(request_in(phones[0].sends("BYE")), 200)
    assert second.load().calls == 2
