"""Trunks are seen to go down and to come back, once each, and calls keep clear of those that are down."""

from msgspec.structs import replace
from tests.drivers.proxy.exchange import (
    CALLEE,
    CALLER,
    NOW,
    OTHER,
    TABLES,
    Phone,
    answer_to,
    proxy,
    request_in,
    response_in,
)

from busyout.domain.configuration.tables import Tables, Trunk, TrunkSet
from busyout.drivers.proxy.core import Proxy

INTERVAL = 10.0
WATCHED = replace(
    TABLES, trunk_set=(TrunkSet(0, "out", keep_alive=True, keep_alive_interval=INTERVAL), TrunkSet(1, "spare"))
)
TIMEOUT = 2.0


def operational(made: Proxy, trunk: str = "out/0") -> str:
    return next(status.operational for status in made.trunks() if status.id == trunk)


def kinds(made: Proxy) -> list[str]:
    return [event.kind for event in made.events()]


def fail(made: Proxy, at: float) -> None:
    """Let one keep-alive go unanswered."""
    assert request_in(made.tick(at)).method == "OPTIONS"
    request_in(made.tick(at + 0.5))
    assert made.tick(at + 1.5) == []
    assert made.tick(at + TIMEOUT) == []


def succeed(made: Proxy, at: float, status: int = 200) -> None:
    """Let one keep-alive be answered."""
    probe = request_in(made.tick(at))
    made.receive(answer_to(probe, status, "Said", tag="x"), CALLEE, 0, at + 0.02)


def test_nothing_is_sent_where_keep_alive_is_off() -> None:
    made = proxy()
    assert made.tick(NOW + 1000) == []
    assert operational(made) == "unknown"


def test_an_answer_brings_a_trunk_up_and_is_timed() -> None:
    made = proxy(WATCHED)
    made.watch(True)
    assert operational(made) == "unknown"
    succeed(made, NOW)
    status = made.trunks()[0]
    assert status.operational == "up"
    assert status.round_trip is not None
    assert abs(status.round_trip - 0.02) < 1e-6
    assert kinds(made) == ["trunk-up"]
    assert made.load().quiet


def test_a_trunk_is_down_after_as_many_failures_as_its_set_allows() -> None:
    made = proxy(WATCHED)
    succeed(made, NOW)
    made.watch(True)
    fail(made, NOW + INTERVAL)
    assert operational(made) == "up"
    fail(made, NOW + 2 * INTERVAL)
    assert operational(made) == "down"
    fail(made, NOW + 3 * INTERVAL)
    assert kinds(made) == ["trunk-down"]
    succeed(made, NOW + 4 * INTERVAL)
    assert kinds(made) == ["trunk-up"]


def test_a_lost_keep_alive_is_sent_once_more_and_not_counted() -> None:
    made = proxy(WATCHED)
    made.tick(NOW)
    again = request_in(made.tick(NOW + 0.5))
    made.receive(answer_to(again, 200, "OK", tag="x"), CALLEE, 0, NOW + 0.6)
    assert operational(made) == "up"


def test_a_trunk_that_takes_no_calls_counts_as_failing() -> None:
    made = proxy(WATCHED)
    succeed(made, NOW, 503)
    succeed(made, NOW + INTERVAL, 503)
    assert operational(made) == "down"


def test_any_other_refusal_is_a_sign_of_life() -> None:
    made = proxy(WATCHED)
    succeed(made, NOW, 404)
    assert operational(made) == "up"


def test_an_answer_from_nowhere_brings_nothing_up() -> None:
    made = proxy(WATCHED)
    probe = answer_to(request_in(made.tick(NOW)), 200, "OK").replace(b"z9hG4bKbok", b"z9hG4bKbok0")
    made.receive(probe, CALLEE, 0, NOW)
    assert operational(made) == "unknown"


def two_trunks(balancing: str, **second: int) -> Tables:
    trunks = (Trunk(0, "out", *CALLEE), Trunk(1, "out", *OTHER, **second))
    return replace(
        WATCHED, trunk_set=(replace(WATCHED.trunk_set[0], balancing=balancing),), trunk=trunks, peer=TABLES.peer[:2]
    )


def hops(made: Proxy, calls: int) -> list[tuple[str, int]]:
    return [Phone(made, f"call {number}".replace(" ", "-")).call()[0].address for number in range(calls)]


def test_calls_keep_clear_of_a_trunk_that_is_down() -> None:
    made = proxy(two_trunks("off"))
    assert hops(made, 2) == [CALLEE, CALLEE]
    for number in range(2):
        for send in made.tick(NOW + number * INTERVAL):
            if send.address == OTHER:
                probe = request_in([send])
                made.receive(answer_to(probe, 200, "OK", tag="x"), OTHER, 0, NOW + number * INTERVAL)
        made.tick(NOW + number * INTERVAL + TIMEOUT)
    assert operational(made) == "down"
    assert Phone(made, "later").call()[0].address == OTHER


def test_no_call_is_tried_where_every_trunk_is_down() -> None:
    made = proxy(WATCHED)
    fail(made, NOW)
    fail(made, NOW + INTERVAL)
    assert response_in(Phone(made).call()).status == 480


def test_trunks_take_turns() -> None:
    assert hops(proxy(two_trunks("round_robin")), 4) == [CALLEE, OTHER, CALLEE, OTHER]


def test_weights_are_kept_roughly_and_a_call_id_stays_where_it_was() -> None:
    made = proxy(two_trunks("weights", weight=3))
    first = hops(made, 90)
    assert 45 < first.count(OTHER) < 85
    assert hops(proxy(two_trunks("weights", weight=3)), 90) == first


def test_a_lower_priority_is_a_reserve() -> None:
    made = proxy(two_trunks("round_robin", priority=1))
    assert hops(made, 3) == [CALLEE] * 3
    made.set_trunk("out/0", False)
    assert Phone(made, "reserve").call()[0].address == OTHER


def test_what_is_known_of_a_trunk_outlasts_new_tables() -> None:
    made = proxy(WATCHED)
    succeed(made, NOW)
    made.set_trunk("out/0", False)
    made.apply(replace(WATCHED, route=TABLES.route[1:]), NOW, dry_run=False)
    status = made.trunks()[0]
    assert (status.operational, status.enabled) == ("up", False)


def test_an_options_through_us_is_not_one_to_us() -> None:
    made = proxy(WATCHED)
    through = (
        Phone(made)
        .invites()
        .replace(b"INVITE", b"OPTIONS")
        .replace(b"sip:bob@127.0.0.1:5060 SIP", b"sip:bob@example.com SIP")
    )
    assert made.receive(through, CALLER, 0, NOW)[0].address == CALLEE
