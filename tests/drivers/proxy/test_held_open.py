"""Nobody keeps a drain from ending but those whose calls were let in before it began."""

import pytest
from tests.drivers.proxy.exchange import CALLEE, CALLER, NOW, Phone, connected, proxy
from tests.drivers.proxy.exchange import request_in as request
from tests.drivers.proxy.exchange import response_in as response

from busyout.drivers.proxy.core import Proxy
from busyout.drivers.proxy.memories import MEMORY_SECONDS
from busyout.drivers.proxy.state import Send


def close(made: Proxy, now: float = NOW) -> None:
    made.admit(False, 17, now)


def ended(made: Proxy) -> Phone:
    """A call that was up when admission was closed, and has ended since."""
    phone = connected(made)
    close(made)
    phone.answers(request(phone.sends("BYE")), 200)
    assert made.load().quiet
    return phone


def challenged(made: Proxy, *, status: int = 407) -> Phone:
    """A set-up that the callee has asked to be tried again."""
    phone = Phone(made)
    phone.call()
    phone.says(status, "Said")
    acknowledge(phone)
    return phone


def acknowledge(phone: Phone) -> None:
    """The caller acknowledges a final answer other than 2xx."""
    ack = phone.invites().replace(b"INVITE", b"ACK")
    assert request(phone.proxy.receive(ack, CALLER, 0, phone.now)).method == "ACK"


def again(phone: Phone, **changed: str) -> list[Send]:
    """Another INVITE of the same Call-ID."""
    phone.cseq += 1
    data = phone.invites(branch=f"z9hG4bKagain{phone.cseq}")
    for old, new in changed.items():
        data = data.replace(old.encode(), new.encode())
    return phone.proxy.receive(data, CALLER, 0, phone.now)


@pytest.mark.parametrize("from_tag", ["from", "other"])
def test_the_call_id_of_a_call_that_has_ended_lets_nobody_in(from_tag: str) -> None:
    made = proxy()
    phone = ended(made)
    phone.from_tag = from_tag
    refused = response(again(phone))
    assert (refused.status, refused.first("retry-after")) == (503, "17")
    assert made.counters()["refused_draining"] == 1
    assert made.load().quiet


def test_a_late_repetition_of_the_invite_of_an_ended_call_is_absorbed() -> None:
    made = proxy()
    phone = ended(made)
    phone.cseq = 1
    assert phone.call() == []
    assert (made.counters()["retransmissions"], made.counters()["offered"]) == (1, 1)


def test_a_repetition_of_a_failed_invite_is_absorbed_once_it_was_acknowledged() -> None:
    made = proxy()
    phone = Phone(made)
    first = phone.call()
    phone.says(486, "Busy Here")
    close(made)
    assert phone.call() == first
    acknowledge(phone)
    assert phone.call() == []


def test_a_repetition_of_an_invite_that_we_ended_is_absorbed() -> None:
    made = proxy()
    phone = Phone(made)
    phone.call()
    close(made)
    made.end(None, NOW)
    assert phone.call() == []


@pytest.mark.parametrize("from_tag", ["from", "other"])
def test_the_call_id_of_a_call_that_is_up_lets_no_other_in(from_tag: str) -> None:
    made = proxy()
    phone = connected(made)
    close(made)
    phone.from_tag = from_tag
    assert response(again(phone)).status == 503
    assert made.load().calls == 1


def test_an_invite_that_comes_by_for_the_second_time_goes_on() -> None:
    made = proxy()
    passed = Phone(made).call()[0].data
    close(made)
    lines = passed.decode().replace("bob@127.0.0.3:5080 SIP", "carol@127.0.0.1:5060 SIP").split("\r\n")
    back = [lines[0], "Via: SIP/2.0/UDP 127.0.0.3:5080;branch=z9hG4bKback", *lines[1:]]
    sends = made.receive("\r\n".join(back).encode(), CALLEE, 0, NOW)
    assert len(request(sends).values["via"]) == 4
    assert (made.load().setups, made.load().transactions) == (1, 2)


@pytest.mark.parametrize("status", [302, 401, 407, 415, 420, 422])
def test_a_set_up_that_was_asked_to_try_again_may(status: int) -> None:
    made = proxy()
    phone = challenged(made, status=status)
    close(made)
    assert request(again(phone)).method == "INVITE"
    assert made.load().setups == 1


@pytest.mark.parametrize("status", [404, 480, 486, 503, 603])
def test_a_set_up_that_failed_for_good_may_not(status: int) -> None:
    made = proxy()
    phone = challenged(made, status=status)
    close(made)
    assert response(again(phone)).status == 503


def test_a_set_up_of_somebody_else_may_not_try_again() -> None:
    made = proxy()
    phone = challenged(made)
    close(made)
    assert response(again(phone, **{"tag=from": "tag=other"})).status == 503
    phone.cseq = 0
    assert response(again(phone)).status == 503


def test_a_second_try_in_progress_lets_no_third_one_in() -> None:
    made = proxy()
    phone = challenged(made)
    close(made)
    again(phone)
    assert response(again(phone)).status == 503
    assert made.load().setups == 1


def test_trying_again_ends_soon_after_admission_was_closed() -> None:
    made = proxy()
    phone = challenged(made)
    close(made)
    tries = 0
    for _ in range(10 * int(MEMORY_SECONDS)):
        phone.now += 1
        close(made, phone.now)
        sends = again(phone)
        if sends[0].address == CALLER:
            break
        tries += 1
        phone.invite = request(sends)
        phone.says(407, "Proxy Authentication Required")
    assert tries == MEMORY_SECONDS - 1
    assert made.load().quiet


def test_what_belongs_to_no_call_is_carried_and_not_waited_for() -> None:
    made = proxy()
    close(made)
    message = Phone(made).invites().replace(b"INVITE", b"MESSAGE")
    sends = made.receive(message, CALLER, 0, NOW)
    assert sends[0].address == CALLEE
    assert made.load().quiet
    phone = Phone(made, invite=request(sends))
    assert response(phone.says(200, "OK")).status == 200


def test_a_dialog_that_nobody_remembers_is_carried_and_not_waited_for() -> None:
    phone = connected(proxy())
    phone.proxy = proxy()
    close(phone.proxy)
    sends = phone.sends("BYE")
    assert sends[0].address == CALLEE
    assert phone.proxy.load().quiet
    assert phone.answers(request(sends), 200)[0].address == CALLER


def test_what_was_under_way_when_admission_was_closed_is_waited_for() -> None:
    made = proxy()
    message = Phone(made).invites().replace(b"INVITE", b"MESSAGE")
    phone = Phone(made, invite=request(made.receive(message, CALLER, 0, NOW)))
    close(made)
    assert made.load().transactions == 1
    phone.says(200, "OK")
    assert made.load().quiet
