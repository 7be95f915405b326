"""The notation of operations in progress: written as servers write it, read as clients read it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from busyout.wire.provd.notation import InvalidProgress, Progress, read, written

SEED = {
    "progress": Progress("progress"),
    "download|progress": Progress("progress", "download"),
    "download|progress;10": Progress("progress", "download", 10),
    "download|progress;10/100": Progress("progress", "download", 10, 100),
    "download|progress(file_1|progress;20/100)(file_2|waiting;0/50)": Progress(
        "progress",
        "download",
        parts=(Progress("progress", "file_1", 20, 100), Progress("waiting", "file_2", 0, 50)),
    ),
    "download|progress;20/150(file_1|progress)(file_2|waiting)": Progress(
        "progress", "download", 20, 150, (Progress("progress", "file_1"), Progress("waiting", "file_2"))
    ),
    "op|progress(op1|progress(op11|progress)(op12|waiting))(op2|progress)": Progress(
        "progress",
        "op",
        parts=(
            Progress("progress", "op1", parts=(Progress("progress", "op11"), Progress("waiting", "op12"))),
            Progress("progress", "op2"),
        ),
    ),
}
"""The examples of the document."""

UNREADABLE = {
    "": "Invalid progress string",
    "|progress": "Invalid progress string",
    "file-1|progress": "invalid character: -",
    "my file|progress": "invalid character:  ",
    "a|b|progress": "invalid character: |",
    "progress;": "invalid character: ;",
    "progress;-1": "invalid character: ;",
    "progress;1.5": "invalid character: .",
    "progress;10/": "invalid character: /",
    "progress;/10": "invalid character: ;",
    "progress()": "Invalid progress string",
    "progress(": "Invalid progress string",
    "progress)": "invalid character: )",
    "progress(a": "unbalanced number of parentheses",
    "progress(a(b)": "unbalanced number of parentheses",
    "progress(a)b": "invalid character: b",
    "progress(a)(b)c(d)": "invalid character: c",
    "progress(a);10": "invalid character: ;",
    " progress": "Invalid progress string",
    "progress ": "invalid character:  ",
    "progress\n": "invalid character: \n",
    "progress;" + "9" * 5000: "a number with too many digits",
    "p" + "(p" * 100_000: "more than 100 levels of parentheses",
}

CLIENT = re.compile(r"^(?:(\w+)\|)?(\w+)(?:;(\d+)(?:/(\d+))?)?")
"""What both official clients search for (wire notes, 1.8)."""

counts = st.integers(min_value=0, max_value=2**63)
heads = st.builds(
    Progress,
    st.sampled_from(("waiting", "progress", "success", "fail")),
    st.none() | st.from_regex(r"\w+", fullmatch=True),
    st.none() | counts,
    st.none() | counts,
)
progresses = st.recursive(
    heads, lambda inner: st.builds(lambda head, parts: replace(head, parts=tuple(parts)), heads, st.lists(inner))
)


def as_told(progress: Progress) -> Progress:
    """What is left of it in writing: an end only where it is known, and where something is counted."""
    end = None if progress.current is None else progress.end or None
    return replace(progress, end=end, parts=tuple(as_told(part) for part in progress.parts))


def as_clients_read(text: str) -> Progress:
    """As the official clients do it: the head by their expression, then what stands in balanced parentheses."""
    head = CLIENT.search(text)
    if head is None:
        raise ValueError(text)
    groups, depth, begun = [], 0, head.end()
    for place in range(head.end(), len(text)):
        if depth == 0 and text[place] != "(":
            raise ValueError(text)
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            groups.append(text[begun + 1 : place])
            begun = place + 1
    if depth:
        raise ValueError(text)
    label, state, current, end = head.groups()
    numbers = [None if number is None else int(number) for number in (current, end)]
    return Progress(state, label, *numbers, tuple(as_clients_read(group) for group in groups))


@pytest.mark.parametrize(("text", "progress"), SEED.items())
def test_the_examples_of_the_document_are_written_and_read(text: str, progress: Progress) -> None:
    assert (written(progress), read(text)) == (text, progress)


@given(progresses)
def test_what_is_written_is_read_back(progress: Progress) -> None:
    assert read(written(progress)) == as_told(progress)


@given(progresses)
def test_the_official_clients_read_what_is_written(progress: Progress) -> None:
    assert as_clients_read(written(progress)) == as_told(progress)


@given(st.text(alphabet="ab_|;/()0 1é-\n", max_size=30))
def test_every_text_is_read_as_the_official_clients_read_it(text: str) -> None:
    try:
        expected = as_clients_read(text)
    except ValueError:
        with pytest.raises(InvalidProgress):
            read(text)
    else:
        assert read(text) == expected


@pytest.mark.parametrize(("text", "why"), UNREADABLE.items(), ids=lambda value: repr(value[:30]))
def test_a_text_that_is_none_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(InvalidProgress) as refused:
        read(text)
    assert str(refused.value) == why


@pytest.mark.parametrize(
    ("text", "progress"),
    {
        "x|bogus": Progress("bogus", "x"),
        "é|progress": Progress("progress", "é"),
        "progress;007/010": Progress("progress", None, 7, 10),
        "progress;1/0": Progress("progress", None, 1, 0),
    }.items(),
)
def test_what_clients_forgive_is_forgiven(text: str, progress: Progress) -> None:
    assert read(text) == progress


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (Progress("success", "update", 187260, None), "update|success;187260"),
        (Progress("fail", "update", 0, 0), "update|fail;0"),
        (Progress("waiting", None, None, 50), "waiting"),
    ],
)
def test_an_end_that_is_unknown_is_not_written(progress: Progress, text: str) -> None:
    assert written(progress) == text


@pytest.mark.parametrize(
    "progress",
    [Progress("fail", label) for label in ("", "file-1", "my file", "a|b", "a\n")]
    + [Progress("fail", None, -1), Progress("fail", None, 1, -1)],
)
def test_what_no_client_could_read_is_not_written(progress: Progress) -> None:
    with pytest.raises(ValueError, match="no client can read"):
        written(progress)
