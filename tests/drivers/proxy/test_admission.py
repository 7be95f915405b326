"""Who is let in, who is refused, and that nothing else ever is."""

import pytest
from msgspec.structs import replace
from tests.drivers.proxy.exchange import CALLEE, CALLER, NOW, OTHER, TABLES, Phone, connected, datagram, proxy
from tests.drivers.proxy.exchange import request_in as request
from tests.drivers.proxy.exchange import response_in as response

from busyout.domain.configuration.tables import Interface
from busyout.drivers.proxy.core import Proxy


def options(*, to_tag: str = "") -> bytes:
    return datagram(
        "OPTIONS sip:127.0.0.1:5060 SIP/2.0",
        "Via: SIP/2.0/UDP 127.0.0.2:5070;branch=z9hG4bKoptions",
        "From: <sip:a@127.0.0.2>;tag=1",
        f"To: <sip:127.0.0.1:5060>{to_tag}",
        "Call-ID: options",
        "CSeq: 1 OPTIONS",
        "Max-Forwards: 0",
    )


def closed() -> Proxy:
    made = proxy()
    made.admit(False, 17, NOW)
    return made


def test_a_new_call_is_passed_to_the_trunk_of_its_route() -> None:
    made = proxy()
    sends = Phone(made).call()
    passed = request(sends)
    assert sends[0].address == CALLEE
    assert passed.uri == "sip:bob@127.0.0.3:5080"
    assert passed.first("max-forwards") == "69"
    assert passed.first("record-route").startswith("<sip:127.0.0.1:5060;lr;")
    assert passed.values["via"][0].startswith("SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK")
    load = made.load()
    assert (load.calls, load.setups, load.transactions) == (0, 1, 1)


def test_a_new_call_is_refused_while_admission_is_closed() -> None:
    made = closed()
    refused = response(Phone(made).call())
    assert (refused.status, refused.first("retry-after")) == (503, "17")
    assert made.load().quiet
    assert made.counters()["refused_draining"] == 1


def test_the_acknowledgement_of_a_refusal_goes_no_further() -> None:
    made = closed()
    phone = Phone(made)
    refused = response(phone.call())
    ack = datagram(
        "ACK sip:bob@127.0.0.1:5060 SIP/2.0",
        "Via: SIP/2.0/UDP 127.0.0.2:5070;branch=z9hG4bKinvite",
        "From: <sip:alice@127.0.0.2:5070>;tag=from",
        f"To: {refused.first('to')}",
        "Call-ID: one",
        "CSeq: 1 ACK",
    )
    assert made.receive(ack, CALLER, 0, NOW) == []
    assert made.counters()["stray"] == 0


def test_a_repeated_invite_that_was_refused_stays_refused_after_reopening() -> None:
    made = closed()
    phone = Phone(made)
    phone.call()
    made.admit(True, 17, NOW)
    assert response(phone.call()).status == 503
    assert made.counters()["offered"] == 1


def test_a_repeated_invite_that_was_admitted_is_never_refused() -> None:
    made = proxy()
    phone = Phone(made)
    first = phone.call()
    made.admit(False, 17, NOW)
    assert phone.call() == first
    phone.says(180, "Ringing")
    assert response(phone.call()).status == 180
    phone.says(200, "OK")
    assert phone.call() == []
    assert made.counters()["retransmissions"] == 3
    assert made.counters()["offered"] == 1


def test_a_repeated_invite_whose_call_failed_goes_where_it_went() -> None:
    made = proxy()
    phone = Phone(made)
    first = phone.call()
    phone.says(486, "Busy Here")
    made.admit(False, 17, NOW)
    assert phone.call() == first


@pytest.mark.parametrize("method", ["INVITE", "BYE", "UPDATE", "REFER", "INFO", "OPTIONS", "MESSAGE"])
@pytest.mark.parametrize("by_caller", [True, False])
def test_calls_in_progress_go_on_while_admission_is_closed(method: str, by_caller: bool) -> None:
    made = proxy()
    phone = connected(made)
    made.admit(False, 17, NOW)
    sends = phone.sends(method, by_caller=by_caller)
    assert request(sends).method == method
    assert sends[0].address == (CALLEE if by_caller else CALLER)


def test_a_cancel_is_passed_on_while_admission_is_closed() -> None:
    made = proxy()
    phone = Phone(made)
    invite = request(phone.call())
    made.admit(False, 17, NOW)
    cancel = phone.invites().replace(b"INVITE", b"CANCEL")
    passed = request(made.receive(cancel, CALLER, 0, NOW))
    assert passed.uri == invite.uri
    assert passed.values["via"][0] == invite.values["via"][0]


def test_a_second_try_with_the_same_call_id_is_let_in() -> None:
    made = proxy()
    phone = Phone(made)
    phone.call()
    phone.says(407, "Proxy Authentication Required")
    made.admit(False, 17, NOW)
    phone.cseq = 2
    assert request(made.receive(phone.invites(branch="z9hG4bKagain"), CALLER, 0, NOW)).method == "INVITE"


def test_options_to_ourselves_tell_whether_calls_are_let_in() -> None:
    made = proxy()
    assert response(made.receive(options(), CALLER, 0, NOW)).status == 200
    made.admit(False, 17, NOW)
    refused = response(made.receive(options(), CALLER, 0, NOW))
    assert (refused.status, refused.first("retry-after")) == (503, "17")


def test_a_caller_that_no_row_knows_is_refused() -> None:
    made = proxy()
    assert response(made.receive(Phone(made).invites(), ("127.0.0.9", 5070), 0, NOW)).status == 403
    assert made.counters()["refused_not_classified"] == 1


def test_a_number_without_a_route_is_refused() -> None:
    made = proxy(replace(TABLES, route=()))
    assert response(Phone(made).call()).status == 404
    assert made.counters()["refused_no_route"] == 1


def test_a_trunk_out_of_use_takes_no_new_call() -> None:
    made = proxy()
    made.set_trunk("out/0", False)
    assert response(Phone(made).call()).status == 480
    assert made.counters()["refused_no_trunk"] == 1
    made.set_trunk("out/0", True)
    assert request(Phone(made, "two").call()).method == "INVITE"


def test_a_trunk_that_is_ourselves_is_a_loop() -> None:
    looped = replace(TABLES, trunk=(replace(TABLES.trunk[0], address="127.0.0.1", port=5060),))
    assert response(Phone(proxy(looped)).call()).status == 482


def test_more_calls_than_the_capacity_are_refused() -> None:
    made = proxy(capacity=3)
    for number in range(3):
        connected(made, str(number))
    refused = response(Phone(made, "more").call())
    assert (refused.status, refused.first("retry-after")) == (503, "7")
    assert made.counters()["refused_capacity"] == 1


def test_ten_times_the_capacity_leaves_the_table_within_its_bound() -> None:
    made = proxy(capacity=10)
    for number in range(100):
        Phone(made, str(number)).call()
    assert made.load().setups == 10
    assert made.counters()["offered"] == 100


def test_what_was_offered_was_admitted_or_refused() -> None:
    made = proxy(capacity=2)
    for number in range(4):
        Phone(made, str(number)).call()
    made.admit(False, 1, NOW)
    Phone(made, "late").call()
    counted = made.counters()
    refused = sum(value for name, value in counted.items() if name.startswith("refused_"))
    assert counted["offered"] == counted["admitted"] + refused == 5


def test_new_tables_move_new_calls_only() -> None:
    made = proxy()
    old = connected(made)
    made.apply(replace(TABLES, route=(replace(TABLES.route[1], peer="backup"),)), NOW, dry_run=False)
    assert Phone(made, "new").call()[0].address == OTHER
    assert old.sends("INFO")[0].address == CALLEE


def test_a_changed_interface_is_left_for_the_next_start() -> None:
    made = proxy()
    before = made.digest()
    changed = replace(TABLES, interface=(Interface(0, "sip", "127.0.0.1", 5999),))
    applied = made.apply(changed, NOW, dry_run=False)
    assert (applied.live, applied.needs_restart) == ((), ("interface",))
    assert made.digest() == before


def test_a_sender_cannot_have_answers_sent_elsewhere() -> None:
    made = proxy()
    forged = options().replace(b";branch", b";received=198.51.100.9;branch")
    assert made.receive(forged, CALLER, 0, NOW)[0].address == CALLER


def test_a_sender_behind_an_address_translator_is_answered_where_it_is() -> None:
    made = proxy()
    asking = options().replace(b"127.0.0.2:5070;branch", b"10.0.0.1:5060;rport;branch")
    sends = made.receive(asking, CALLER, 0, NOW)
    assert sends[0].address == CALLER
    assert "received=127.0.0.2" in response(sends).first("via")
    assert "rport=5070" in response(sends).first("via")


def test_a_call_id_that_could_not_be_named_to_us_is_refused() -> None:
    made = proxy()
    answer = response(made.receive(options().replace(b"Call-ID: options", b"Call-ID: caf\xe9"), CALLER, 0, NOW))
    assert answer.status == 400
    assert made.load().transactions == 0
