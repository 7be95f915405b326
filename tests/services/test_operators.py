"""Who comes in, who waits, who is never told why."""

import asyncio
from base64 import b64encode

import pytest
from tests.clock import ManualClock

from busyout.domain.errors import NotAuthenticated, TooManyAttempts
from busyout.domain.operator import Level, Operator
from busyout.services.lockout import BLOCK, FAILURES_OF_ADDRESS, FAILURES_OF_NAME
from busyout.services.operators import VERIFIED_FOR, Operators, hash_password

pytestmark = pytest.mark.anyio

ADMIN = Operator("admin", hash_password("s3cret: with a colon, ü"), Level.SECURITY_ADMINISTRATOR)


def basic(name: str, password: str) -> str:
    """An HTTP Basic header."""
    return "Basic " + b64encode(f"{name}:{password}".encode()).decode()


RIGHT = basic("admin", "s3cret: with a colon, ü")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def operators(clock: ManualClock):
    made = Operators((ADMIN,), clock)
    yield made
    made.close()


async def test_the_right_password_comes_in_and_is_known_for_a_while(operators: Operators, clock: ManualClock) -> None:
    assert operators.known(RIGHT, face="native", address="a") is None
    caller = await operators.authenticate(RIGHT, face="native", address="a")
    assert (caller.name, caller.level, caller.face) == ("admin", Level.SECURITY_ADMINISTRATOR, "native")
    assert operators.known(RIGHT, face="mediant", address="a") is not None
    assert operators.known(RIGHT, face="native", address="b") is None, "who guesses elsewhere has to wait for the hash"
    await clock.advance(VERIFIED_FOR + 1)
    assert operators.known(RIGHT, face="native", address="a") is None


BAD = [
    None,
    "",
    "Basic",
    "Basic !!!",
    "Basic \xff\xff",
    "Basic " + b64encode(b"no colon").decode(),
    "Basic " + b64encode(b"\xff\xfe:x").decode(),
    "Bearer abc",
    basic("admin", "wrong"),
    basic("nobody", "wrong"),
    basic("admin", "x" * 5000),
    basic("", ""),
]


@pytest.mark.parametrize("header", BAD)
async def test_everything_else_stays_outside(operators: Operators, header: str | None) -> None:
    with pytest.raises(NotAuthenticated):
        await operators.authenticate(header, face="native", address="a")
    assert operators.known(header, face="native", address="a") is None


async def test_who_guesses_waits_and_then_may_try_again(operators: Operators, clock: ManualClock) -> None:
    for number in range(FAILURES_OF_NAME):
        with pytest.raises(NotAuthenticated):
            await operators.authenticate(basic("admin", str(number)), face="native", address="a")
    with pytest.raises(TooManyAttempts) as blocked:
        await operators.authenticate(RIGHT, face="native", address="a")
    assert 0 < blocked.value.retry_after <= BLOCK
    assert await operators.authenticate(RIGHT, face="native", address="elsewhere")
    await clock.advance(BLOCK + 1)
    assert await operators.authenticate(RIGHT, face="native", address="a")


async def test_who_tries_many_names_waits_too(operators: Operators) -> None:
    for number in range(FAILURES_OF_ADDRESS):
        with pytest.raises(NotAuthenticated):
            await operators.authenticate(basic(f"user{number}", "x"), face="native", address="a")
    with pytest.raises(TooManyAttempts):
        await operators.authenticate(basic("another", "x"), face="native", address="a")


async def guess(operators: Operators, name: str, times: int) -> None:
    for number in range(times):
        with pytest.raises(NotAuthenticated):
            await operators.authenticate(basic(name.format(number), str(number)), face="native", address="a")


@pytest.mark.parametrize(("guessed", "times"), [("user{}", FAILURES_OF_ADDRESS), ("admin", FAILURES_OF_NAME)])
async def test_who_came_in_before_is_not_shut_out_by_those_who_guess_there(
    operators: Operators, clock: ManualClock, guessed: str, times: int
) -> None:
    await operators.authenticate(RIGHT, face="native", address="a")
    await clock.advance(VERIFIED_FOR + 1)
    await guess(operators, guessed, times)
    with pytest.raises(TooManyAttempts):
        await operators.authenticate(basic(guessed.format(0), "another guess"), face="native", address="a")
    assert operators.known(RIGHT, face="native", address="a") is None
    assert await operators.authenticate(RIGHT, face="native", address="a")


async def test_the_log_tells_who_guesses_and_no_password(
    operators: Operators, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(NotAuthenticated):
        await operators.authenticate(basic("admin", "hunter2"), face="native", address="192.0.2.1")
    record = next(record for record in caplog.records if record.message == "authentication_failed")
    assert record.__dict__["address"] == "192.0.2.1"
    assert "hunter2" not in str(record.__dict__)


async def test_guesses_sent_all_at_once_are_counted_one_by_one(operators: Operators) -> None:
    guesses = (operators.authenticate(basic("admin", str(n)), face="native", address="a") for n in range(20))
    outcomes = await asyncio.gather(*guesses, return_exceptions=True)
    looked_at = [outcome for outcome in outcomes if not isinstance(outcome, TooManyAttempts)]
    assert len(looked_at) == FAILURES_OF_NAME
    assert all(isinstance(outcome, NotAuthenticated) for outcome in looked_at)
