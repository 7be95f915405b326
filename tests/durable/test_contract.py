"""Both implementations of the port keep its promises."""

from collections.abc import Awaitable, Callable

import pytest
from tests.contracts.operations import CHECKS, check_durable_operations
from tests.inline_operations import InlineOperations

from busyout.durable import DbosOperations
from busyout.ports.operations import DurableOperations

Check = Callable[[DurableOperations], Awaitable[None]]


@pytest.mark.anyio
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_the_durable_engine(check: Check, store_url: str) -> None:
    await check(DbosOperations(store_url))


@pytest.mark.anyio
async def test_the_inline_engine() -> None:
    await check_durable_operations(InlineOperations)
