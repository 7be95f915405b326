"""Members that an object names twice are found, whatever else is in the body."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from busyout.http import MalformedBody, check_members

TEXTS = st.text(st.sampled_from('a:"\\{},é '), max_size=4)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def check(body: bytes) -> None:
    check_members(body, msgspec.json.decode(body))


@given(VALUES, st.booleans())
def test_a_body_without_such_members_passes(value: object, ascii_only: bool) -> None:
    check(json.dumps(value, ensure_ascii=ascii_only).encode())


@given(VALUES, VALUES, TEXTS, st.integers(0, 3))
def test_a_member_that_is_there_twice_is_refused_however_deep(
    value: object, other: object, name: str, depth: int
) -> None:
    first, second, key = (json.dumps(one) for one in (value, other, name))
    inner = "{" + f"{key}:{first},{key}:{second}" + "}"
    body = '{"a":[' * depth + inner + "]}" * depth
    with pytest.raises(MalformedBody, match="twice"):
        check(body.encode())


@pytest.mark.parametrize("body", [b"1", b'"a:b"', b"[]", b"null", b'[1, "x:y"]'])
def test_a_body_without_objects_passes(body: bytes) -> None:
    check(body)
