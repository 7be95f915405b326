"""What a process does for calls that it never saw, or sees no more: CANCELs, marks, hand-overs."""

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

from busyout.drivers.proxy.calls import TIMER_C


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
