"""Where each key of a TOML text stands."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from busyout.settings.lines import key_lines, nearest_line

TEXT = """# [not.a.table] lisen = 1
title = "a # b [c] = d"
server.listen = "x"
"quoted key" = "it's [not"
[server.tls]
key = [ # a comment ]
  "one",

  { a = 1, b.c = "}" },
]
text = QQQ
[inside]
no = "key"
QQQ
raw = '''
also = 'no key'
'''
[[elements]]
name = "a"
[elements.configuration]
trunk = [ { index = 0 },
          { index = 1, name = "]" } ]
[[elements]]
name = "b"
[[elements.configuration.trunk]]
index = 2
[[elements.configuration.trunk]]
index = 3
at = 2026-11-22T10:00:00Z
""".replace("QQQ", '"""')
"""QQQ stands for the marks of a text of several lines."""

EXPECTED = {
    ("title",): 2,
    ("server", "listen"): 3,
    ("server", "tls"): 5,
    ("server", "tls", "key"): 6,
    ("server", "tls", "key", 0): 7,
    ("server", "tls", "key", 1): 9,
    ("server", "tls", "key", 1, "b", "c"): 9,
    ("server", "tls", "text"): 11,
    ("server", "tls", "raw"): 15,
    ("elements", 0): 18,
    ("elements", 0, "name"): 19,
    ("elements", 0, "configuration", "trunk", 1, "name"): 22,
    ("elements", 1): 23,
    ("elements", 1, "configuration", "trunk", 0, "index"): 26,
    ("elements", 1, "configuration", "trunk", 1): 27,
    ("elements", 1, "configuration", "trunk", 1, "index"): 28,
    ("elements", 1, "configuration", "trunk", 1, "at"): 29,
}


def paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        return [path, *(found for key, item in value.items() for found in paths(item, (*path, key)))]
    if isinstance(value, list):
        return [path, *(found for number, item in enumerate(value) for found in paths(item, (*path, number)))]
    return [path]


def test_keys_are_found_between_comments_strings_lists_and_inline_tables() -> None:
    lines = key_lines(TEXT)
    assert {path: lines.get(path) for path in EXPECTED} == EXPECTED


def test_every_value_that_the_parser_finds_has_a_line_that_shows_its_key() -> None:
    lines, text = key_lines(TEXT), TEXT.splitlines()
    for path in paths(tomllib.loads(TEXT))[1:]:
        line = nearest_line(lines, path)
        assert line is not None
        if isinstance(path[-1], str) and path in lines:
            assert path[-1] in text[line - 1]


PIECES = [*"[]{}=,#\"'\n.ab 1", '"""', "'''", "[[", "]]", '\\"']

EDITS = st.lists(st.tuples(st.integers(0, len(TEXT)), st.integers(0, 3), st.sampled_from(PIECES)), max_size=4)


@given(EDITS)
def test_every_text_that_the_parser_takes_is_scanned_to_its_end(edits: list[tuple[int, int, str]]) -> None:
    text = TEXT
    for place, removed, piece in edits:
        text = text[:place] + piece + text[place + removed :]
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    lines = key_lines(text)
    assert [path for path in paths(values)[1:] if path not in lines and not escaped(path)] == []


def escaped(path: tuple[str | int, ...]) -> bool:
    return any(isinstance(part, str) and ("\\" in part or '"' in part) for part in path)


def test_nothing_inside_a_text_of_several_lines_is_a_key() -> None:
    assert not {("no",), ("also",), ("inside",), ("server", "tls", "no")} & set(key_lines(TEXT))


def test_a_missing_key_is_placed_at_the_table_around_it() -> None:
    lines = key_lines(TEXT)
    assert nearest_line(lines, ("elements", 1, "driver")) == 23
    assert nearest_line(lines, ("nowhere", "at", "all")) is None
