"""On which line of a TOML text each key stands.

Reads only texts that the TOML parser has accepted, so it need not notice mistakes, only skip what is no key.
"""

import re
from collections.abc import Mapping

from msgspec import Struct

from busyout.settings.findings import Path

TOKEN = re.compile(
    r'(?P<string>"""(?:\\.|[^\\])*?"{3,5}|\'\'\'[\s\S]*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\')'
    r"|(?P<bare>[^\s\[\]{},=#\"']+)"
    r"|(?P<mark>[\[\]{},=\n])"
    r"|(?P<skipped>#[^\n]*|[^\S\n]+)",
    re.DOTALL,
)


class Token(Struct, frozen=True):
    """A piece of the text."""

    kind: str
    text: str
    line: int


def key_lines(text: str) -> Mapping[Path, int]:
    """The line, from 1, of every table, key and list item."""
    return _Scan(_tokens(text)).run()


def nearest_line(lines: Mapping[Path, int], path: Path) -> int | None:
    """The line of a path or, where it is not in the text, of the closest table around it; None where there is none."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return None


def _tokens(text: str) -> list[Token]:
    found, line = [], 1
    for match in TOKEN.finditer(text):
        kind = match.lastgroup or "skipped"
        if kind != "skipped":
            found.append(Token(kind, match.group(), line))
        line += match.group().count("\n")
    found.append(Token("mark", "\n", line))
    return found


class _Scan:
    """One walk over the tokens."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.lines: dict[Path, int] = {}
        self.lists: dict[Path, int] = {}
        """Number of the last item of each list of tables."""

    def run(self) -> Mapping[Path, int]:
        table: Path = ()
        while self.at < len(self.tokens):
            if self._mark("\n"):
                self.at += 1
            elif self._mark("["):
                table = self._header()
            else:
                self._assignment(table)
        return self.lines

    def _mark(self, *texts: str) -> bool:
        token = self.tokens[self.at]
        return token.kind == "mark" and token.text in texts

    def _key(self, end: str) -> Path:
        """The parts of a dotted key, up to and with the mark that ends it."""
        parts: list[str] = []
        while not self._mark(end):
            token = self.tokens[self.at]
            parts += [token.text[1:-1]] if token.kind == "string" else [part for part in token.text.split(".") if part]
            self.at += 1
        self.at += 1
        return tuple(parts)

    def _header(self) -> Path:
        line = self.tokens[self.at].line
        self.at += 1
        listed = self._mark("[")
        self.at += listed
        path = self._resolve(self._key("]"), open_last=listed)
        self.at += listed
        for depth in range(1, len(path) + 1):
            self.lines.setdefault(path[:depth], line)
        return path

    def _resolve(self, parts: Path, *, open_last: bool) -> Path:
        """The full path of a header: a list of tables means its last item, a `[[header]]` begins a new one."""
        path: Path = ()
        for number, part in enumerate(parts):
            path = (*path, part)
            if open_last and number == len(parts) - 1:
                self.lists[path] = self.lists.get(path, -1) + 1
            if path in self.lists:
                path = (*path, self.lists[path])
        return path

    def _assignment(self, table: Path) -> None:
        line = self.tokens[self.at].line
        path = table
        for part in self._key("="):
            path = (*path, part)
            self.lines.setdefault(path, line)
        self._value(path)

    def _value(self, path: Path) -> None:
        if self._mark("["):
            self._list(path)
        elif self._mark("{"):
            self._inline_table(path)
        else:
            while not self._mark(",", "]", "}", "\n"):
                self.at += 1

    def _list(self, path: Path) -> None:
        self.at += 1
        number = 0
        while not self._mark("]"):
            if self._mark(",", "\n"):
                self.at += 1
                continue
            self.lines[*path, number] = self.tokens[self.at].line
            self._value((*path, number))
            number += 1
        self.at += 1

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        while not self._mark("}"):
            if self._mark(",", "\n"):
                self.at += 1
            else:
                self._assignment(path)
        self.at += 1
