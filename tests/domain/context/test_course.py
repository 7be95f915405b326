"""Services, states and tasks: what a start and an end say of them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from busyout.domain.context.course import (
    AT_END,
    LONGEST,
    MAPPED,
    MAX_DURATION,
    MAX_ID,
    Course,
    Occurrence,
    course_of,
    extensions_of,
    occurrence_of,
    told,
)
from busyout.domain.context.schema import Subject
from busyout.domain.errors import InvalidValue

NOW = 1_767_323_045.0069
AT_NOW = {"timestamp": "2026-01-02T03:04:05.006Z"}
COURSES = (Subject.SERVICE, Subject.STATE, Subject.TASK)

json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
members = st.sampled_from(
    [*LONGEST, "timestamp", "customer_id", "contact_key", "service_type", "state_type", "task_type", "state_id", "Note"]
)
texts = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1)


def accept(name: str, value: object) -> object:
    """Takes every value, and says by what name it was asked."""
    return f"{name}={value}"


def plain(_name: str, value: object) -> object:
    return value


def course(subject: Subject = Subject.SERVICE, **document: Any) -> Course:
    whole = {"contact_key": "k", f"{subject.value}_type": 1, **document}
    return course_of(subject, whole, now=NOW, accept=plain)


def ended(**document: Any) -> Occurrence:
    return occurrence_of(Subject.STATE, document, ended=True, now=NOW, accept=accept)


def test_a_start_without_a_time_is_now() -> None:
    assert course().started == Occurrence(1_767_323_045.006, AT_NOW)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-01-02T03:04:05.006Z", 1_767_323_045.006),
        ("2026-01-02T05:04:05.006+02:00", 1_767_323_045.006),
        ("1970-01-01", 0.0),
        ("0001-01-01T00:00:00.000Z", -62_135_596_800.0),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799.999),
    ],
)
def test_a_time_is_kept_in_one_form(text: str, seconds: float) -> None:
    assert course(timestamp=text).started.at == pytest.approx(seconds, abs=1e-4)
    assert course(timestamp=text).started.facts["timestamp"].endswith("Z")


@pytest.mark.parametrize(
    "text", ["", "now", "10000-01-01", "0000-01-01", "2026-02-30", 5, True, {}, "2026-01-01T00:00"]
)
def test_what_is_no_time_is_refused(text: object) -> None:
    with pytest.raises(InvalidValue, match="timestamp"):
        course(timestamp=text)


@pytest.mark.parametrize("name", LONGEST)
def test_each_fact_has_a_bound(name: str) -> None:
    longest = "x" * LONGEST[name]
    expected = f"State.{name}={longest}" if name in MAPPED else longest
    assert ended(**{name: longest}).facts[name] == expected
    for value in (f"{longest}x", True, 1.5, {}, [], 10 ** LONGEST[name], "\ud800", "a\0"):
        with pytest.raises(InvalidValue, match=name):
            ended(**{name: value})


def test_a_disposition_is_said_at_the_end_only() -> None:
    for subject in COURSES:
        for name in AT_END:
            with pytest.raises(InvalidValue, match=name):
                extensions_of(subject, {name: "x"}, ended=False)
            assert extensions_of(subject, {name: "x"}, ended=True) == {}


@pytest.mark.parametrize("subject", COURSES)
def test_each_has_a_type_that_is_asked_for_by_its_name(subject: Subject) -> None:
    name = f"{subject.value}_type"
    with pytest.raises(InvalidValue, match=f"{name} is mandatory"):
        course(subject, **{name: None})
    found = course_of(subject, {name: 7, "contact_key": "k"}, now=NOW, accept=accept)
    assert found.type == f"{subject.value.capitalize()}.type=7"


def test_a_service_is_somebodys() -> None:
    assert course(customer_id="c").customer == "c"
    assert (course().customer, course().contact) == (None, "k")
    with pytest.raises(InvalidValue, match="customer_id or contact_key"):
        course(contact_key=None)
    for name, longest in (("customer_id", 16), ("contact_key", 64)):
        for value in ("", "x" * (longest + 1), "a\nb", "\ud800", 7):
            with pytest.raises(InvalidValue, match=name):
                course(**{name: value})


def test_only_a_service_has_an_owner_and_only_a_task_a_state() -> None:
    assert course(Subject.STATE, customer_id="c").customer is None
    assert course(Subject.TASK, state_id=0).state == 0
    assert course(Subject.STATE, state_id=5).state is None
    with pytest.raises(InvalidValue, match="contact_key"):
        extensions_of(Subject.STATE, {"contact_key": "k"}, ended=False)


def test_a_duration_and_a_type_fit_into_a_column() -> None:
    assert course(est_duration=MAX_DURATION).est_duration == MAX_DURATION
    for more in ({"est_duration": MAX_DURATION + 1}, {"service_type": MAX_ID + 1}, {"service_type": -(10**400)}):
        with pytest.raises(InvalidValue):
            course(**more)


def test_other_members_are_extensions_and_each_is_given_once() -> None:
    given = {"contact_key": "k", "service_type": 1, "Note": {}, "Orders": [], "Gone": None}
    assert extensions_of(Subject.SERVICE, given, ended=False) == {"Note": {}, "Orders": []}
    with pytest.raises(InvalidValue, match="colour"):
        extensions_of(Subject.SERVICE, {"colour": "red"}, ended=False)
    with pytest.raises(InvalidValue, match="two extensions"):
        extensions_of(Subject.SERVICE, {"Note": {}, "NOTE": {}}, ended=True)


def test_only_what_is_told_alone_says_which_service_it_belongs_to() -> None:
    found = Course(id=3, subject=Subject.TASK, service=1, state=2, type=7, started=Occurrence(1.0, AT_NOW))
    inside = {"task_id": 3, "state_id": 2, "task_type": 7, "started": AT_NOW}
    assert told(found, alone=False, put=plain) == inside
    assert told(found, alone=True, put=plain) == inside | {"service_id": 1}


@given(st.dictionaries(members, json | texts, max_size=6), st.sampled_from(COURSES), st.booleans())
def test_whatever_is_said_is_understood_or_refused(document: dict[str, Any], subject: Subject, at_end: bool) -> None:
    try:
        extensions = extensions_of(subject, document, ended=at_end)
        found = (
            occurrence_of(subject, document, ended=True, now=NOW, accept=plain)
            if at_end
            else course_of(subject, document, now=NOW, accept=plain).started
        )
    except InvalidValue as refused:
        assert len(refused.message) < 300
        return
    assert all(isinstance(value, dict | list) for value in extensions.values())
    assert next(iter(found.facts)) == "timestamp"
    assert all(len(str(value)) <= LONGEST[name] for name, value in found.facts.items() if name != "timestamp")


@given(st.datetimes(), st.sampled_from(COURSES))
def test_a_time_that_was_told_is_read_as_the_same(moment: Any, subject: Subject) -> None:
    text = f"{moment.isoformat(timespec='milliseconds')}Z"
    once = course(subject, timestamp=text).started
    assert course(subject, timestamp=once.facts["timestamp"]).started == once
