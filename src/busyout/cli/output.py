"""Where the command line writes: one JSON document, or lines for people."""

import sys
from collections.abc import Sequence
from typing import Any

import msgspec
import typer

from busyout.cli.exits import CommandError

COLOURS = {
    "locked": "yellow",
    "shutting down": "yellow",
    "disabled": "red",
    "failed": "red",
    "unknown": "red",
    "critical": "red",
    "major": "red",
    "down": "red",
    "succeeded": "green",
    "up": "green",
}
"""Words that stand out in a table on a terminal."""


def show_json(value: Any) -> None:  # noqa: ANN401 - anything that msgspec encodes
    """Print one JSON document."""
    typer.echo(msgspec.json.format(msgspec.json.encode(value)).decode("utf-8"))


def show_json_line(value: Any) -> None:  # noqa: ANN401 - anything that msgspec encodes
    """Print one JSON document on one line, at once."""
    typer.echo(msgspec.json.encode(value).decode("utf-8"))
    sys.stdout.flush()


def show_lines(lines: Sequence[str]) -> None:
    """Print lines."""
    for line in lines:
        show_line(line)


def show_line(line: str) -> None:
    """Print a line whole and at once."""
    typer.echo(harmless(line))
    sys.stdout.flush()


def show_table(lines: Sequence[str], *, empty: str) -> None:
    """Print aligned rows, the titles first; `empty` where there are no rows."""
    if len(lines) == 1:
        show_line(empty)
        return
    if not sys.stdout.isatty():
        show_lines(lines)
        return
    typer.secho(lines[0], bold=True)
    for line in lines[1:]:
        typer.echo(_coloured(harmless(line)))


def show_error(error: CommandError, *, json: bool) -> None:
    """Print why a command ended without having done what was asked."""
    if json:
        document = {"exit": int(error.code), "message": error.message, "problem": error.problem}
        typer.echo(msgspec.json.encode(document).decode("utf-8"), err=True)
    else:
        typer.secho(f"busyout: {harmless(error.message)}", err=True, fg="red" if sys.stderr.isatty() else None)


def harmless(text: str) -> str:
    """The text without control characters, which a device could have put there to play with the terminal."""
    return "".join(sign if sign.isprintable() or sign == "\n" else "\N{REPLACEMENT CHARACTER}" for sign in text)


def _coloured(line: str) -> str:
    for word, colour in COLOURS.items():
        for around in (f"  {word}  ", f", {word}  "):
            line = line.replace(around, around.replace(word, typer.style(word, fg=colour)))
    return line
