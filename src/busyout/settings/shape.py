"""Whether raw settings have the shape of the model: every mistake is found, not only the first."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path as FilePath
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec import Struct

from busyout.settings.findings import Finding, Path

WORDS = {"int": "a whole number", "float": "a number", "str": "text", "bool": "true or false", "null": "nothing"}
"""What a reader calls the types."""


def misshapen(kind: object, value: object, path: Path) -> Iterator[Finding]:
    """One finding for each place where `value` is not of type `kind`."""
    kind = bare(kind)
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return
    if isinstance(kind, type) and issubclass(kind, Struct):
        yield from _struct(kind, value, path)
    elif origin is dict:
        yield from _table(inner[1], value, path)
    elif origin in (list, tuple):
        yield from _list(inner[0], value, path)
    else:
        message = unsuitable(kind, value)
        if message:
            yield Finding(path, message)


def bare(kind: object) -> object:
    """A type without `| None`, which a file cannot say."""
    if get_origin(kind) in (Union, UnionType):
        return next(choice for choice in get_args(kind) if choice is not NoneType)
    return kind


def unsuitable(kind: object, value: object, *, strict: bool = True) -> str | None:
    """Why a single value is not of type `kind`; None when it is. Not strict: numbers may be written as text."""
    if kind is FilePath:
        kind = str
    try:
        msgspec.convert(value, kind, strict=strict)
    except msgspec.ValidationError as wrong:
        return _in_words(str(wrong), kind, value)
    return None


def no_such_key(path: Path, known: Mapping[str, Any] | list[str]) -> Finding:
    """The finding for a key that is not one, with the known one that looks most like it."""
    near = get_close_matches(str(path[-1]), list(known), n=1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(known))}"
    return Finding(path, f"there is no such key; {hint}")


def _struct(kind: type[Struct], value: object, path: Path) -> Iterator[Finding]:
    if not isinstance(value, dict):
        yield Finding(path, "a table is wanted here")
        return
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for key in value:
        if key not in fields:
            yield no_such_key((*path, key), fields)
    for key, field in fields.items():
        if key in value:
            yield from misshapen(field.type, value[key], (*path, key))
        elif field.required:
            yield Finding(path, f"{key} is missing")


def _table(kind: object, value: object, path: Path) -> Iterator[Finding]:
    if not isinstance(value, dict):
        yield Finding(path, "a table is wanted here")
        return
    for key, item in value.items():
        yield from misshapen(kind, item, (*path, key))


def _list(kind: object, value: object, path: Path) -> Iterator[Finding]:
    if not isinstance(value, list):
        yield Finding(path, f"a list is wanted here, written [[{path[-1]}]] or [ … ]")
        return
    for number, item in enumerate(value):
        yield from misshapen(kind, item, (*path, number))


def _in_words(message: str, kind: object, value: object) -> str:
    """The library's message as a sentence for an operator."""
    if get_origin(kind) is Literal:
        choices = get_args(kind)
        near = get_close_matches(str(value), choices, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        return f"{value!r} is not one of {', '.join(choices)}{hint}"
    base = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    wanted = WORDS.get(getattr(base, "__name__", ""), str(base))
    if "matching regex" in message and "0-9a-f" in message:
        return f"{value!r} is not a SHA-256: 64 hexadecimal digits in lower case"
    if "matching regex" in message:
        return f"{value!r} is not a name: letters, digits, dots, dashes and underscores, at most 64"
    _, _, bound = message.partition("` ")
    for sign, words in ((">=", "at least"), ("<=", "at most"), (">", "more than"), ("<", "less than")):
        if bound.startswith(sign):
            return f"{value!r} is out of bounds: {wanted} of {words} {bound.removeprefix(sign).strip()} is wanted"
    return f"{value!r} is not {wanted}"
