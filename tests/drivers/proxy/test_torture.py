"""The engine takes what RFC 4475 calls sound, refuses what it must, and never fails."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.drivers.proxy.exchange import CALLER, NOW, proxy, request_in, response_in
from tests.drivers.proxy.torture import ACCEPTED, DROPPED, PASSED, REFUSED

from busyout.drivers.proxy.facts import facts_of
from busyout.drivers.proxy.message import NotSip, Request, Response, parse


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_sound_request_is_understood(name: str) -> None:
    request = parse(ACCEPTED[name])
    assert isinstance(request, Request)
    if name == "intmeth":
        assert facts_of(request).call_id.startswith("intmeth")
    facts = facts_of(request)
    assert facts.call_id
    assert facts.vias


@pytest.mark.parametrize("name", [name for name in ACCEPTED if name != "wsinv"])
def test_a_sound_request_is_passed_on_with_its_body_untouched(name: str) -> None:
    original = parse(ACCEPTED[name])
    passed = request_in(proxy().receive(ACCEPTED[name], CALLER, 0, NOW))
    assert passed.method == original.method  # type: ignore[union-attr]
    assert passed.body == original.body
    for header in ("from", "to", "call-id", "cseq", "contact"):
        assert passed.values.get(header) == original.values.get(header)


def test_white_space_where_nobody_expects_it_is_no_matter() -> None:
    request = parse(ACCEPTED["wsinv"])
    assert isinstance(request, Request)
    facts = facts_of(request)
    assert (facts.from_tag, facts.to_tag, facts.cseq, facts.forwards) == ("98asjd8", "1918181833n", 9, 68)
    assert len(facts.vias) == 3
    assert facts.via.parameters["branch"] == "390skdjuw"


def test_what_follows_the_body_of_a_datagram_is_left_behind() -> None:
    passed = request_in(proxy().receive(ACCEPTED["dblreq"], CALLER, 0, NOW))
    assert (passed.method, passed.body) == ("REGISTER", b"")


@pytest.mark.parametrize("name", REFUSED)
def test_an_unsound_request_is_refused(name: str) -> None:
    status, data = REFUSED[name]
    refusing = proxy()
    assert response_in(refusing.receive(data, CALLER, 0, NOW)).status == status
    assert refusing.load().quiet


def test_an_unknown_extension_is_named() -> None:
    refused = response_in(proxy().receive(REFUSED["bext01"][1], CALLER, 0, NOW))
    assert refused.first("unsupported") == "noProxiesSupportThis, norDoAnyProxiesSupportThis"


@pytest.mark.parametrize("name", PASSED)
def test_a_sound_response_is_understood(name: str) -> None:
    assert isinstance(parse(PASSED[name]), Response)


@pytest.mark.parametrize("name", DROPPED)
def test_a_response_that_belongs_to_nothing_is_dropped(name: str) -> None:
    dropping = proxy()
    assert dropping.receive(DROPPED[name], CALLER, 0, NOW) == []
    assert dropping.counters()["malformed"] + dropping.counters()["stray"] == 1


def test_a_malformed_ack_is_never_answered() -> None:
    data = REFUSED["insuf"][1].replace(b"INVITE", b"ACK")
    assert proxy().receive(data, CALLER, 0, NOW) == []


SAMPLES = [*ACCEPTED.values(), *(data for _, data in REFUSED.values()), *PASSED.values(), *DROPPED.values()]


@given(st.sampled_from(SAMPLES), st.data())
def test_no_damage_to_a_message_makes_the_engine_fail(sample: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(sample)))
    end = data.draw(st.integers(start, min(len(sample), start + 40)))
    damaged = sample[:start] + data.draw(st.binary(max_size=8)) + sample[end:]
    taking = proxy()
    sends = taking.receive(damaged, CALLER, 0, NOW)
    assert len(sends) <= 1
    for send in sends:
        parse(send.data)


@given(st.binary(max_size=400))
def test_noise_is_no_message(noise: bytes) -> None:
    try:
        parse(noise)
    except NotSip:
        return


@pytest.mark.parametrize(
    "header",
    [
        'To: "' + '\\"' * 8000,
        "To: " + "<" * 16000,
        "Via: " + "SIP/2.0/UDP a," * 1000,
        "Route: " + "<sip:a>," * 2000,
        "Contact: " + ";" * 16000,
        "To: " + " " * 16000 + "x <",
        "From: <sip:a@b>" + ";a=b" * 4000,
        "X: " + " " * 60000,
        "CSeq: " + "1" * 16000 + " INVITE",
    ],
    ids=lambda header: header[:12],
)
def test_a_header_made_to_cost_time_costs_little(header: str) -> None:
    name = header.partition(":")[0]
    lines = ["INVITE sip:x@127.0.0.1 SIP/2.0", "Via: SIP/2.0/UDP 127.0.0.2;branch=z9hG4bK1", "From: <sip:a@b>;tag=1"]
    lines += ["To: <sip:c@d>", "Call-ID: costly", "CSeq: 1 INVITE"]
    kept = [line for line in lines if not line.startswith(f"{name}:")]
    sends = proxy().receive("\r\n".join((*kept, header, "", "")).encode(), CALLER, 0, NOW)
    assert len(sends) <= 1
