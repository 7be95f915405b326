"""What is wrong with the elements and the provisioning of a settings file, found before a server reads them."""

from collections.abc import Iterator

import msgspec

from busyout.domain.configuration.check import check
from busyout.domain.configuration.tables import Tables
from busyout.domain.errors import InvalidValue
from busyout.domain.parameter import plugin_server
from busyout.domain.signature import read_key
from busyout.settings import ElementSettings, Finding, ProvisioningSettings, Settings, misshapen

Path = tuple[str | int, ...]


def estate_findings(settings: Settings) -> Iterator[Finding]:
    """One finding for each row, column or reference that an element cannot have, and for what cannot be fetched by."""
    yield from _provisioning(settings.provisioning)
    yield from _face_elements(settings)
    for number, element in enumerate(settings.elements):
        path = ("elements", number, "configuration")
        wrong = list(misshapen(Tables, element.configuration, path))
        if wrong:
            yield from wrong
        else:
            for message in check(msgspec.convert(element.configuration, Tables)):
                yield Finding(_row(path, element, message), message)


def _face_elements(settings: Settings) -> Iterator[Finding]:
    """Elements of faces that are none of the file's; one that was added while the server runs is not known here."""
    there = {element.name for element in settings.elements}
    named: list[tuple[Path, str | None]] = [
        (("faces", name, "element"), face.element) for name, face in settings.faces.items() if face.enabled
    ]
    named += [(("listeners", number, "element"), own.element) for number, own in enumerate(settings.listeners)]
    for path, name in named:
        if name is not None and name not in there:
            yield Finding(path, f"there is no element {name!r} in this file")


def _provisioning(settings: ProvisioningSettings) -> Iterator[Finding]:
    try:
        plugin_server(settings.plugin_server)
    except InvalidValue as wrong:
        yield Finding(("provisioning", "plugin_server"), wrong.message)
    try:
        if settings.public_key is not None:
            read_key(settings.public_key)
    except InvalidValue as wrong:
        yield Finding(("provisioning", "public_key"), wrong.message)


def _row(path: Path, element: ElementSettings, message: str) -> Path:
    """The row that a message of the form `TABLE INDEX: …` is about; the tables as a whole where it has none."""
    table, _, index = message.partition(":")[0].partition(" ")
    for number, row in enumerate(element.configuration.get(table, [])):
        if str(row.get("index")) == index:
            return (*path, table, number)
    return path
