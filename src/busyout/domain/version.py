"""Which of two versions is newer: epochs, numbers as numbers, what precedes a release before it."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

Token = tuple[int, int, str]
"""A part of a version: its rank, the length of a number (or the place of a word before a release), its text."""

Order = tuple[Token, ...]
"""A version as something that can be compared."""

PRECEDING: Final = {"dev": 0, "alpha": 1, "beta": 2, "pre": 3, "preview": 3, "rc": 4}
"""Words of versions that come before the release of the same number."""

_BEFORE, _END, _HYPHEN, _WORD, _NUMBER = range(5)
_EPOCH = re.compile(r"([0-9]+):")
_PART = re.compile(r"-|[0-9]+|[^\W0-9_]+")


def order(version: str) -> Order:
    """A key that sorts versions from old to new; versions that mean the same have the same key.

    The epoch is compared first (`2:1.0`; none is 0), then part by part: a number is above a word, a word above what
    follows a hyphen, that above nothing, and nothing above `dev`, `alpha`, `beta`, `pre`, `rc`. Any text has a place.
    """
    epoch = _EPOCH.match(version)
    rest = version[epoch.end() :] if epoch else version
    return (_number(epoch.group(1) if epoch else "0"), *_tokens(rest), (_END, 0, ""))


def is_newer(version: str, than: str) -> bool:
    """Whether a version comes after another."""
    return order(version) > order(than)


def newest(versions: Iterable[str]) -> str:
    """The last in order; of several that mean the same, the first given. There must be one."""
    return max(versions, key=order)


def _tokens(text: str) -> Iterator[Token]:
    hyphen = False
    for part in _PART.findall(text.casefold()):
        if part == "-":
            hyphen = True
            continue
        token = _token(part)
        if hyphen and token[0] != _BEFORE:
            yield (_HYPHEN, 0, "")
        hyphen = False
        yield token


def _token(part: str) -> Token:
    if part[0] in "0123456789":
        return _number(part)
    return (_BEFORE, PRECEDING[part], "") if part in PRECEDING else (_WORD, 0, part)


def _number(digits: str) -> Token:
    significant = digits.lstrip("0")
    return (_NUMBER, len(significant), significant)
