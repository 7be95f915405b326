"""Services, states and tasks: what a start and an end say of them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from busyout.domain.context.course import (
    AT_END,
    FACTS,
    MAPPED,
    MAX_DURATION,
    MAX_ID,
    Course,
    Occurrence,
    as_told,
    occurred,
    started,
)
from busyout.domain.context.schema import Subject
from busyout.domain.errors import InvalidValue
from busyout.faces.ucs.translate.schemas import extension_of
from busyout.faces.ucs.translate.starts import end_of, start_of
from busyout.faces.ucs.translate.telling import told

NOW = 1_767_323_045.0069
AT_NOW = "2026-01-02T03:04:05.006Z"
COURSES = (Subject.SERVICE, Subject.STATE, Subject.TASK)

json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
members = st.sampled_from(
    [*FACTS, "timestamp", "customer_id", "contact_key", "service_type", "state_type", "task_type", "state_id", "Note"]
)
texts = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1)


def accept(name: str, value: object) -> object:
    """Takes every value, and says by what name it was asked."""
    return f"{name}={value}"


def plain(_name: str, value: object) -> object:
    return value


def course(subject: Subject = Subject.SERVICE, **document: Any) -> Course:
    whole = {f"{subject.value}_type": 1, **document}
    if subject is Subject.SERVICE:
        whole = {"contact_key": "k", **whole}
    return started(start_of(subject, whole), service=None, now=NOW, accept=plain)


def ended(**document: Any) -> Occurrence:
    return occurred(Subject.STATE, end_of(document), now=NOW, accept=accept)


def event(course: Course) -> Any:
    return told(course, alone=True)["started"]


def test_a_start_without_a_time_is_now() -> None:
    assert course().started == Occurrence(1_767_323_045.006, {})
    assert event(course()) == {"timestamp": AT_NOW}


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
    assert event(course(timestamp=text))["timestamp"].endswith("Z")


@pytest.mark.parametrize(
    "text", ["", "now", "10000-01-01", "0000-01-01", "2026-02-30", 5, True, {}, "2026-01-01T00:00"]
)
def test_what_is_no_time_is_refused(text: object) -> None:
    with pytest.raises(InvalidValue, match="timestamp"):
        course(timestamp=text)


@pytest.mark.parametrize("name", FACTS)
def test_each_fact_has_a_bound(name: str) -> None:
    longest = "x" * FACTS[name]
    expected = f"State.{name}={longest}" if name in MAPPED else longest
    assert ended(**{name: longest}).facts[name] == expected
    for value in (f"{longest}x", True, 1.5, {}, [], 10 ** FACTS[name], "\ud800", "a\0"):
        with pytest.raises(InvalidValue, match=name):
            ended(**{name: value})


def test_a_disposition_is_said_at_the_end_only() -> None:
    for subject in COURSES:
        for name in AT_END:
            with pytest.raises(InvalidValue, match=name):
                course(subject, **{name: "x"})
            assert end_of({name: "x"}).facts == {name: "x"}


@pytest.mark.parametrize("subject", COURSES)
def test_each_has_a_type_that_is_asked_for_by_its_name(subject: Subject) -> None:
    name = f"{subject.value}_type"
    with pytest.raises(InvalidValue, match=f"{name} is mandatory"):
        course(subject, **{name: None})
    said = {name: 7, "contact_key": "k"} if subject is Subject.SERVICE else {name: 7}
    found = started(start_of(subject, said), service=None, now=NOW, accept=accept)
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
    assert course(Subject.TASK, state_id=0).state == 0
    for name, value in (("customer_id", "c"), ("contact_key", "k"), ("state_id", 5)):
        with pytest.raises(InvalidValue, match=name):
            course(Subject.STATE, **{name: value})


def test_a_duration_and_a_type_fit_into_a_column() -> None:
    assert course(est_duration=MAX_DURATION).est_duration == MAX_DURATION
    for more in ({"est_duration": MAX_DURATION + 1}, {"service_type": MAX_ID + 1}, {"service_type": -(10**400)}):
        with pytest.raises(InvalidValue):
            course(**more)


def test_other_members_are_extensions_and_each_is_given_once() -> None:
    given = {"contact_key": "k", "service_type": 1, "Note": {}, "Orders": [], "Gone": None}
    assert start_of(Subject.SERVICE, given).extensions == {"Note": {}, "Orders": []}
    with pytest.raises(InvalidValue, match="colour"):
        start_of(Subject.SERVICE, {**given, "colour": "red"})
    with pytest.raises(InvalidValue, match="two extensions"):
        end_of({"Note": {}, "NOTE": {}})


def test_only_what_is_told_alone_says_which_service_it_belongs_to() -> None:
    found = Course(id=3, subject=Subject.TASK, service=1, state=2, type=7, started=Occurrence(NOW, {"media_type": 9}))
    inside = {
        "task_id": 3,
        "state_id": 2,
        "task_type": 7,
        "started": {"timestamp": "2026-01-02T03:04:05.007Z", "media_type": 9},
    }
    assert told(found, alone=False) == inside
    assert told(found, alone=True) == inside | {"service_id": 1}


def test_what_is_mapped_is_told_by_its_name() -> None:
    found = Course(subject=Subject.TASK, type=7, started=Occurrence(1.0, {"media_type": 9, "session_id": "s"}))
    named = as_told(found, accept)
    assert (named.type, named.completed) == ("Task.type=7", None)
    assert named.started == Occurrence(1.0, {"media_type": "Task.media_type=9", "session_id": "s"})


@given(st.dictionaries(members, json | texts, max_size=6), st.sampled_from(COURSES), st.booleans())
def test_whatever_is_said_is_understood_or_refused(document: dict[str, Any], subject: Subject, at_end: bool) -> None:
    try:
        said = end_of(document) if at_end else start_of(subject, document)
    except InvalidValue as refused:
        assert len(refused.message) < 300
        return
    assert all(isinstance(value, dict | list) for value in said.extensions.values())
    found = occurred(subject, said, now=NOW, accept=plain)
    assert all(len(str(value)) <= FACTS[name] for name, value in found.facts.items())


@given(st.datetimes(), st.sampled_from(COURSES))
def test_a_time_that_was_told_is_read_as_the_same(moment: Any, subject: Subject) -> None:
    text = f"{moment.isoformat(timespec='milliseconds')}Z"
    once = course(subject, timestamp=text).started
    assert course(subject, timestamp=event(course(subject, timestamp=text))["timestamp"]).started == once
    assert event(course(subject, timestamp=text))["timestamp"] == text


@pytest.mark.parametrize("subject", COURSES)
def test_no_extension_is_called_like_a_member(subject: Subject) -> None:
    note = {"type": "single-valued", "attributes": [{"name": "Text", "type": "string"}]}
    assert extension_of(subject, {"name": "Note", **note}).name == "Note"
    for name in ("service_TYPE", "completed", "from", "Media_Type", "active_states", "timestamp"):
        with pytest.raises(InvalidValue, match="is reserved"):
            extension_of(subject, {"name": name, **note})
