"""Reads the settings: defaults, the file over them, the environment over both, the command line over all."""

import pkgutil
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path as FilePath
from typing import Any, get_args, get_origin

import msgspec
from msgspec import Struct, structs

from busyout.settings.findings import Finding, InvalidSettings, Path
from busyout.settings.lines import key_lines, nearest_line
from busyout.settings.model import Settings
from busyout.settings.rules import broken_rules
from busyout.settings.shape import bare, misshapen, no_such_key, unsuitable

PREFIX = "BUSYOUT_"
"""How the name of an environment variable of ours begins; sections are parted by two underscores."""

ADMIN_PASSWORD = "BUSYOUT_ADMIN_PASSWORD"  # noqa: S105 - the name of a variable
"""Environment variable that sets the password of the operator `admin` at the first start."""

WITHOUT_ELEMENTS = ("repository", "shelf", "tokens")
"""Drivers that drive no element."""

MAX_FILE = 10_000_000
"""Largest settings file, in bytes."""


Further = Callable[[Settings], Iterable[Finding]]


class _Override(Struct, frozen=True):
    """A value from outside the file."""

    path: tuple[str, ...]
    text: str
    source: str


def load(
    file: FilePath | None = None,
    *,
    environ: Mapping[str, str],
    given: Mapping[str, str | None] | None = None,
    further: Further | None = None,
) -> Settings:
    """The settings that hold.

    `given` are values from the command line by dotted key, such as `{"server.data": "/srv/busyout"}`; None is skipped.
    `further` finds what else is wrong with settings that are well formed; its findings get their lines, too.

    Raises:
        InvalidSettings: Something is wrong; every finding names its key and, where it has one, its line.
    """
    text = _read(file) if file else ""
    raw = _parse(text, str(file or ""))
    base = (file.parent if file else FilePath()).absolute()
    overrides = tuple(_overrides(environ, given or {}))
    findings = list(misshapen(Settings, _completed(raw, base, environ), ()))
    findings = findings or list(_override(raw, overrides))
    findings = findings or list(misshapen(Settings, _completed(raw, base, environ), ()))
    if not findings:
        settings = _typed(_completed(raw, base, environ), base)
        findings = list(broken_rules(settings, faces=packages_in("faces"), drivers=_drivers()))
        findings += further(settings) if further else ()
        if not findings:
            return settings
    raise InvalidSettings(_placed(findings, text, str(file or ""), overrides))


def _placed(findings: list[Finding], text: str, file: str, overrides: tuple[_Override, ...]) -> list[Finding]:
    """The findings in the order of the file, each with where its value comes from."""
    lines = key_lines(text)
    sources: dict[Path, str] = {override.path: override.source for override in overrides}
    placed = []
    for finding in findings:
        source = finding.source or sources.get(finding.path, "")
        line = None if source else nearest_line(lines, finding.path)
        placed.append(structs.replace(finding, line=line, source=source or (file if line else "")))
    return sorted(placed, key=lambda finding: finding.line or 0)


def admin_password(environ: Mapping[str, str]) -> str | None:
    """The password that the first start is to give `admin`; None for one of the server's own making."""
    return environ.get(ADMIN_PASSWORD) or None


def state_directory(environ: Mapping[str, str]) -> FilePath:
    """Where data is kept when nothing else is said: `busyout` in the XDG state directory."""
    home = environ.get("XDG_STATE_HOME", "")
    base = FilePath(home) if home.startswith("/") else FilePath.home() / ".local" / "state"
    return base / "busyout"


def _drivers() -> tuple[str, ...]:
    """Names of the drivers that elements can have."""
    return tuple(name for name in packages_in("drivers") if name not in WITHOUT_ELEMENTS)


def packages_in(part: str) -> tuple[str, ...]:
    """Names of the packages in a part of ours: each face and each driver is a package of its name."""
    spec = find_spec(f"busyout.{part}")
    places = spec.submodule_search_locations if spec else None
    return tuple(sorted(module.name for module in pkgutil.iter_modules(places or []) if module.ispkg))


def _read(file: FilePath) -> str:
    try:
        if file.stat().st_size > MAX_FILE:
            raise InvalidSettings([Finding((), f"the file is larger than {MAX_FILE} bytes", source=str(file))])
        return file.read_text("utf-8").replace("\r\n", "\n")
    except OSError as wrong:
        reason = wrong.strerror or "it cannot be read"
        raise InvalidSettings([Finding((), reason, source=str(file))]) from wrong
    except UnicodeDecodeError as wrong:
        raise InvalidSettings([Finding((), "the file is not UTF-8 text", source=str(file))]) from wrong


def _parse(text: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as wrong:
        message = str(wrong)
        at = re.search(r" \(at line (\d+), column \d+\)$", message)
        line = int(at[1]) if at else text.count("\n") + 1
        finding = Finding((), message[: at.start()] if at else message, line=line, source=source)
        raise InvalidSettings([finding]) from wrong


def _completed(raw: Mapping[str, Any], base: FilePath, environ: Mapping[str, str]) -> dict[str, Any]:
    """What the file says, with the defaults that depend on where and how the server runs."""
    estate = tomllib.loads((files("busyout.settings") / "estate.toml").read_text("utf-8"))
    completed = {"elements": estate["elements"], **raw}
    server, store, faces = (completed.get(name, {}) for name in ("server", "store", "faces"))
    data = str(state_directory(environ))
    if isinstance(server, dict):
        completed["server"] = {"data": data} | server
        data = str(server.get("data", data))
    if isinstance(store, dict):
        completed["store"] = {"url": f"sqlite:///{base / data}/busyout.db"} | store
    if isinstance(faces, dict):
        ours = estate["faces"] if "elements" not in raw else _naming(estate["faces"], raw["elements"])
        completed["faces"] = faces | {
            name: ours.get(name, {}) | faces.get(name, {})
            for name in packages_in("faces")
            if isinstance(faces.get(name, {}), dict)
        }
    return completed


def _naming(faces: Mapping[str, Any], elements: object) -> dict[str, Any]:
    """The faces of the default estate whose elements a file has, too."""
    rows = elements if isinstance(elements, list) else []
    there = [row.get("name") for row in rows if isinstance(row, dict)]
    return {name: face for name, face in faces.items() if face["element"] in there}


def _overrides(environ: Mapping[str, str], given: Mapping[str, str | None]) -> Iterator[_Override]:
    for name, text in sorted(environ.items()):
        if name.startswith(PREFIX) and "__" in name:
            path = tuple(name.removeprefix(PREFIX).lower().split("__"))
            yield _Override(path, text, source=name)
    for key, value in given.items():
        if value is not None:
            yield _Override(tuple(key.split(".")), value, source="command line")


def _override(raw: dict[str, Any], overrides: tuple[_Override, ...]) -> Iterator[Finding]:
    """Put the values into `raw`; one finding for each that does not fit."""
    for override in overrides:
        kind: object = Settings
        for depth, part in enumerate(override.path, start=1):
            known = _members(kind, part)
            if part not in known:
                wrong = no_such_key(override.path[:depth], known)
                yield structs.replace(wrong, source=override.source)
                break
            kind = bare(known[part])
        else:
            message = _put(raw, override, kind)
            if message:
                yield Finding(override.path, message, source=override.source)


def _members(kind: object, part: str) -> dict[str, Any]:
    if isinstance(kind, type) and issubclass(kind, Struct):
        return {field.encode_name: field.type for field in structs.fields(kind)}
    return {part: get_args(kind)[1]} if get_origin(kind) is dict else {}


def _put(raw: dict[str, Any], override: _Override, kind: object) -> str | None:
    if get_origin(kind) in (tuple, list, dict) or (isinstance(kind, type) and issubclass(kind, Struct)):
        return "this can be set in the file only"
    message = unsuitable(kind, override.text, strict=False)
    if message:
        return message
    table = raw
    for part in override.path[:-1]:
        table = table.setdefault(part, {})
    if kind is FilePath:
        table[override.path[-1]] = str(FilePath(override.text).absolute())
    else:
        table[override.path[-1]] = msgspec.convert(override.text, kind, strict=False)
    return None


def _typed(raw: Mapping[str, Any], base: FilePath) -> Settings:
    def absolute(kind: type, value: object) -> FilePath:
        if kind is not FilePath:
            raise TypeError(f"settings have no values of type {kind}")
        return base / str(value)

    return msgspec.convert(raw, Settings, dec_hook=absolute)
