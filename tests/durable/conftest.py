"""Databases for the durable engine."""

from pathlib import Path

import pytest


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """URL of a store in an empty directory."""
    return f"sqlite:///{tmp_path}/busyout.db"


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """URL of an empty store, on either database."""
    return str(request.getfixturevalue(f"{request.param}_url"))
