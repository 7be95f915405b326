"""Simulated engines keep the promises of the driver port."""

from collections.abc import Awaitable, Callable

import pytest
from tests.contracts.driver import CHECKS, Harness
from tests.drivers.simulated.harness import SimulatedHarness

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"survives_restart": "true", "bye_seconds": "0.4", "start_seconds": "0"},
        {"lacks": "takeover", "capacity": "50"},
    ],
    ids=["usual", "surviving", "lacking"],
)
async def test_a_simulated_engine(check: Callable[[Harness], Awaitable[None]], options: dict[str, str]):
    await check(SimulatedHarness(options))
