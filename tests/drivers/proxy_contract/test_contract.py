"""The embedded proxy keeps the promises of the driver port, with real SIP."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from tests.contracts.driver import CHECKS, Harness
from tests.drivers.proxy_contract.harness import ProxyHarness

pytestmark = pytest.mark.anyio


@pytest.fixture
async def harness(anyio_backend: str) -> AsyncIterator[ProxyHarness]:
    opened = ProxyHarness()
    await opened.open()
    yield opened
    await opened.close()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_the_proxy(check: Callable[[Harness], Awaitable[None]], harness: ProxyHarness):
    await check(harness)
