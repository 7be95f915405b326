"""Records of extensions as text: what an attribute says is to be sealed is sealed for its owner and attribute."""

from typing import Any, Final

import msgspec

from busyout.domain.context.records import Record
from busyout.domain.context.schema import Extension
from busyout.store.content import encode
from busyout.store.seal import Seal

SEALED: Final = "sealed"
"""The only member of what stands in the place of a value that is sealed; no value of an attribute is an object."""

_RECORD: Final = msgspec.json.Decoder(dict[str, Any])


class SealedRecords:
    """Writes and reads the records of extensions."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal

    def write(self, extension: Extension, owner: object, record: Record) -> str:
        """A record as it is kept."""
        kept: dict[str, Any] = dict(record)
        for attribute in extension.attributes:
            if attribute.encrypt and attribute.name in kept:
                place = _place(extension, owner, attribute.name)
                kept[attribute.name] = {SEALED: self._seal.seal(encode(kept[attribute.name]), place)}
        return encode(kept)

    def read(self, extension: Extension, owner: object, text: str) -> Record:
        """A record that is kept.

        Raises:
            SealBroken: A value of it does not open.
        """
        kept = _RECORD.decode(text)
        for name, value in kept.items():
            if isinstance(value, dict):
                kept[name] = msgspec.json.decode(self._seal.open(value[SEALED], _place(extension, owner, name)))
        return kept

    def anew(self, extension: Extension, owner: object, text: str) -> str:
        """A record that is kept, with the values that another key has sealed sealed with the present one.

        Raises:
            SealBroken: One of these does not open.
        """
        kept = _RECORD.decode(text)
        others = {name: value[SEALED] for name, value in kept.items() if isinstance(value, dict)}
        others = {name: sealed for name, sealed in others.items() if not self._seal.is_current(sealed)}
        for name, sealed in others.items():
            place = _place(extension, owner, name)
            kept[name] = {SEALED: self._seal.seal(self._seal.open(sealed, place), place)}
        return encode(kept) if others else text


def _place(extension: Extension, owner: object, name: str) -> str:
    return f"{extension.subject.value} {owner} {extension.id}.{name}"
