"""Writes docs/commands.md from the commands of the domain and the steps that the services make of them.

`write_commands.py` writes the page; `write_commands.py --check` ends with 1 when it is not what the code says.
"""

import ast
import inspect
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, get_args

import msgspec
from msgspec.structs import FieldInfo, fields

from busyout.domain.commands import Command
from busyout.domain.configuration.tables import RESTART_TABLES, Tables
from busyout.domain.context.schema import Subject
from busyout.domain.context.upkeep import Purge
from busyout.domain.drain import AtDeadline, DrainPolicy
from busyout.domain.mode import Mode
from busyout.domain.operator import level_for
from busyout.services.activities.catalogue import needs, plan
from busyout.services.job import Action

PAGE = Path(__file__).resolve().parent.parent / "docs" / "commands.md"
NEEDED = {
    "tables": Tables(),
    "plugin": "xivo-polycom-4.0.4",
    "package": "spip-550",
    "device": "8a5d1a9c",
    "mode": Mode.MAINTENANCE,
    "subject": Subject.PROFILE,
    "name": "Orders",
    "attributes": ("number",),
    "before": "2026-01-01T00:00:00.000Z",
    "which": Purge.COMPLETED,
}
"""Values in the examples for fields that have no default."""

INTRODUCTION = """\
# Commands

Written from the code by `make docs`; `make check` fails when it is not what the code says.

A command is given with `POST /v1/elements/{name}/operations`, and is journalled before it is acknowledged. It becomes
an operation: the steps below, in order. When a step fails, or somebody cancels, that step and those before it are
undone in reverse order. After a crash of the server the step that was interrupted goes on; none is begun twice.
"""


def main(arguments: list[str]) -> int:
    """Write the page or check it; the exit code."""
    wanted = page()
    fresh = PAGE.exists() and PAGE.read_text(encoding="utf-8") == wanted
    if "--check" in arguments:
        if not fresh:
            print("docs/commands.md is not what the code says; `make docs` writes it")
        return int(not fresh)
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION, *(section(command) for command in get_args(Command))]
    parts.append("## Drain policies\n\n" + "\n".join(tagged(policy) for policy in get_args(DrainPolicy)) + "\n")
    parts.append("## At the deadline\n\n" + "\n".join(members(AtDeadline)) + "\n")
    parts.append("## Tables\n\nA change of every table but `" + "`, `".join(RESTART_TABLES) + "` takes effect live.\n")
    parts += [table(fact) for fact in fields(Tables)]
    return "\n".join(parts)


def table(fact: FieldInfo) -> str:
    """One configuration table and its columns."""
    kind_of_row = get_args(fact.type)[0]
    return "\n".join([f"### `{fact.name}`", "", first_line(kind_of_row), "", *rows(kind_of_row), ""])


def section(command: type[Any]) -> str:
    """What one command is, its fields, its steps and an example."""
    sample = example(command)
    lines = [f"## `{tag(command)}`", "", first_line(command), ""]
    if fields(command):
        lines += [*rows(command), ""]
    lines += [step(number, action, command) for number, action in enumerate(plan(sample), 1)]
    lines += ["", f"Needs level {level_for(sample).word}" + capabilities(sample) + ".", ""]
    lines += ["```json", msgspec.json.encode(brief(sample)).decode(), "```", ""]
    return "\n".join(lines)


def example(command: type[Any], **changed: Any) -> Any:
    """A command with its defaults."""
    needed = {name: value for name, value in NEEDED.items() if name in command.__struct_fields__}
    return command(**needed, **changed)


def brief(command: Any) -> Any:
    """A command as a caller would write it, without tables that nobody reads in an example."""
    written = msgspec.to_builtins(command)
    return {name: value for name, value in written.items() if value is not None and name != "tables"}


def rows(owner: type[Any]) -> Iterator[str]:
    """The fields of a structure as a table."""
    yield from ("| field | value | default | |", "| --- | --- | --- | --- |")
    for fact in fields(owner):
        yield f"| `{fact.name}` | {kind(fact.type)} | {default(fact)} | {field_text(owner, fact.name)} |"


def kind(annotation: Any) -> str:
    """A type in words."""
    if annotation == DrainPolicy:
        return "a [policy](#drain-policies)"
    if isinstance(annotation, UnionType):
        return " or ".join("nothing" if part is type(None) else kind(part) for part in get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return ", ".join(f"`{member.value}`" for member in annotation)
    if annotation == tuple[str, ...]:
        return "list of texts"
    return {bool: "true or false", str: "text", int: "whole number", float: "number", Tables: "the [tables](#tables)"}[
        annotation
    ]


def default(fact: FieldInfo) -> str:
    """The default of a field, as JSON."""
    if fact.required:
        return "required"
    return f"`{msgspec.json.encode(fact.default).decode()}`"


def step(number: int, action: Action, command: type[Any]) -> str:
    """One step, when it is left out, and what takes it back."""
    flags = [fact.name for fact in fields(command) if fact.type is bool]
    without = [flag for flag in flags if action.label not in labels(example(command, **{flag: False}))]
    condition = f" (only with `{without[0]}`)" if without else ""
    return f"{number}. **{action.label}**{condition}: {first_line(action.do)} Undone: {first_line(action.undo)}"


def labels(command: Any) -> set[str]:
    """The labels of the steps of a command."""
    return {action.label for action in plan(command)}


def capabilities(command: Any) -> str:
    """What the element must be able to do."""
    return "".join(f", and an engine that can `{capability.value}`" for capability in needs(command))


def tagged(policy: type[Any]) -> str:
    """A policy as an item of a list."""
    named = ", ".join(f"`{fact.name}`: {field_text(policy, fact.name)}" for fact in fields(policy))
    return f"- `{tag(policy)}`: {first_line(policy)}{' ' + named if named else ''}"


def members(enum: type[Enum]) -> Iterator[str]:
    """The members of an enum and what they mean."""
    for member in enum:
        yield f"- `{member.value}`: {field_text(enum, member.name)}"


def tag(command: type[Any]) -> str:
    """The tag that the wire knows a command by."""
    return str(msgspec.inspect.type_info(command).tag)  # type: ignore[attr-defined]


def first_line(documented: Any) -> str:
    """The first line of a docstring."""
    return (inspect.getdoc(documented) or "").splitlines()[0]


def field_text(owner: type[Any], name: str) -> str:
    """The sentence under a field; empty where there is none."""
    body = ast.parse(inspect.getsource(owner)).body[0]
    assert isinstance(body, ast.ClassDef)
    for field, after in zip(body.body, body.body[1:], strict=False):
        match field, after:
            case (
                (ast.AnnAssign(target=ast.Name(id=found)) | ast.Assign(targets=[ast.Name(id=found)])),
                ast.Expr(value=ast.Constant(value=str(sentence))),
            ) if found == name:
                return " ".join(sentence.split())
    return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
