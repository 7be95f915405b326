"""The packages of a plug-in: which files they need and which filters make of them what devices fetch."""

import re
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from busyout.domain.errors import InvalidRecipe

VARIABLE: Final = re.compile(r"(?<!\\)\$(?:\{(\w*)\}|(\w*))")
"""`$NAME` or `${NAME}`; a backslash before it makes it a dollar sign."""

MAX_FILTERS: Final = 100
"""Most filters of one recipe."""

MAX_WORDS: Final = 200
"""Most words of one filter."""

MAX_WORD: Final = 1024
"""Most characters of such a word, before and after variables are replaced."""

SOURCE: Final = "a"
"""The node of a recipe that holds the downloaded files."""


class RemoteFile(Struct, frozen=True):
    """A file that has to be fetched for a package."""

    id: str
    filename: str
    """In the cache of the plug-in."""
    url: str
    """Empty where the vendor gives it out by hand only: an operator has to put it into the cache."""
    size: int
    """Bytes."""
    sha1: str
    """Lower-case hex."""
    sha256: str | None
    """None where the recipe does not say."""
    downloader: str


class Filter(Struct, frozen=True):
    """One step of a recipe: takes the files of a node and leaves its own in another."""

    name: str
    source: str
    target: str
    arguments: tuple[str, ...]
    """Variables are replaced already."""


class Recipe(Struct, frozen=True):
    """A package that a plug-in offers."""

    id: str
    version: str
    description: str
    descriptions: dict[str, str]
    """Further ones by locale."""
    files: tuple[RemoteFile, ...]
    filters: tuple[Filter, ...]
    """In an order in which they can be run."""
    depends: tuple[str, ...]

    @property
    def size(self) -> int:
        """Bytes to fetch."""
        return sum(file.size for file in self.files)

    @property
    def terminals(self) -> frozenset[str]:
        """Nodes that no filter takes from: together they are the result."""
        return frozenset(one.target for one in self.filters) - {one.source for one in self.filters}


ARGUMENTS: Final[Mapping[str, tuple[int, int | None]]] = {
    "unzip": (1, 1),
    "untar": (1, 1),
    "unrar": (1, 1),
    "7z": (1, 1),
    "unsign": (2, 2),
    "include": (1, None),
    "exclude": (1, None),
    "cp": (2, None),
    "null": (0, 0),
}
"""The filters there are: fewest and most arguments, None for any number."""


def make_filters(rows: Mapping[str, str], variables: Mapping[str, str]) -> tuple[Filter, ...]:
    """The filters of an `install` section, checked and in an order in which they can be run.

    Raises:
        InvalidRecipe: They cannot be run; the message does not say in which file.
    """
    if len(rows) > MAX_FILTERS:
        raise InvalidRecipe(f"a recipe has at most {MAX_FILTERS} filters")
    made: dict[str, Filter] = {}
    for edge, text in rows.items():
        one = make_filter(edge, text, variables)
        if one.target == SOURCE or one.target in made:
            raise InvalidRecipe(f"{edge}: {one.target} is made already")
        made[one.target] = one
    if not made:
        raise InvalidRecipe("it has no filters")
    return _ordered(made)


def make_filter(edge: str, text: str, variables: Mapping[str, str]) -> Filter:
    """The filter of one line, `a-b: unzip $FILE1`.

    Raises:
        InvalidRecipe: There is no such filter or variable, the arguments are too few or many, or one leads elsewhere.
    """
    source, dash, target = edge.partition("-")
    if not dash or not source or not re.fullmatch(r"\w+", target):
        raise InvalidRecipe(f"{edge!r} does not lead from one node to another")
    words = text.split()
    if len(words) > MAX_WORDS:
        raise InvalidRecipe(f"{edge}: a filter has at most {MAX_WORDS} words")
    name, *arguments = [substituted(word, variables) for word in words] or [""]
    if name not in ARGUMENTS:
        raise InvalidRecipe(f"{edge}: there is no filter {name!r}")
    fewest, most = ARGUMENTS[name]
    if len(arguments) < fewest or (most is not None and len(arguments) > most):
        raise InvalidRecipe(f"{edge}: {name} does not take {len(arguments)} arguments")
    for argument in arguments:
        if argument.startswith("/") or ".." in argument.split("/") or "\0" in argument:
            raise InvalidRecipe(f"{edge}: {argument!r} leads out of the package")
    return Filter(name, source, target, tuple(arguments))


def substituted(text: str, variables: Mapping[str, str]) -> str:
    r"""The text with variables replaced and `\$` as a dollar sign.

    Raises:
        InvalidRecipe: A variable is not known, or has no name; or the text is too long, as it is or as it becomes.
    """
    done: list[str] = []
    end = length = 0
    if len(text) > MAX_WORD:
        raise InvalidRecipe(f"a word has at most {MAX_WORD} characters")
    for found in VARIABLE.finditer(text):
        name = found.group(1) if found.group(1) is not None else found.group(2)
        if name not in variables:
            raise InvalidRecipe(f"there is no variable {name!r} for {text!r}")
        length += len(variables[name])
        if length > MAX_WORD:
            raise InvalidRecipe(f"a word has at most {MAX_WORD} characters; {text[:64]!r} becomes longer")
        done += [text[end : found.start()].replace(r"\$", "$"), variables[name]]
        end = found.end()
    return "".join([*done, text[end:].replace(r"\$", "$")])


def _ordered(made: Mapping[str, Filter]) -> tuple[Filter, ...]:
    """Filters after those that they take from, otherwise as they were written."""
    for one in made.values():
        if one.source != SOURCE and one.source not in made:
            raise InvalidRecipe(f"{one.source}-{one.target}: nothing leads to {one.source}")
    known = {SOURCE}
    done: list[Filter] = []
    while len(done) < len(made):
        ready = [one for one in made.values() if one.source in known and one.target not in known]
        if not ready:
            raise InvalidRecipe("the filters run in a circle")
        known |= {one.target for one in ready}
        done += ready
    return tuple(done)
