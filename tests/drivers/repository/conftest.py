"""What every test of the repository needs."""

from pathlib import Path

import pytest
from tests.clock import ManualClock
from tests.drivers.repository.bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(ManualClock(), tmp_path / "arrived")
