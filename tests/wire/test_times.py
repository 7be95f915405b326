"""Times on the wire."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from busyout.wire.times import seconds, timestamp


def test_a_time_has_milliseconds_and_z() -> None:
    assert timestamp(1263749355.0) == "2010-01-17T17:29:15.000Z"


def test_below_a_millisecond_is_cut_off() -> None:
    assert timestamp(1.9999) == "1970-01-01T00:00:01.999Z"


@given(st.integers(min_value=0, max_value=4_000_000_000_000))
def test_every_millisecond_survives_the_way_there_and_back(milliseconds: int) -> None:
    assert round(seconds(timestamp(milliseconds / 1000)) * 1000) == milliseconds


@pytest.mark.parametrize("text", ["", "yesterday", "2010-01-17T17:29:15", "2010-13-17T17:29:15Z"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        seconds(text)
