"""Spans are all parts, each once; ids of a family sort as their numbers do."""

import pytest

from busyout.domain.context.customer import FAMILIES, FAMILY_LETTERS, MEMBERS, customer_id, family_of, member_of
from busyout.domain.context.identify import digest_of
from busyout.domain.context.span import ALL_PARTS, EVERYTHING, SPAN_ENTRIES, part_of, spans_of


@pytest.mark.parametrize("entries", [0, 1, SPAN_ENTRIES, SPAN_ENTRIES + 1, 100_000, 3_000_000, 10**9])
def test_spans_are_all_parts_in_order(entries: int) -> None:
    spans = spans_of(entries)
    covered = [part for span in spans for part in ALL_PARTS if span.first <= part <= span.last]
    assert covered == list(ALL_PARTS) == sorted(ALL_PARTS)
    assert len(spans) >= min(len(ALL_PARTS), entries / SPAN_ENTRIES)


def test_few_entries_are_one_span() -> None:
    assert spans_of(SPAN_ENTRIES) == (EVERYTHING,)


def test_every_digest_is_in_a_part() -> None:
    assert {part_of(digest_of([number])) for number in range(5000)} == set(ALL_PARTS)


def test_members_are_ids_that_sort_as_their_numbers_do() -> None:
    family = family_of(1.7e9, FAMILIES - 1)
    ids = [member_of(family, number) for number in (0, 1, 61, 62, 10_000, MEMBERS - 1)]
    assert ids == sorted(set(ids))
    assert {(len(id), id[:FAMILY_LETTERS]) for id in ids} == {(len(customer_id(1.7e9, 0)), family)}
