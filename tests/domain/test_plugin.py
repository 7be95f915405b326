"""An index of plug-ins: believed whole or not at all, and told in the reader's language."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from busyout.domain.errors import NotTrusted
from busyout.domain.plugin import MAX_INDEX, MAX_PLUGINS, MAX_VALUES, localized, read_index

ENTRY: dict[str, Any] = {
    "capabilities": {"Aastra, 6731i, 3.3.1.2235": {"sip.lines": 6, "switchboard": True}},
    "description": "Plugin for Aastra.",
    "description_fr": "Greffon pour Aastra.",
    "version": "1.1",
    "dsize": 9397,
    "filename": "xivo-aastra-1.1.tar.bz2",
    "sha1sum": "68dbed6afa87cf624a89166bdc6bdf7413cb84df",
    "vendor.url": "http://aastra.invalid",
}


def index(plugin: str = "xivo-aastra", **changed: Any) -> bytes:
    """An index of one plug-in; a column is left out that is changed to None."""
    columns = {name: value for name, value in (ENTRY | changed).items() if value is not None}
    return json.dumps({plugin: columns}).encode()


def test_an_entry_is_read_with_all_its_columns() -> None:
    entry = read_index(index()).plugins["xivo-aastra"]
    assert (entry.version, entry.filename, entry.size) == ("1.1", "xivo-aastra-1.1.tar.bz2", 9397)
    assert (entry.sha1, entry.sha256, entry.columns) == (ENTRY["sha1sum"], None, ENTRY)
    assert read_index(index(sha256sum="a" * 64)).plugins["xivo-aastra"].sha256 == "a" * 64
    assert read_index(b"{}").plugins == {}


WRONG = [
    *((name, None, name) for name in ("capabilities", "description", "version", "dsize", "filename", "sha1sum")),
    ("capabilities", [], "capabilities"),
    ("capabilities", {"a": 1}, "capabilities"),
    ("dsize", "1", "dsize"),
    ("dsize", -1, "at most"),
    ("dsize", 2**40, "at most"),
    ("dsize", True, "dsize"),
    ("version", 1.0, "version"),
    ("sha1sum", "A" * 40, "sha1sum"),
    ("sha1sum", "0" * 39, "sha1sum"),
    ("sha256sum", "0" * 40, "sha256sum"),
    *(("filename", name, "no file name") for name in ("../x", "a/b", ".x", "", "a\n", "a" * 129, "é")),
]


@pytest.mark.parametrize(("column", "value", "told"), WRONG)
def test_an_entry_that_lacks_something_is_named(column: str, value: object, told: str) -> None:
    with pytest.raises(NotTrusted) as refused:
        read_index(index(**{column: value}))
    assert "xivo-aastra" in str(refused.value)
    assert told in str(refused.value)


@pytest.mark.parametrize("plugin", ["../x", "a/b", ".hidden", "", "é", "a\u0000", "a" * 129])
def test_a_plugin_that_no_directory_can_be_called_is_refused(plugin: str) -> None:
    with pytest.raises(NotTrusted):
        read_index(index(plugin))


def test_ten_times_each_bound_is_refused() -> None:
    small = json.dumps({"capabilities": {}, "description": "", "version": "", "dsize": 1, "filename": "a"})
    entry = f'{small[:-1]}, "sha1sum": "{"0" * 40}"}}'
    many = ",".join(f'"p{number}": {entry}' for number in range(MAX_PLUGINS + 1))
    for content in (
        b" " * (10 * MAX_INDEX),
        b'{"a": {"x": [' + b"1," * (10 * MAX_VALUES) + b"1]}}",
        f"{{{many}}}".encode(),
    ):
        with pytest.raises(NotTrusted):
            read_index(content)


@given(st.binary(max_size=200))
def test_no_content_does_more_than_be_refused(content: bytes) -> None:
    try:
        assert read_index(content).plugins == {}
    except NotTrusted:
        return


@given(st.integers(0, len(index()) - 1))
def test_a_cut_index_is_refused(place: int) -> None:
    with pytest.raises(NotTrusted):
        read_index(index()[:place])


@pytest.mark.parametrize(
    ("locale", "description"),
    [
        (None, "Plugin for Aastra."),
        ("fr", "Greffon pour Aastra."),
        ("fr_CA", "Greffon pour Aastra."),
        ("de_DE", "Plugin for Aastra."),
        ("en", "Plugin for Aastra."),
    ],
)
def test_what_is_listed_is_for_its_reader(locale: str | None, description: str) -> None:
    shown = localized(ENTRY | {"sha256sum": "0"}, locale)
    assert shown == {
        "capabilities": ENTRY["capabilities"],
        "description": description,
        "version": "1.1",
        "dsize": 9397,
        "sha1sum": ENTRY["sha1sum"],
        "vendor.url": "http://aastra.invalid",
    }


def test_a_country_comes_before_its_language() -> None:
    columns = {"description": "e", "description_fr": "f", "description_fr_CA": "q"}
    assert [localized(columns, locale)["description"] for locale in ("fr_CA", "fr_FR", None)] == ["q", "f", "e"]
    assert localized({}, "fr") == {}


@pytest.mark.parametrize("levels", [40, 500, 980, 985, 990, 1000, 100_000])
def test_an_index_that_could_be_read_but_not_told_on_is_refused(levels: int) -> None:
    nested = index(deep="HERE").replace(b'"HERE"', b"[" * levels + b"]" * levels)
    with pytest.raises(NotTrusted):
        read_index(nested)


def test_an_index_may_nest_as_real_ones_do() -> None:
    assert read_index(index(capabilities={"A, B, C": {"x": [{"y": {"z": [1]}}]}})).plugins
