"""Package files that were written to keep a server busy, or to fill its memory."""

import time

import pytest

from busyout.domain.errors import InvalidRecipe
from busyout.domain.recipe import MAX_FILTERS, MAX_WORD, MAX_WORDS
from busyout.domain.recipe_file import MAX_FILES, MAX_SECTIONS, MAX_STEPS, MAX_TEXT, read_recipes

SHA1 = "0123456789abcdef0123456789abcdef01234567"
FILE = f"[file_f]\nurl: http://example.org/f\nsize: 1\nsha1sum: {SHA1}\n"


def package(name: str = "x", *, files: str = "f", install: str = "i") -> str:
    return f"[pkg_{name}]\ndescription: d\nversion: 1\nfiles: {files}\ninstall: {install}\n"


def install(*rows: str) -> str:
    return "[install_i]\n" + "".join(f"{row}\n" for row in rows)


def chain(length: int) -> list[str]:
    """Filters one after the other, written from the last to the first."""
    return [*(f"n{number}-n{number + 1}: null" for number in range(length - 1, 0, -1)), "a-n1: null"]


HOSTILE = {
    "a line of spaces": "[pkg_x]\na" + " " * 200_000 + "b\n",
    "a line of tabs in a value's place": "[pkg_x]\na" + "\t " * 100_000 + "\x0bb\n",
    "more text than anybody writes": "[pkg_x]\n" + ";\n" * MAX_TEXT,
    "sections without end": "".join(
        f"[pkg_{number}]\ndescription: d\nversion: 1\n" for number in range(MAX_SECTIONS + 1)
    ),
    "one file again and again": package(files="f " * (MAX_FILES + 1)) + FILE + install("a-b: null"),
    "a long way of filters": package() + FILE + install(*chain(MAX_FILTERS + 1)),
    "many packages with many filters": "".join(package(f"x{number}") for number in range(MAX_STEPS // 90 + 1))
    + FILE
    + install(*chain(90)),
    "a filter with many words": package() + FILE + install(f"a-b: include {'x ' * MAX_WORDS}"),
    "a long word": package() + FILE + install(f"a-b: include {'x' * (MAX_WORD + 1)}"),
    "a variable that makes a word long": package(install=f"i {'A' * 900}") + FILE + install("a-b: include $ARG1$ARG1"),
    "a variable that makes a text huge": package(install=f"i {'A' * 100_000}")
    + FILE
    + install(f"a-b: include {'$ARG1' * 50_000}"),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_package_files_are_refused_before_they_cost_anything(text: str) -> None:
    began = time.process_time()
    with pytest.raises(InvalidRecipe):
        read_recipes({"pkgs.db": text})
    assert time.process_time() - began < 5, "this takes a fraction of a second, or hours"


def test_what_is_bounded_may_be_as_large_as_its_bound() -> None:
    widest = f"a-b: include {' '.join(['y' * 10] * (MAX_WORDS - 1))}"
    assert len(read_recipes({"pkgs.db": package() + FILE + install(*chain(MAX_FILTERS))})["x"].filters) == MAX_FILTERS
    assert len(read_recipes({"pkgs.db": package() + FILE + install(widest)})["x"].filters[0].arguments) == MAX_WORDS - 1
    assert (
        len(read_recipes({"pkgs.db": package(files="f " * MAX_FILES) + FILE + install("a-b: null")})["x"].files) == 100
    )


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("description:d", "d"),
        ("description   =   d  e  ", "d  e"),
        ("description : a=b:c", "a=b:c"),
        ("description\t:\ta", "a"),
        ("DESCRIPTION:", ""),
        ("description: a\n  b", "a\nb"),
    ],
)
def test_a_line_is_parted_at_the_first_colon_or_equals_sign(line: str, value: str) -> None:
    assert read_recipes({"pkgs.db": f"[pkg_x]\nversion: 1\n{line}\n"})["x"].description == value
