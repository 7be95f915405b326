"""Reads the package files of a plug-in, sections in INI notation; nothing in them is ever executed."""

import configparser
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from busyout.domain.errors import InvalidRecipe
from busyout.domain.recipe import Recipe, RemoteFile, make_filters

NAME: Final = re.compile(r"[A-Za-z0-9_+][A-Za-z0-9_.+-]{0,127}")
"""What a package may be called: its record becomes a file of that name."""

MAX_TEXT: Final = 512 * 1024
"""Most characters in all package files of one plug-in: ten times what a large one has."""

MAX_SECTIONS: Final = 2000
"""Most packages, files and recipes of one plug-in."""

MAX_FILES: Final = 100
"""Most files of one package."""

MAX_STEPS: Final = 5000
"""Most filters of all packages together."""

DOWNLOADERS: Final = ("default", "auth")
HEX: Final = re.compile(r"[0-9a-fA-F]+")

Sections = Mapping[str, Mapping[str, str]]


class _Parser(configparser.RawConfigParser):
    """The library's, with a pattern that takes linear time: its own tries every space of a line as the last one."""

    OPTCRE = re.compile(r"(?P<option>[^=:]*)(?P<vi>[=:])(?P<value>.*)")


def read_recipes(texts: Mapping[str, str]) -> dict[str, Recipe]:
    """The packages in these files, by id; `texts` has the text of each file by its name.

    Raises:
        InvalidRecipe: Something in them is wrong or exceeds a bound; the message names file and line.
    """
    sections = _sections(texts)
    where = _Where(texts)
    for section in sections:
        if not section.startswith(("pkg_", "file_", "install_")):
            raise where.wrong(section, f"there is no kind of section that is called {section!r}")
    files = _files(sections, where)
    found: dict[str, Recipe] = {}
    steps = 0
    for section, values in _of_kind("pkg_", sections):
        with where.blamed(section):
            found[section[4:]] = recipe = _package(section[4:], values, files, sections)
            steps += len(recipe.filters)
            if steps > MAX_STEPS:
                raise InvalidRecipe(f"install: the packages have more than {MAX_STEPS} filters together")
    return found


def _files(sections: Sections, where: "_Where") -> dict[str, RemoteFile]:
    """The files of all packages, by id; no two may have the same place in the cache."""
    files: dict[str, RemoteFile] = {}
    names: set[str] = set()
    for section, values in _of_kind("file_", sections):
        with where.blamed(section):
            file = _file(section[5:], values)
            if file.filename in names:
                raise InvalidRecipe(f"filename: another file is called {file.filename!r} too")
            names.add(file.filename)
            files[file.id] = file
    return files


def _of_kind(prefix: str, sections: Sections) -> list[tuple[str, Mapping[str, str]]]:
    return [(name, values) for name, values in sections.items() if name.startswith(prefix)]


def _sections(texts: Mapping[str, str]) -> Sections:
    if sum(map(len, texts.values())) > MAX_TEXT:
        raise InvalidRecipe(f"the package files have more than {MAX_TEXT} characters together")
    parser = _Parser(default_section="", delimiters=("=", ":"))
    for name, text in texts.items():
        try:
            parser.read_string(text, name)
        except configparser.MissingSectionHeaderError as error:
            raise InvalidRecipe(f"{name}, line {error.lineno}: a line before the first section") from error
        except configparser.ParsingError as error:
            raise InvalidRecipe(f"{name}, line {error.errors[0][0]}: this is no `key: value`") from error
        except (configparser.DuplicateOptionError, configparser.DuplicateSectionError) as error:
            raise InvalidRecipe(f"{name}, line {error.lineno}: {_twice(error)}") from error
    if len(parser.sections()) > MAX_SECTIONS:
        raise InvalidRecipe(f"there are more than {MAX_SECTIONS} sections")
    return {section: dict(parser.items(section)) for section in parser.sections()}


def _twice(error: configparser.DuplicateOptionError | configparser.DuplicateSectionError) -> str:
    option = getattr(error, "option", None)
    return f"{option or error.section!r} is there twice"


def _file(name: str, values: Mapping[str, str]) -> RemoteFile:
    url = _required("url", values)
    size, sha1, sha256 = _required("size", values), _required("sha1sum", values), values.get("sha256sum")
    if not re.fullmatch(r"[0-9]{1,15}", size):
        raise InvalidRecipe(f"size: {size!r} is no number of bytes")
    for key, digest, length in (("sha1sum", sha1, 40), ("sha256sum", sha256, 64)):
        if digest is not None and not (HEX.fullmatch(digest) and len(digest) == length):
            raise InvalidRecipe(f"{key}: {digest!r} is not {length} hexadecimal digits")
    filename = values.get("filename") or re.split(r"[?#]", url)[0].rpartition("/")[2]
    if not _is_file_name(filename):
        raise InvalidRecipe(f"filename: {filename!r} is no name of a file")
    downloader = values.get("downloader", "default")
    if downloader not in DOWNLOADERS:
        raise InvalidRecipe(f"downloader: there is none called {downloader!r}")
    return RemoteFile(name, filename, url, int(size), sha1.lower(), sha256.lower() if sha256 else None, downloader)


def _is_file_name(name: str) -> bool:
    return bool(name) and name.isprintable() and name[0] not in ".-" and "/" not in name and len(name.encode()) <= 255


def _package(name: str, values: Mapping[str, str], files: Mapping[str, RemoteFile], sections: Sections) -> Recipe:
    if not NAME.fullmatch(name):
        raise InvalidRecipe(f"{name!r} is no name of a package")
    needed = []
    for file in values.get("files", "").split():
        if file not in files:
            raise InvalidRecipe(f"files: there is no file {file!r}")
        needed.append(files[file])
    if len(needed) > MAX_FILES:
        raise InvalidRecipe(f"files: a package has at most {MAX_FILES} files")
    install, *arguments = values.get("install", "").split() or [""]
    rows = sections.get(f"install_{install}")
    if install and rows is None:
        raise InvalidRecipe(f"install: there is no recipe {install!r}")
    variables = {f"FILE{number}": file.filename for number, file in enumerate(needed, 1)}
    variables |= {f"ARG{number}": argument for number, argument in enumerate(arguments, 1)}
    prefix = "description_"
    return Recipe(
        id=name,
        version=_required("version", values),
        description=_required("description", values),
        descriptions={key.removeprefix(prefix): text for key, text in values.items() if key.startswith(prefix)},
        files=tuple(needed),
        filters=make_filters(rows, variables) if rows is not None else (),
        depends=tuple(values.get("depends", "").split()),
    )


def _required(key: str, values: Mapping[str, str]) -> str:
    if key not in values:
        raise InvalidRecipe(f"{key} is missing")
    return values[key]


class _Where:
    """Finds the line of a section again, for the message."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    @contextmanager
    def blamed(self, section: str) -> Iterator[None]:
        """What is found wrong meanwhile is said with the place of that section."""
        try:
            yield
        except InvalidRecipe as error:
            raise self.wrong(section, error.message) from error

    def wrong(self, section: str, message: str) -> InvalidRecipe:
        """The error for a section, with the file and the line of it, or of the key that the message begins with."""
        header = re.compile(rf"\[{re.escape(section)}\]")
        key = re.compile(rf"{re.escape(message.partition(':')[0])}\s*[:=]", re.IGNORECASE)
        for name, text in self._texts.items():
            lines = text.splitlines()
            start = next((number for number, line in enumerate(lines) if header.match(line)), None)
            if start is None:
                continue
            inside = _lines_of(lines, start)
            number = next((number for number in inside if key.match(lines[number])), start)
            return InvalidRecipe(f"{name}, line {number + 1}: [{section}] {message}")
        return InvalidRecipe(f"[{section}] {message}")


def _lines_of(lines: list[str], start: int) -> range:
    end = next((number for number in range(start + 1, len(lines)) if lines[number].startswith("[")), len(lines))
    return range(start + 1, end)
