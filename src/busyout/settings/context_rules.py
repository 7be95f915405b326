"""What must hold in `[context]`, beside the shape of it."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path as FilePath
from typing import Final

from busyout.settings.context import BusinessAttributeSettings, ContextSettings
from busyout.settings.findings import Finding, Path

CONTEXT: Final = "context"

NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,25}")

RESERVED: Final = frozenset({"customer_id", "id_key", "include_profile", "include_extensions", "extensions", "profile"})
"""What no attribute of a profile can be called, in any case: the face has a meaning of its own for it."""

USES: Final = re.compile(r"(Service|State|Task)\.(type|application_type|resource_type|media_type|disposition)")

PREFIX: Final = re.compile(r"(/[A-Za-z0-9._-]{1,64}){1,8}")

OWN: Final = frozenset({"v1", "console", "api", "provd", "0.2", "healthz", "readyz", "metrics", "openapi.json"})
"""First segments of addresses that belong to others."""

MAX_ATTRIBUTES: Final = 200
MAX_BUSINESS_ATTRIBUTES: Final = 200
MAX_VALUES: Final = 10_000
"""Most values of one business attribute."""

MAX_PREFIXES: Final = 4


def broken_context_rules(settings: ContextSettings) -> Iterator[Finding]:
    """One finding for each rule that does not hold."""
    yield from _attributes(settings)
    yield from _prefixes(settings.prefixes)
    yield from _business(settings.business_attributes)
    for key, directory in (
        ("import_directory", settings.import_directory),
        ("export_directory", settings.export_directory),
    ):
        if directory is not None and not FilePath(directory).is_dir():
            yield Finding((CONTEXT, key), f"there is no directory {directory}")
    if settings.start_mode == "production" and not settings.attributes:
        yield Finding((CONTEXT, "start_mode"), "without a profile schema (attributes) the mode is maintenance")


def _attributes(settings: ContextSettings) -> Iterator[Finding]:
    path = (CONTEXT, "attributes")
    if len(settings.attributes) > MAX_ATTRIBUTES:
        yield Finding(path, f"there are at most {MAX_ATTRIBUTES}")
    seen: set[str] = set()
    for name in settings.attributes:
        if not NAME.fullmatch(name):
            yield Finding((*path, name), "a name is a letter and up to 25 letters, digits and _")
        elif name.lower() in RESERVED:
            yield Finding((*path, name), f'the name "{name}" is reserved')
        elif name.lower() in seen:
            yield Finding((*path, name), f"{name!r} is there twice: upper and lower case are the same")
        seen.add(name.lower())


def _prefixes(prefixes: tuple[str, ...]) -> Iterator[Finding]:
    path = (CONTEXT, "prefixes")
    if not 1 <= len(prefixes) <= MAX_PREFIXES:
        yield Finding(path, f"there are from 1 to {MAX_PREFIXES}")
    for number, prefix in enumerate(prefixes):
        if prefix and not PREFIX.fullmatch(prefix):
            yield Finding((*path, number), f"{prefix!r} does not begin with / or is no plain path")
        elif prefix.split("/")[1:2] and prefix.split("/")[1] in OWN:
            yield Finding((*path, number), f"addresses below /{prefix.split('/')[1]} belong to another face")
        elif prefix in prefixes[:number]:
            yield Finding((*path, number), f"{prefix!r} is there twice")


def _business(attributes: tuple[BusinessAttributeSettings, ...]) -> Iterator[Finding]:
    path = (CONTEXT, "business_attributes")
    if len(attributes) > MAX_BUSINESS_ATTRIBUTES:
        yield Finding(path, f"there are at most {MAX_BUSINESS_ATTRIBUTES}")
        return
    yield from _different(path, "name", [attribute.name.lower() for attribute in attributes])
    yield from _different(path, "dbid", [attribute.dbid for attribute in attributes])
    used: dict[str, str] = {}
    for number, attribute in enumerate(attributes):
        here = (*path, number)
        if not 1 <= len(attribute.name) <= 255:
            yield Finding((*here, "name"), "a name has from 1 to 255 characters")
        for use in attribute.cv_attributes:
            if not USES.fullmatch(use):
                yield Finding((*here, "cv_attributes"), f"{use!r} is not such as Service.type or Task.disposition")
            elif use in used:
                yield Finding((*here, "cv_attributes"), f"{use} is restricted by {used[use]!r} already")
            used.setdefault(use, attribute.name)
        yield from _values(here, attribute)


def _values(path: Path, attribute: BusinessAttributeSettings) -> Iterator[Finding]:
    here = (*path, "values")
    if len(attribute.values) > MAX_VALUES:
        yield Finding(here, f"there are at most {MAX_VALUES}")
        return
    yield from _different(here, "dbid", [value.dbid for value in attribute.values])
    yield from _different(here, "name", [value.name.lower() for value in attribute.values])
    for number, value in enumerate(attribute.values):
        if not 1 <= len(value.name) <= 64 or value.name.isdecimal():
            yield Finding((*here, number, "name"), "a name has from 1 to 64 characters and is no number")


def _different(path: Path, key: str, told: Sequence[str | int]) -> Iterator[Finding]:
    seen: set[str | int] = set()
    for number, one in enumerate(told):
        if one in seen:
            yield Finding((*path, number, key), f"{one!r} is there twice")
        seen.add(one)
