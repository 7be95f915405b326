"""Calls that we end: both sides are told, and we keep at it until they have answered."""

import pytest
from tests.drivers.proxy.exchange import (
    CALLEE,
    CALLER,
    NOW,
    TABLES,
    Phone,
    answer_to,
    connected,
    proxy,
    request_in,
    response_in,
)

from busyout.domain.errors import NoSuchCall
from busyout.drivers.proxy.calls import TIMER_F
from busyout.drivers.proxy.core import Proxy
from busyout.drivers.proxy.message import Request, parse
from busyout.drivers.proxy.state import Send


def byes(sends: list[Send]) -> dict[tuple[str, int], Request]:
    """Requests by where they go."""
    found: dict[tuple[str, int], Request] = {}
    for send in sends:
        message = parse(send.data)
        assert isinstance(message, Request)
        found[send.address] = message
    return found


def answered(made: Proxy, request: Request, source: tuple[str, int]) -> list[Send]:
    return made.receive(answer_to(request, 200, "OK"), source, 0, NOW)


def test_both_sides_get_a_bye_in_the_name_of_the_other() -> None:
    made = proxy()
    phone = connected(made)
    phone.answers(request_in(phone.sends("INFO")), 200)
    phone.answers(request_in(phone.sends("INFO", by_caller=False)), 200, callee=False)
    asked, sends = made.end(None, NOW)
    told = byes(sends)
    assert asked == ("one",)
    assert set(told) == {CALLER, CALLEE}
    to_callee, to_caller = told[CALLEE], told[CALLER]
    assert (to_callee.first("from"), to_callee.first("to")) == (to_caller.first("to"), to_caller.first("from"))
    assert to_callee.first("cseq") == "3 BYE"
    assert to_caller.first("cseq") == "102 BYE"
    assert to_callee.uri == "sip:bob@127.0.0.3:5080"
    assert to_caller.uri == "sip:alice@127.0.0.2:5070"
    assert made.in_progress(asked) == asked
    answered(made, to_callee, CALLEE)
    assert made.in_progress(asked) == asked
    answered(made, to_caller, CALLER)
    assert made.in_progress(asked) == ()
    assert made.load().quiet
    assert (made.counters()["ended_by_us"], made.counters()["completed"]) == (1, 0)


def test_routes_of_proxies_on_either_side_are_kept() -> None:
    made = proxy()
    phone = Phone(made)
    upstream, near, far = "<sip:127.0.0.6:5060;lr>", "<sip:127.0.0.7:5060;lr>", "<sip:127.0.0.8:5060;lr>"
    data = phone.invites().replace(b"Contact:", f"Record-Route: {upstream}\r\nContact:".encode())
    invite = request_in(made.receive(data, CALLER, 0, NOW))
    ok = answer_to(invite, 200, "OK", tag="to", contact="sip:bob@127.0.0.8:5080").decode()
    made.receive(
        ok.replace("Record-Route:", f"Record-Route: {far}, {near}\r\nRecord-Route:", 1).encode(), CALLEE, 0, NOW
    )
    phone.routes = [*invite.values["record-route"][:1]]
    phone.sends("ACK")
    told = byes(made.end(None, NOW)[1])
    assert told["127.0.0.6", 5060].values["route"] == [upstream]
    assert told["127.0.0.7", 5060].values["route"] == [near, far]
    assert told["127.0.0.7", 5060].uri == "sip:bob@127.0.0.8:5080"


def test_a_bye_is_repeated_until_it_is_answered_and_given_up_in_the_end() -> None:
    made = proxy()
    connected(made)
    told = byes(made.end(None, NOW)[1])
    answered(made, told[CALLER], CALLER)
    assert made.tick(NOW + 0.4) == []
    assert set(byes(made.tick(NOW + 0.5))) == {CALLEE}
    assert made.tick(NOW + 1.4) == []
    assert set(byes(made.tick(NOW + 1.5))) == {CALLEE}
    made.tick(NOW + TIMER_F)
    assert made.load().quiet


def test_ending_twice_is_ending_once() -> None:
    made = proxy()
    connected(made)
    first, sends = made.end(("one",), NOW)
    again, nothing = made.end(("one",), NOW)
    assert first == again
    assert (len(sends), nothing) == (2, [])
    assert made.counters()["ended_by_us"] == 0
    for address, told in byes(sends).items():
        answered(made, told, address)
    assert made.counters()["ended_by_us"] == 1


def test_a_call_that_is_not_there_cannot_be_ended() -> None:
    made = proxy()
    connected(made)
    with pytest.raises(NoSuchCall):
        made.end(("other",), NOW)
    assert made.end(("other", "another"), NOW) == ((), [])


def test_a_set_up_that_rings_is_cancelled() -> None:
    made = proxy()
    phone = Phone(made)
    invite = request_in(phone.call())
    phone.says(180, "Ringing")
    cancel = request_in(made.end(None, NOW)[1])
    assert cancel.method == "CANCEL"
    assert (cancel.uri, cancel.values["via"], cancel.first("cseq")) == (
        invite.uri,
        invite.values["via"][:1],
        "1 CANCEL",
    )
    assert answered(made, cancel, CALLEE) == []
    assert response_in(phone.says(487, "Request Terminated")).status == 487
    assert made.load().quiet
    assert (made.counters()["ended_by_us"], made.counters()["failed"]) == (1, 0)


def test_a_set_up_answered_just_then_is_ended_after_its_acknowledgement() -> None:
    made = proxy()
    phone = Phone(made)
    phone.call()
    phone.says(180, "Ringing")
    made.end(None, NOW)
    assert response_in(phone.says(200, "OK")).status == 200
    told = byes([send for send in phone.sends("ACK") if b"BYE" in send.data])
    assert set(told) == {CALLER, CALLEE}


def test_a_set_up_without_an_acknowledgement_is_ended_all_the_same() -> None:
    made = proxy()
    phone = Phone(made)
    phone.call()
    phone.says(200, "OK")
    assert made.end(None, NOW)[1] == []
    assert set(byes(made.tick(NOW + 2.1))) == {CALLER, CALLEE}


def test_a_set_up_that_nobody_heard_of_is_answered_by_us() -> None:
    made = proxy()
    phone = Phone(made)
    phone.call()
    final = response_in(made.end(None, NOW)[1])
    assert (final.status, final.first("cseq")) == (487, "1 INVITE")
    assert made.load().quiet
    cancel = request_in(phone.says(180, "Ringing"))
    assert cancel.method == "CANCEL"
    ack = request_in(phone.says(487, "Request Terminated"))
    assert (ack.method, ack.uri) == ("ACK", "sip:bob@127.0.0.3:5080")


def test_a_callee_that_answers_after_the_caller_was_told_is_hung_up_on() -> None:
    made = proxy()
    phone = Phone(made)
    phone.call()
    made.end(None, NOW)
    ack, bye = (parse(send.data) for send in phone.says(200, "OK"))
    assert isinstance(ack, Request)
    assert isinstance(bye, Request)
    assert (ack.method, ack.first("cseq")) == ("ACK", "1 ACK")
    assert (bye.method, bye.first("cseq"), bye.uri) == ("BYE", "2 BYE", "sip:bob@127.0.0.3:5080")
    assert answered(made, bye, CALLEE) == []
    assert made.load().quiet


def test_our_final_answer_is_repeated_until_it_is_acknowledged() -> None:
    made = proxy()
    phone = Phone(made)
    phone.call()
    final = response_in(made.end(None, NOW)[1])
    assert response_in(made.tick(NOW + 0.5)).status == 487
    ack = (
        phone.invites()
        .replace(b"INVITE", b"ACK")
        .replace(b"To: <sip:bob@127.0.0.1:5060>", f"To: {final.first('to')}".encode())
    )
    assert made.receive(ack, CALLER, 0, NOW) == []
    assert made.tick(NOW + 2.0) == []


def test_a_bye_that_crosses_ours_ends_the_call_at_once() -> None:
    made = proxy()
    phone = connected(made)
    told = byes(made.end(None, NOW)[1])
    crossing = request_in(phone.sends("BYE"))
    phone.answers(crossing, 481)
    for address, bye in told.items():
        answered(made, bye, address)
    assert made.load().quiet
    assert made.counters()["ended_by_us"] == 1


def test_a_contact_that_changed_is_where_the_bye_goes() -> None:
    made = proxy()
    phone = connected(made)
    moved = phone.within("INVITE").replace(b"Max-Forwards", b"Contact: <sip:alice@127.0.0.2:5999>\r\nMax-Forwards")
    phone.answers(request_in(made.receive(moved, CALLER, 0, NOW)), 200)
    assert ("127.0.0.2", 5999) in byes(made.end(None, NOW)[1])


def test_another_process_goes_on_ending() -> None:
    first = proxy()
    connected(first)
    told = byes(first.end(None, NOW)[1])
    second = proxy()
    second.restore(first.memoir())
    second.configure(TABLES, NOW)
    assert set(byes(second.tick(NOW + 0.6))) == {CALLER, CALLEE}
    for address, bye in told.items():
        answered(second, bye, address)
    assert second.load().quiet
