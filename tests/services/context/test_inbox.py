"""Files to import are read from their directory only, row by row, and a row that is broken is named."""

import asyncio
import os
from pathlib import Path

import pytest

from busyout.domain.context.attribute import MAX_LENGTH
from busyout.domain.context.importing import Row
from busyout.domain.errors import InvalidValue
from busyout.server.imports import MAX_ROW, PIECE, Inbox

pytestmark = pytest.mark.anyio


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    directory = tmp_path / "inbox"
    directory.mkdir()
    return directory


async def read(
    inbox: Path, content: bytes = b"", *, name: str = "a.csv", delimiter: str = ",", encoding: str = "UTF-8"
) -> list[tuple[Row, ...]]:
    """The pieces of a file."""
    if content:
        (inbox / name).write_bytes(content)
    async with Inbox(inbox).opened(name, delimiter=delimiter, encoding=encoding) as pieces:
        return [piece async for piece in pieces]


async def fields(inbox: Path, content: bytes, **how: str) -> list[tuple[str, ...]]:
    return [row.fields for piece in await read(inbox, content, **how) for row in piece]


async def test_the_heading_comes_alone_then_rows_in_pieces(inbox: Path) -> None:
    pieces = await read(inbox, b"name\n" + b"x\n" * (PIECE + 1))
    assert [len(piece) for piece in pieces] == [1, PIECE, 1]
    assert [row.number for piece in pieces for row in piece] == list(range(PIECE + 2))


async def test_rows_are_read_as_they_are_quoted(inbox: Path) -> None:
    assert await fields(inbox, b'a,b\r\n\r\n"x\r\ny, z","say ""hi"""\n,\n') == [
        ("a", "b"),
        ("x\r\ny, z", 'say "hi"'),
        ("", ""),
    ]
    assert await fields(inbox, b"a;b\nc;d", delimiter=";") == [("a", "b"), ("c", "d")]
    assert await fields(inbox, b"a\tb", delimiter="\t") == [("a", "b")]


async def test_each_encoding_is_read_and_a_mark_at_the_beginning_is_none_of_the_text(inbox: Path) -> None:
    assert await fields(inbox, "\ufeffJosé".encode()) == [("José",)]
    assert await fields(inbox, "\ufeffJosé".encode(), encoding="utf-8-bom") == [("José",)]
    assert await fields(inbox, "José".encode("latin-1"), encoding="iso-8859-1") == [("José",)]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'a\nb\n"c', "row 2 (line 3) has a quotation mark that nothing closes"),
        (b'a\nb\n"c"d\n', "row 2 (line 3) has something else than a delimiter after a closing quotation mark"),
        (b"a\nb\n\nc\xff\n", "row 2 (line 4)"),
        (b"a\nb\n" + b"x" * (MAX_ROW + 1), "row 2"),
        (b"a\nb\n" + b'"x\n",' * (MAX_ROW // 4), "row 2"),
        (b"a\nb\rc\n", "row 1 (line 2) has a CR outside of quotation marks"),
        (b"a\rb\rc", "row 0 (line 1) has a CR outside of quotation marks"),
    ],
    ids=["no end", "text after quotes", "no UTF-8", "long line", "long row", "carriage return", "only these"],
)
async def test_a_row_that_cannot_be_read_is_named(inbox: Path, content: bytes, told: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        await read(inbox, content)
    assert told in refused.value.message


async def test_a_cell_is_as_long_as_a_value_may_be(inbox: Path) -> None:
    longest = "x" * MAX_LENGTH
    assert await fields(inbox, f"a\n{longest}\n".encode()) == [("a",), (longest,)]


@pytest.mark.parametrize("name", ["", ".", "..", "../a.csv", "/etc/passwd", "sub/a.csv", "a\0b", "x" * 256, "\ud800"])
async def test_only_a_plain_name_is_a_file(inbox: Path, name: str) -> None:
    (inbox.parent / "a.csv").write_text("secret")
    (inbox / "sub").mkdir()
    (inbox / "sub" / "a.csv").write_text("secret")
    with pytest.raises(InvalidValue):
        await read(inbox, name=name)


async def test_links_directories_and_pipes_are_no_files(inbox: Path) -> None:
    (inbox.parent / "a.csv").write_text("secret")
    (inbox / "link").symlink_to(inbox.parent / "a.csv")
    (inbox / "directory").mkdir()
    os.mkfifo(inbox / "pipe")
    for name in ("link", "directory", "pipe", "missing"):
        with pytest.raises(InvalidValue, match=name):
            async with asyncio.timeout(10):
                await read(inbox, name=name)
    with pytest.raises(InvalidValue):
        await read(inbox / "missing", name="a.csv")


async def test_other_ways_to_write_a_file_are_refused(inbox: Path) -> None:
    for how in (
        {"delimiter": ""},
        {"delimiter": ",,"},
        {"delimiter": '"'},
        {"delimiter": "\n"},
        {"encoding": "UTF-16"},
    ):
        with pytest.raises(InvalidValue):
            await read(inbox, b"a", **how)


async def test_a_file_of_empty_lines_comes_to_an_end(inbox: Path) -> None:
    with pytest.raises(InvalidValue, match=r"row 1 .line [0-9]+. is longer than"):
        await read(inbox, b"name\n" + b"\r\n" * MAX_ROW)
    assert await fields(inbox, b"name\n" + b"\r\n" * 1000 + b"Ann\n") == [("name",), ("Ann",)]
