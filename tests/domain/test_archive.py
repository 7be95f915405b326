"""What may be unpacked and what not."""

import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from busyout.domain.archive import FIRMWARE_BOUNDS, PLUGIN_BOUNDS, Bounds, Judge, Member, MemberKind, safe_parts
from busyout.domain.errors import UnsafeArchive

FILE, DIRECTORY = MemberKind.FILE, MemberKind.DIRECTORY
SMALL = Bounds(members=4, depth=3, file=100, total=150, ratio=10, floor=50)

LEADING_ELSEWHERE = [
    "../x",
    "p/../../x",
    "p/..",
    "..",
    "/etc/passwd",
    "//etc/passwd",
    "",
    "p//x",
    "p/ /x",
    "p\\..\\x",
    "C:\\x",
    "p/x\0",
    "p/x\n",
    "p/\u202ex",
    "p/\u200bx",
    "p/\udcff",
    "p/" + "x" * 256,
    "p/" + "é" * 128,
    "/".join(["p"] * 600),
]


def judge(*members: Member, bounds: Bounds = PLUGIN_BOUNDS, packed: int = 1000, top: str | None = "p") -> None:
    judged = Judge(bounds, packed=packed, top=top)
    for member in members:
        judged.admit(member)
    judged.finish()


def file(name: str, size: int = 1) -> Member:
    return Member(name, FILE, size)


@pytest.mark.parametrize("name", LEADING_ELSEWHERE)
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(UnsafeArchive):
        judge(file(name), top=None)


@given(st.text(alphabet=string.printable + "é\u202e\0\udc80/\\..", max_size=40))
def test_whatever_is_admitted_stays_below_its_directory(name: str) -> None:
    try:
        parts = safe_parts(name)
    except UnsafeArchive:
        return
    assert all(part not in ("", ".", "..") and "/" not in part and "\0" not in part for part in parts)


@pytest.mark.parametrize("name", ["p/a", "./p/a", "p/./a", "././p/a"])
def test_a_dot_in_a_name_does_not_count(name: str) -> None:
    assert Judge(PLUGIN_BOUNDS, packed=1, top="p").admit(file(name)) == ("p", "a")


def test_the_root_of_the_archive_is_nothing_to_unpack() -> None:
    assert Judge(PLUGIN_BOUNDS, packed=1, top="p").admit(Member("./", DIRECTORY, 0)) == ()
    with pytest.raises(UnsafeArchive):
        judge(file("."))


@pytest.mark.parametrize("kind", [kind for kind in MemberKind if kind not in (FILE, DIRECTORY)])
def test_only_files_and_directories_are_unpacked(kind: MemberKind) -> None:
    with pytest.raises(UnsafeArchive, match=r"it contains .*'p/x'"):
        judge(file("p/a"), Member("p/x", kind, 0))


@pytest.mark.parametrize(
    "members",
    [
        (file("p/a"), file("p/a")),
        (file("p/a"), file("p/A")),
        (file("p/stra\u00dfe"), file("p/STRASSE")),
        (file("p/\u00e9"), file("p/e\u0301")),
        (file("p/\ufb01x"), file("p/fix")),
        (file("p/a"), file("p/a/b")),
        (file("p/a/b"), file("p/a")),
        (file("p/a/b"), file("p/A/c")),
        (Member("p/a", DIRECTORY, 0), file("p/a")),
        (file("p/a"), Member("p/a", DIRECTORY, 0)),
    ],
)
def test_two_members_for_one_place_are_refused(members: tuple[Member, Member]) -> None:
    with pytest.raises(UnsafeArchive, match="comes twice"):
        judge(*members)


def test_a_directory_may_come_twice() -> None:
    judge(Member("p/", DIRECTORY, 0), Member("p", DIRECTORY, 0), file("p/a/b"), Member("p/a", DIRECTORY, 0))


@given(st.text(st.characters(categories=["L"]), min_size=1, max_size=8))
def test_two_ways_to_write_a_name_are_one_place(name: str) -> None:
    judged = Judge(PLUGIN_BOUNDS, packed=1, top=None)
    judged.admit(file(name))
    for other in (name.upper(), name.lower(), unicodedata.normalize("NFD", name), unicodedata.normalize("NFKC", name)):
        with pytest.raises(UnsafeArchive):
            judged.admit(file(other))


@pytest.mark.parametrize(
    "members",
    [(file("q/a"),), (file("p/a"), file("q/a")), (file("a"),), (file("p"),), (file("P/a"),)],
)
def test_all_is_in_the_one_directory(members: tuple[Member, ...]) -> None:
    with pytest.raises(UnsafeArchive):
        judge(*members)


@pytest.mark.parametrize(
    ("members", "packed", "reason"),
    [
        ((file("p/a", 101),), 1000, "'p/a' has 101 bytes; 100 is the limit"),
        ((file("p/a", 100), file("p/b", 51)), 1000, "larger than 150 bytes"),
        ((file("p/a", 51),), 5, "larger than 50 bytes"),
        ((file("p/a", 71),), 7, "larger than 70 bytes"),
        ((file("p/b/c/d"),), 10, "more than 3 levels"),
        (tuple(file(f"p/{name}") for name in "abcde"), 10, "more than 4"),
        (tuple(file(f"p/{name}/x") for name in "ab"), 10, "more than 4 files and directories"),
        ((file("p/a", -1),), 10, "impossible size"),
        ((Member("p/a", DIRECTORY, 1),), 10, "impossible size"),
        ((), 10, "it is empty"),
        ((Member("./", DIRECTORY, 0),), 10, "it is empty"),
    ],
)
def test_what_exceeds_a_bound_is_refused(members: tuple[Member, ...], packed: int, reason: str) -> None:
    with pytest.raises(UnsafeArchive, match=reason):
        judge(*members, bounds=SMALL, packed=packed)


def test_what_is_at_each_bound_is_admitted() -> None:
    judge(file("p/a/b", 100), file("p/c", 50), bounds=SMALL, packed=15)


def test_real_sizes_are_admitted() -> None:
    judge(*(file(f"p/templates/{number}.tpl", 20_000) for number in range(40)), packed=9394)
    judge(
        *(file(f"{number}.ld", 40_000_000) for number in range(40)),
        bounds=FIRMWARE_BOUNDS,
        packed=985_318_661,
        top=None,
    )


def test_a_name_in_a_message_is_short_and_visible() -> None:
    with pytest.raises(UnsafeArchive) as caught:
        judge(file("../" + "\n\u202e" * 3000))
    assert len(caught.value.message) < 1000
    assert caught.value.message.isprintable()
