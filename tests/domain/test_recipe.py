"""Packages of plug-ins as vendors' plug-ins write them, and what is wrong with those that are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from busyout.domain.errors import InvalidRecipe
from busyout.domain.recipe import Filter, Recipe, substituted
from busyout.domain.recipe_file import read_recipes

SHA1 = "0123456789abcdef0123456789abcdef01234567"
TEXT = f"""\
[pkg_phone-fw]
description: Firmware for the phone
description_fr: Micrologiciel
version: 1.2.3
files: phone-fw manual
install: phone-fw i18n
depends: lang

; a comment
[pkg_lang]
description = Languages
version = 2

[file_phone-fw]
url:http://example.org/fw/phone_1.2.3.zip?version=1&api=v2/x
size: 2107221
sha1sum: {SHA1.upper()}

[file_manual]
filename: manual.pdf
url:
size: 10
sha1sum: {SHA1}
downloader: auth

[install_phone-fw]
a-b: unzip $FILE1
b-c: cp */*.bin */*.ld ${{ARG1}}/
b-d: include *.xml \\$x
a-e: cp $FILE2 doc/
"""


def read(text: str = TEXT) -> dict[str, Recipe]:
    return read_recipes({"pkgs.db": text})


def changed(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new, 1)


def test_a_package_is_read_with_its_files_and_filters() -> None:
    recipe = read()["phone-fw"]
    assert (recipe.version, recipe.description, recipe.descriptions, recipe.depends) == (
        "1.2.3",
        "Firmware for the phone",
        {"fr": "Micrologiciel"},
        ("lang",),
    )
    assert [(file.filename, file.size, file.sha1) for file in recipe.files] == [
        ("phone_1.2.3.zip", 2107221, SHA1),
        ("manual.pdf", 10, SHA1),
    ]
    assert (recipe.files[1].url, recipe.files[1].downloader, recipe.size) == ("", "auth", 2107231)
    assert recipe.filters == (
        Filter("unzip", "a", "b", ("phone_1.2.3.zip",)),
        Filter("cp", "a", "e", ("manual.pdf", "doc/")),
        Filter("cp", "b", "c", ("*/*.bin", "*/*.ld", "i18n/")),
        Filter("include", "b", "d", ("*.xml", "$x")),
    )
    assert recipe.terminals == {"c", "d", "e"}


def test_a_package_without_files_is_a_package() -> None:
    recipe = read()["lang"]
    assert (recipe.files, recipe.filters, recipe.size) == ((), (), 0)


def test_every_file_of_the_directory_counts_together() -> None:
    head, _, tail = TEXT.partition("[file_manual]")
    assert read_recipes({"b.db": f"[file_manual]{tail}", "a.db": head}) == read()


WRONG = {
    "[pkg_lang]": ("[package_lang]", "pkgs.db, line 10: [package_lang] there is no kind of section"),
    "[pkg_phone-fw]": ("[pkg_../x]", "pkgs.db, line 1: [pkg_../x] '../x' is no name of a package"),
    "version: 1.2.3": ("", "pkgs.db, line 1: [pkg_phone-fw] version is missing"),
    "description = Languages": ("", "pkgs.db, line 10: [pkg_lang] description is missing"),
    "files: phone-fw manual": ("files: phone", "pkgs.db, line 5: [pkg_phone-fw] files: there is no file 'phone'"),
    "install: phone-fw": ("install: fw", "pkgs.db, line 6: [pkg_phone-fw] install: there is no recipe 'fw'"),
    "; a comment": ("a comment", "pkgs.db, line 9: this is no"),
    "size: 2107221": ("size: many", "pkgs.db, line 16: [file_phone-fw] size: 'many' is no number"),
    "size: 10": ("size: -1", "line 22: [file_manual] size: '-1' is no number"),
    f"sha1sum: {SHA1.upper()}": ("sha1sum: 12", "line 17: [file_phone-fw] sha1sum: '12' is not 40"),
    f"sha1sum: {SHA1}": (f"sha1sum: {SHA1}\nsha256sum: {SHA1}", "[file_manual] sha256sum:"),
    "filename: manual.pdf": ("filename: ../manual.pdf", "line 20: [file_manual] filename: '../manual.pdf' is no name"),
    "manual.pdf": ("phone_1.2.3.zip", "line 20: [file_manual] filename: another file"),
    "filename: manual.pdf\n": ("", "[file_manual] filename: '' is no name"),
    "downloader: auth": ("downloader: torrent", "line 24: [file_manual] downloader: there is none called 'torrent'"),
    "a-b: unzip $FILE1": ("a-b: unzip $FILE3", "[pkg_phone-fw] there is no variable 'FILE3' for '$FILE3'"),
    "${ARG1}/": ("$ /", "[pkg_phone-fw] there is no variable '' for '$'"),
    "a-b: unzip": ("a-b: gunzip", "[pkg_phone-fw] a-b: there is no filter 'gunzip'"),
    "a-b: unzip $FILE1\n": ("a-b: unzip\n", "[pkg_phone-fw] a-b: unzip does not take 0 arguments"),
    "a-b:": ("x-b:", "[pkg_phone-fw] x-b: nothing leads to x"),
    "b-d:": ("b-c :", "pkgs.db, line 29: 'b-c' is there twice"),
    "b-d: include": ("a-c: include", "[pkg_phone-fw] a-c: c is made already"),
    "a-e:": ("b-a:", "[pkg_phone-fw] b-a: a is made already"),
    "a-e: cp": ("ae: cp", "[pkg_phone-fw] 'ae' does not lead"),
    "a-b: unzip $FILE1\nb-c:": ("c-b: unzip $FILE1\nb-c:", "[pkg_phone-fw] the filters run in a circle"),
    "doc/": ("/etc/", "[pkg_phone-fw] a-e: '/etc/' leads out of the package"),
    "doc": ("x/../..", "[pkg_phone-fw] a-e: 'x/../../' leads out of the package"),
    "[pkg_phone-fw]\n": ("x: y\n", "pkgs.db, line 1: a line before the first section"),
    "[file_manual]": ("[file_phone-fw]", "pkgs.db, line 19: 'file_phone-fw' is there twice"),
}


@pytest.mark.parametrize(("old", "new", "reason"), [(old, *rest) for old, rest in WRONG.items()], ids=WRONG)
def test_what_is_wrong_is_said_with_its_place(old: str, new: str, reason: str) -> None:
    with pytest.raises(InvalidRecipe) as caught:
        read(changed(old, new))
    assert reason in caught.value.message


@pytest.mark.parametrize(
    ("text", "made"),
    [("$A", "x"), ("${A}b", "xb"), ("$A/$B", "x/$A"), (r"\$A", "$A"), (r"$A\$", "x$"), ("a", "a"), (r"$B\$B", "$A$B")],
)
def test_variables_are_replaced_once(text: str, made: str) -> None:
    assert substituted(text, {"A": "x", "B": "$A"}) == made


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    for whole in (text, f"[pkg_a]\n{text}", TEXT + text):
        try:
            read(whole)
        except InvalidRecipe as error:
            assert error.message
