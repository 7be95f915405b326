"""An estate whose trunk is answered by our own answerer: SIPp is not needed here."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.live.estate import Estate

from busyout.drivers.proxy.agent import Answerer


@pytest.fixture(params=["sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty store, by the name of its kind."""
    sqlite = request.param == "sqlite"
    return f"sqlite:///{tmp_path}/busyout.db" if sqlite else str(request.getfixturevalue("empty_postgres_url"))


@pytest.fixture
async def estate(store: str, tmp_path: Path) -> AsyncIterator[Estate]:
    """A server with an SBC, and somebody at the other end of its trunk."""
    async with Estate.of(tmp_path, store=store) as estate:
        answerer = await Answerer.open(estate.trunk)
        yield estate
        await answerer.close()
