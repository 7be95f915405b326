"""The order of versions: what vendors write, and that it is an order at all."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from busyout.domain.version import is_newer, newest, order

RISING = [
    ("1.9.5", "1.10.0", "1.10.0.1", "1.11"),
    ("2.2.9", "2.2.10", "10.0"),
    ("1.0-dev1", "1.0-dev2", "1.0-dev10", "1.0-alpha1", "1.0-beta", "1.0-rc1", "1.0-rc2", "1.0", "1.0-1", "1.0.1"),
    ("1.0rc1", "1.0"),
    ("3.3.1", "3.3.1-SP1", "3.3.1-SP4", "3.3.1-SP10", "3.3.2"),
    ("v9", "v10", "v86"),
    ("11.3.1", "11.3.1-MSR3-2", "11.3.1-MSR3-3", "11.3.2-MPP-609"),
    ("9.9", "1:0.1", "1:0.2", "2:0"),
    ("8.7.5.35", "8.9.3.60", "8.9.3.80", "10.1.26.1"),
    ("", "0", "1"),
    ("9" * 5000, "1" + "0" * 5000),
]
SAME = [("1.0", "1.00"), ("1.0-rc1", "1.0-RC1"), ("0:1.0", "1.0"), ("1.0-dev1", "1.0.dev1")]

parts = st.sampled_from(["0", "1", "2", "9", "10", "00", "dev", "rc", "SP", "v", "-", ".", ":", "_", "a", "é", "٣"])
versions = st.lists(parts, max_size=8).map("".join) | st.text(max_size=12)


@pytest.mark.parametrize("rising", RISING, ids=lambda rising: rising[-1][:12])
def test_versions_rise(rising: tuple[str, ...]) -> None:
    for older, newer in pairwise(rising):
        assert is_newer(newer, older), (older, newer)
        assert not is_newer(older, newer), (older, newer)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_versions_can_mean_the_same(one: str, other: str) -> None:
    assert order(one) == order(other)


@given(versions, versions)
def test_of_two_versions_one_is_newer_or_they_are_the_same(one: str, other: str) -> None:
    assert is_newer(one, other) + is_newer(other, one) + (order(one) == order(other)) == 1


@given(versions, versions, versions)
def test_the_order_is_transitive(one: str, two: str, three: str) -> None:
    older, middle, newer = sorted((one, two, three), key=order)
    assert not is_newer(older, newer)
    assert not is_newer(older, middle)
    assert not is_newer(middle, newer)


@given(st.integers(0, 999), st.integers(0, 999), st.integers(1, 50))
def test_a_larger_number_is_newer_wherever_it_stands(major: int, minor: int, more: int) -> None:
    assert is_newer(f"{major + more}.{minor}", f"{major}.{minor}")
    assert is_newer(f"{major}.{minor + more}", f"{major}.{minor}")
    assert is_newer(f"{major}.{minor}", f"{major}.{minor}-rc{more}")


def test_the_newest_of_several_is_found() -> None:
    assert newest(["1.9.5", "1.10.0", "1.10.0-rc1"]) == "1.10.0"
