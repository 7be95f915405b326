"""Our caller and our answerer, talking to each other over loopback."""

import asyncio
import socket

import pytest

from busyout.drivers.proxy.agent import Answerer, Caller, Manners, Outcome

pytestmark = pytest.mark.anyio

ANYWHERE = ("127.0.0.1", 0)


async def until(condition: object) -> None:
    """Wait until something holds; the bound is there for a test that fails."""
    assert callable(condition)
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_call_is_answered_held_and_ended_on_both_sides() -> None:
    answerer = await Answerer.open(ANYWHERE, Manners(ring=0.0))
    caller = await Caller.open(answerer.address)
    outcome = await caller.call(0.05)
    assert outcome is Outcome.COMPLETED
    assert (caller.tally.placed, caller.tally.answered, caller.tally.completed) == (1, 1, 1)
    assert (answerer.tally.offered, answerer.tally.answered, answerer.tally.ended) == (1, 1, 1)
    assert (caller.up, answerer.up) == (0, 0)
    await caller.close()
    await answerer.close()


async def test_many_calls_are_offered_at_a_rate_and_counted() -> None:
    answerer = await Answerer.open(ANYWHERE, Manners(ring=0.0))
    caller = await Caller.open(answerer.address)
    await caller.offer(40, rate=400, hold=lambda number: 0.01 * (number % 5))
    assert caller.tally.completed == answerer.tally.ended == 40
    assert caller.tally.failed == 0
    await caller.close()
    await answerer.close()


@pytest.mark.parametrize("lose_every", [3, 5])
async def test_lost_datagrams_are_sent_again_until_every_call_is_over(lose_every: int) -> None:
    answerer = await Answerer.open(ANYWHERE, Manners(ring=0.01, t1=0.02, lose_every=lose_every))
    caller = await Caller.open(answerer.address, t1=0.02, lose_every=lose_every)
    await caller.offer(20, rate=1000, hold=lambda _: 0.05)
    assert caller.tally.completed == 20
    assert answerer.tally.offered == 20
    assert caller.retransmissions > 0
    assert answerer.retransmissions > 0
    await until(lambda: answerer.tally.answered == 20)
    assert answerer.tally.unacknowledged == 0
    await caller.close()
    await answerer.close()


async def test_calls_can_be_ended_before_their_time() -> None:
    answerer = await Answerer.open(ANYWHERE, Manners(ring=0.0))
    caller = await Caller.open(answerer.address)
    async with asyncio.TaskGroup() as calls:
        for _ in range(2):
            calls.create_task(caller.call(3600.0))
        await caller.until(lambda: caller.up == 2)
        caller.hang_up()
    assert (caller.tally.completed, answerer.tally.ended) == (2, 2)
    await caller.close()
    await answerer.close()


async def test_a_refusal_with_retry_after_is_told_from_one_without() -> None:
    answerer = await Answerer.open(ANYWHERE, Manners(refuse=503, retry_after=17))
    caller = await Caller.open(answerer.address)
    assert await caller.call(1.0) is Outcome.REFUSED
    assert caller.last_refusal == 17
    answerer.manners = Manners(refuse=503)
    assert await caller.call(1.0) is Outcome.REJECTED
    answerer.manners = Manners(refuse=486)
    assert await caller.call(1.0) is Outcome.REJECTED
    assert (caller.tally.refused, caller.tally.rejected, caller.tally.failed) == (1, 2, 2)
    await caller.close()
    await answerer.close()


async def test_a_call_that_nobody_answers_is_given_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(ANYWHERE)
        caller = await Caller.open(silent.getsockname(), t1=0.002)
        assert await caller.call(1.0) is Outcome.UNANSWERED
        assert caller.retransmissions >= 5
        await caller.close()


async def test_a_goodbye_that_takes_its_time_is_waited_for_and_asked_for_again() -> None:
    answerer = await Answerer.open(ANYWHERE, Manners(ring=0.0, bye_delay=0.2))
    caller = await Caller.open(answerer.address, t1=0.02)
    assert await caller.call(0.0) is Outcome.COMPLETED
    assert caller.retransmissions > 0
    assert answerer.tally.ended == 1
    await caller.close()
    await answerer.close()


async def test_a_call_that_the_other_side_forgot_is_counted_as_cut() -> None:
    answerer = await Answerer.open(ANYWHERE, Manners(ring=0.0))
    caller = await Caller.open(answerer.address, t1=0.01)
    placing = asyncio.create_task(caller.call(0.3))
    await until(lambda: caller.up == 1)
    where = answerer.address
    await answerer.close()
    forgetful = await Answerer.open(where)
    assert await placing is Outcome.CUT
    assert caller.tally.failed == 1
    await caller.close()
    await forgetful.close()


async def test_a_call_ended_from_the_other_side_is_counted_as_forced() -> None:
    answerer = await Answerer.open(ANYWHERE, Manners(ring=0.0))
    caller = await Caller.open(answerer.address)
    heard: list[bytes] = []

    class Meddler(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            del addr
            heard.append(data)

    placing = asyncio.create_task(caller.call(20.0))
    await until(lambda: caller.up == 1)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Meddler, local_addr=ANYWHERE)
    own = transport.get_extra_info("sockname")
    call_id = next(iter(caller.calls))
    goodbye = (
        f"BYE sip:caller@{caller.address[0]} SIP/2.0\r\nVia: SIP/2.0/UDP {own[0]}:{own[1]};branch=z9hG4bKmeddler\r\n"
        f"From: <sip:x@y>;tag=1\r\nTo: <sip:x@y>;tag=2\r\nCall-ID: {call_id}\r\nCSeq: 1 BYE\r\n\r\n"
    )
    for _ in range(2):
        transport.sendto(goodbye.encode("ascii"), caller.address)
    assert await placing is Outcome.FORCED
    await until(lambda: len(heard) == 2)
    assert all(answer.startswith(b"SIP/2.0 200 ") for answer in heard)
    transport.close()
    await caller.close()
    await answerer.close()


async def test_options_is_answered_and_rubbish_is_not() -> None:
    answerer = await Answerer.open(ANYWHERE, Manners())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(ANYWHERE)
        probe.setblocking(False)
        loop = asyncio.get_running_loop()
        own = probe.getsockname()
        await loop.sock_sendto(probe, b"\x00rubbish", answerer.address)
        options = (
            f"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP {own[0]}:{own[1]};branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
            "To: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n"
        )
        await loop.sock_sendto(probe, options.encode("ascii"), answerer.address)
        async with asyncio.timeout(5):
            answer = await loop.sock_recv(probe, 65_535)
    assert answer.startswith(b"SIP/2.0 200 OK")
    assert answerer.tally.options == 1
    await answerer.close()
