"""Plug-ins as a repository lists them: an index that is believed whole or not at all."""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from busyout.domain.document import check_value
from busyout.domain.errors import InvalidValue, NotTrusted

MAX_INDEX: Final = 4 * 1024 * 1024
"""Largest index, in bytes: twenty times the one of a hundred plug-ins."""

MAX_VALUES: Final = 100_000
"""Most values in an index, roughly: small ones take many times their size in memory."""

MAX_PLUGINS: Final = 10_000
"""Most plug-ins in one index."""

MAX_PACKAGE: Final = 256 * 1024 * 1024
"""Largest package of a plug-in, in bytes."""

ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
"""What a plug-in, a package and a file may be called: one segment of a path, and no hidden one."""

HIDDEN: Final = ("filename", "sha256sum")
"""Columns of an entry that are ours and the index's, not for those who list packages."""


class PluginEntry(Struct, frozen=True):
    """One plug-in that a repository offers."""

    id: str
    version: str
    filename: str
    """Of its package, below the repository."""
    size: int
    """Of its package, in bytes, as the index says."""
    sha1: str
    sha256: str | None
    """None where the index has none."""
    columns: dict[str, Any]
    """The whole entry, in its order."""


class PluginIndex(Struct, frozen=True):
    """What a repository offers."""

    plugins: dict[str, PluginEntry]


class _Entry(Struct):
    capabilities: dict[str, dict[str, Any]]
    description: str
    version: str
    dsize: int
    filename: str
    sha1sum: str
    sha256sum: str | None = None


def read_index(content: bytes) -> PluginIndex:
    """The index of a repository.

    Raises:
        NotTrusted: It is too large, cut, or an entry lacks something; the message names the plug-in and the column.
    """
    if len(content) > MAX_INDEX:
        raise NotTrusted(f"the index is larger than {MAX_INDEX} bytes")
    if sum(content.count(mark) for mark in (b"{", b"[", b",")) > MAX_VALUES:
        raise NotTrusted(f"the index has more than {MAX_VALUES} values")
    try:
        raw = msgspec.json.decode(content, type=dict[str, dict[str, Any]])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotTrusted(f"the index is damaged: {error}") from error
    if len(raw) > MAX_PLUGINS:
        raise NotTrusted(f"the index has {len(raw)} plug-ins; {MAX_PLUGINS} is the limit")
    try:
        check_value(raw)  # what can be read at the edge of the nesting that is read cannot be written again
    except InvalidValue as error:
        raise NotTrusted(f"the index cannot be told on: {error.message}") from error
    return PluginIndex({plugin: _entry(plugin, columns) for plugin, columns in raw.items()})


def _entry(plugin: str, columns: dict[str, Any]) -> PluginEntry:
    if not ID.fullmatch(plugin):
        raise NotTrusted(f"the index has a plug-in that is called {plugin!r}")
    try:
        entry = msgspec.convert(columns, _Entry)
    except msgspec.ValidationError as error:
        raise NotTrusted(f"plug-in {plugin}: {error}") from error
    if not ID.fullmatch(entry.filename):
        raise NotTrusted(f"plug-in {plugin}: {entry.filename!r} is no file name")
    if not 0 <= entry.dsize <= MAX_PACKAGE:
        raise NotTrusted(f"plug-in {plugin}: a package has at most {MAX_PACKAGE} bytes")
    if not re.fullmatch(r"[0-9a-f]{40}", entry.sha1sum):
        raise NotTrusted(f"plug-in {plugin}: sha1sum is not 40 hexadecimal digits")
    if entry.sha256sum is not None and not re.fullmatch(r"[0-9a-f]{64}", entry.sha256sum):
        raise NotTrusted(f"plug-in {plugin}: sha256sum is not 64 hexadecimal digits")
    return PluginEntry(
        id=plugin,
        version=entry.version,
        filename=entry.filename,
        size=entry.dsize,
        sha1=entry.sha1sum,
        sha256=entry.sha256sum,
        columns=columns,
    )


def localized(columns: Mapping[str, Any], locale: str | None) -> dict[str, Any]:
    """An entry for somebody who reads that language: its description, and none of the columns that are not for them."""
    wanted = () if locale is None else (f"description_{locale}", f"description_{locale.partition('_')[0]}")
    description = next((columns[name] for name in wanted if name in columns), columns.get("description"))
    shown = {
        name: value for name, value in columns.items() if name not in HIDDEN and not name.startswith("description_")
    }
    return {**shown, "description": description} if description is not None else shown
