"""Server-sent events, however the bytes come."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from busyout.cli.stream import EventReader

STREAM = (
    b": heartbeat\n\nid: 7\nevent: element.state\n"
    b'data: {"id":7,"at":"t","type":"element.state","element":"sbc","operation":"","data":{}}\r\n\r\n'
    b'data: {"id":8,"at":"t","type":"a",\ndata: "element":"","operation":"x","data":{"n":1}}\n\n'
    b'data: {"id":9,"at"'
)


@given(st.lists(st.integers(0, len(STREAM))))
def test_events_are_read_however_the_bytes_come(cuts: list[int]) -> None:
    reader, places = EventReader(), sorted({0, len(STREAM), *cuts})
    pieces = [STREAM[begin:end] for begin, end in pairwise(places)]
    assert [event.id for piece in pieces for event in reader.feed(piece)] == [7, 8]


@pytest.mark.parametrize("data", [b"data: nonsense\n\n", b"data: {}\n\n", b"data: " + b"x" * 5_000_000])
def test_a_stream_that_is_not_ours_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="event"):
        EventReader().feed(data)
