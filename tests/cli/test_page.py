"""The page about the command line says what the program does."""

import re
from pathlib import Path

import pytest
import typer.main

from busyout.cli.app import EPILOG, app
from busyout.cli.exits import MEANINGS, Exit

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text("utf-8")


@pytest.mark.parametrize("code", list(Exit))
def test_every_exit_code_has_its_row_and_stands_in_the_help(code: Exit) -> None:
    assert f"| {int(code)} | {MEANINGS[code]} |" in PAGE
    assert f"{int(code)} {MEANINGS[code]}" in EPILOG


def test_every_command_has_its_row() -> None:
    told = {word for span in re.findall(r"`([^`\n]+)`", PAGE) for word in span.split()}
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    for name, command in commands.items():
        assert {name, *getattr(command, "commands", {})} <= told, name
