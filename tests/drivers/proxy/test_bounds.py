"""A peer with huge messages gets its answer, and fills nothing."""

import gc
import tracemalloc

import pytest
from tests.drivers.proxy.exchange import CALLEE, CALLER, NOW, Phone, answer_to, connected, datagram, proxy
from tests.drivers.proxy.exchange import request_in as request
from tests.drivers.proxy.exchange import response_in as response

from busyout.drivers.proxy.bounds import MAX_MESSAGE, MAX_OPEN, MAX_REMEMBERED, MAX_SAID
from busyout.drivers.proxy.calls import Transaction, Transactions
from busyout.drivers.proxy.core import Proxy
from busyout.drivers.proxy.memories import Memories, Memory

FULL = "x" * 16_000
"""About what one header line may hold."""


def padded(data: bytes, size: int) -> bytes:
    """A message made that long by its body."""
    head, _, _ = data.partition(b"\r\nContent-Length")
    body = b"a" * (size - len(head) - len(b"\r\nContent-Length: 00000\r\n\r\n"))
    return head + f"\r\nContent-Length: {len(body):05}\r\n\r\n".encode() + body


def with_line(data: bytes, *lines: str) -> bytes:
    """A message with more header lines."""
    return data.replace(b"\r\nMax-Forwards", "\r\n".join(("", *lines, "Max-Forwards")).encode())


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS", "REGISTER"])
def test_a_message_that_is_too_long_is_told_so(method: str) -> None:
    made = proxy()
    data = padded(Phone(made).invites().replace(b"INVITE", method.encode()), MAX_MESSAGE + 1)
    sends = made.receive(data, CALLER, 0, NOW)
    told = response(sends)
    assert (told.status, told.reason, sends[0].address) == (513, "Message Too Large", CALLER)
    assert told.values["via"] == ["SIP/2.0/UDP 127.0.0.2:5070;branch=z9hG4bKinvite"]
    assert told.first("from") == "<sip:alice@127.0.0.2:5070>;tag=from"
    assert told.first("to").startswith("<sip:bob@127.0.0.1:5060>;tag=")
    assert (told.first("call-id"), told.first("cseq")) == ("one", f"1 {method}")
    assert told.first("content-length") == "0"
    assert (made.counters()["too_large"], made.counters()["offered"]) == (1, 0)
    assert made.load().quiet


def test_a_message_of_the_longest_length_is_passed_on() -> None:
    made = proxy()
    passed = request(made.receive(padded(Phone(made).invites(), MAX_MESSAGE), CALLER, 0, NOW))
    assert passed.method == "INVITE"


def test_a_request_within_a_call_that_is_too_long_leaves_the_call_up() -> None:
    made = proxy()
    phone = connected(made)
    assert response(made.receive(padded(phone.within("INFO"), MAX_MESSAGE + 1), CALLER, 0, NOW)).status == 513
    assert made.load().calls == 1


@pytest.mark.parametrize(
    "data",
    [
        padded(Phone(proxy()).invites().replace(b"INVITE", b"ACK"), MAX_MESSAGE + 1),
        b"x" * 60_000,
        datagram("SIP/2.0 200 OK", "CSeq: 1 INVITE", body=b"a" * MAX_MESSAGE),
    ],
    ids=["ack", "noise", "response"],
)
def test_what_is_too_long_and_no_request_to_answer_is_dropped(data: bytes) -> None:
    made = proxy()
    assert made.receive(data, CALLER, 0, NOW) == []


def test_an_answer_that_is_too_long_is_dropped() -> None:
    made = proxy()
    phone = Phone(made)
    invite = request(phone.call())
    assert made.receive(padded(answer_to(invite, 200, "OK", tag="to"), MAX_MESSAGE + 1), CALLEE, 0, NOW) == []
    assert (made.counters()["too_large"], made.load().setups) == (1, 1)
    assert response(phone.says(200, "OK")).status == 200


@pytest.mark.parametrize(
    "lines",
    [
        [f"Record-Route: <sip:127.0.0.6:5060;lr;{'x' * 8_200}>"] * 2,
        [f"Record-Route: <sip:127.0.0.6:5060;lr;n={number}{'x' * 500}>" for number in range(40)],
        [f"Via: SIP/2.0/UDP 127.0.0.{number};branch=z9hG4bK{'x' * 600}" for number in range(2, 42)],
    ],
    ids=["two", "many", "vias"],
)
def test_a_call_that_would_have_too_much_kept_is_refused(lines: list[str]) -> None:
    made = proxy()
    refused = response(made.receive(with_line(Phone(made).invites(), *lines), CALLER, 0, NOW))
    assert refused.status == 513
    counted = made.counters()
    assert (counted["offered"], counted["refused_too_large"], counted["admitted"]) == (1, 1, 0)
    assert made.load().quiet


def test_an_answer_that_would_have_too_much_kept_is_dropped() -> None:
    made = proxy()
    phone = Phone(made)
    invite = request(phone.call())
    answer = answer_to(invite, 200, "OK", tag="t" * 8_000).replace(
        b"Record", f"Record-Route: {FULL}\r\nRecord".encode()
    )
    assert made.receive(answer, CALLEE, 0, NOW) == []
    assert (made.counters()["too_large"], made.counters()["answered"]) == (1, 0)


def test_a_long_provisional_answer_is_passed_back_and_not_kept() -> None:
    made = proxy()
    phone = Phone(made)
    invite = request(phone.call())
    ringing = padded(answer_to(invite, 183, "Session Progress", tag="to"), MAX_SAID + 1000)
    assert response(made.receive(ringing, CALLEE, 0, NOW)).status == 183
    assert request(phone.call()).method == "INVITE"


def test_what_is_not_understood_is_not_repeated_in_the_reason() -> None:
    made = proxy()
    name = "n" * 10_000
    data = Phone(made).invites().replace(b";tag=from", f";{name}=1;{name}=2;tag=from".encode())
    refused = response(made.receive(data, CALLER, 0, NOW))
    assert refused.status == 400
    assert len(refused.reason) < 200


def held(made: Proxy, data: list[bytes]) -> int:
    """Bytes that the proxy holds more after it has received these datagrams from the caller."""
    gc.collect()
    tracemalloc.start()
    for one in data:
        made.receive(one, CALLER, 0, NOW)
    gc.collect()
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return size


def test_invites_that_are_too_large_hold_nothing() -> None:
    made = proxy()
    routes = [f"Record-Route: <sip:127.0.0.6:5060;lr;{'x' * 2_000}>"] * 14
    large = [with_line(Phone(made, f"{n}").invites(branch=f"z9hG4bK{n}"), *routes) for n in range(200)]
    assert held(made, large) < 200 * 3_000


def test_requests_with_large_contacts_hold_little() -> None:
    made = proxy()
    phone = connected(made)
    contact = f"Contact: <sip:alice@127.0.0.2:5070;{'x' * 15_000}>"
    large = [with_line(phone.within("INVITE", branch=f"z9hG4bK{n}"), contact) for n in range(200)]
    assert held(made, large) < 200 * 3_000


LONG = "x" * 8_000


def test_ten_times_the_bytes_of_memories_leave_them_within_their_bound() -> None:
    memories = Memories()
    for number in range(10 * MAX_REMEMBERED // len(LONG)):
        memories.keep(Memory(f"{number}", f"{number}", NOW, number, LONG, CALLEE, 0))
    kept = list(memories)
    assert MAX_REMEMBERED - 10_000 < sum(memory.weight for memory in kept) <= MAX_REMEMBERED
    assert memories.of_call(kept[-1].call_id) is kept[-1]
    assert memories.of_call("0") is None
    memories.expire(NOW)
    memories.keep(kept[0])
    assert list(memories) == kept[:1]


def test_ten_times_the_bytes_of_transactions_leave_them_within_their_bound() -> None:
    transactions = Transactions()
    for number in range(10 * MAX_OPEN // len(LONG)):
        transactions.open(Transaction(f"{number}", "INVITE", f"{number}", NOW, LONG))
    assert MAX_OPEN - 10_000 < sum(transaction.weight for transaction in transactions) <= MAX_OPEN
    transactions.expire(NOW)
    transactions.open(Transaction("again", "INVITE", "again", NOW, LONG))
    assert len(transactions) == 1
