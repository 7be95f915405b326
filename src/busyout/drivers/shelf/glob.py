"""Patterns of recipes against the files that a filter is given. Pure."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase


def matching(patterns: Iterable[str], paths: Sequence[str]) -> list[str]:
    """Paths that match a pattern part by part; `*` matches no slash and nothing hidden.

    A path that is called exactly like a pattern is meant by it, whatever signs it contains.
    """
    found: dict[str, None] = {}
    for pattern in patterns:
        parts = [part for part in pattern.split("/") if part not in ("", ".")]
        plain = "/".join(parts)
        found |= dict.fromkeys([plain] if plain in paths else [path for path in paths if _matches(parts, path)])
    return list(found)


def _matches(parts: Sequence[str], path: str) -> bool:
    given = path.split("/")
    return len(parts) == len(given) and all(
        fnmatchcase(name, part) and (part.startswith(".") or not name.startswith("."))
        for part, name in zip(parts, given, strict=True)
    )


def included(patterns: Sequence[str], paths: Sequence[str]) -> list[str]:
    """Paths that match a pattern as a whole, and what is below them.

    Directories that do not match are not looked into.
    """
    found: dict[str, bool] = {"": False}
    for path in paths:
        above = path.rpartition("/")[0]
        if above in found:
            whole = found[above] or _matches_any(patterns, path)
            found |= {path: True} if whole else {}
    return [path for path in paths if found.get(path)]


def excluded(patterns: Sequence[str], paths: Sequence[str]) -> list[str]:
    """Paths that match no pattern as a whole and are not below one that does."""
    left = {""}
    for path in paths:
        if path.rpartition("/")[0] in left and not _matches_any(patterns, path):
            left.add(path)
    return [path for path in paths if path in left]


def _matches_any(patterns: Sequence[str], path: str) -> bool:
    return any(fnmatchcase(path, pattern) for pattern in patterns)
