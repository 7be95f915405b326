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

MAX_SECTIONS: Final = 10_000
"""Most packages, files and recipes of one plug-in."""

DOWNLOADERS: Final = ("default", "auth")
HEX: Final = re.compile(r"[0-9a-fA-F]+")

Sections = Mapping[str, Mapping[str, str]]


def read_recipes(texts: Mapping[str, str]) -> dict[str, Recipe]:
    """The packages in these files, by id; `texts` has the text of each file by its name.

    Raises:
        InvalidRecipe: Something in them is wrong; the message names file and line.
    """
    sections = _sections(texts)
    where = _Where(texts)
    for section in sections:
        if not section.startswith(("pkg_", "file_", "install_")):
            raise where.wrong(section, f"there is no kind of section that is called {section!r}")
    files: dict[str, RemoteFile] = {}
    for section, values in _of_kind("file_", sections):
        with where.blamed(section):
            file = _file(section[5:], values)
            if any(file.filename == other.filename for other in files.values()):
                raise InvalidRecipe(f"filename: another file is called {file.filename!r} too")
            files[file.id] = file
    found = {}
    for section, values in _of_kind("pkg_", sections):
        with where.blamed(section):
            found[section[4:]] = _package(section[4:], values, files, sections)
    return found


def _of_kind(prefix: str, sections: Sections) -> list[tuple[str, Mapping[str, str]]]:
    return [(name, values) for name, values in sections.items() if name.startswith(prefix)]


def _sections(texts: Mapping[str, str]) -> Sections:
    parser = configparser.RawConfigParser(default_section="", delimiters=("=", ":"))
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
