"""How documents are written into a text, sealed, and read from it."""

from typing import Any, Final

from msgspec.json import Decoder
from sqlalchemy import Column

from busyout.store.content import encode
from busyout.store.schema_sealing import place
from busyout.store.seal import Seal

_DOCUMENT: Final[Decoder[dict[str, Any]]] = Decoder(dict[str, Any])


class SealedDocuments:
    """The documents of one column, each under a key."""

    def __init__(self, seal: Seal, column: Column[str]) -> None:
        self._seal = seal
        self._column = column

    def written(self, key: str, document: dict[str, Any]) -> str:
        """What the column is given."""
        return self._seal.seal(encode(document), place(self._column, key))

    def read(self, key: str, sealed: str) -> dict[str, Any]:
        """The document that the column has; raises `SealBroken`."""
        return self.sized(key, sealed)[0]

    def sized(self, key: str, sealed: str) -> tuple[dict[str, Any], int]:
        """The same with its length in characters."""
        text = self._seal.open(sealed, place(self._column, key))
        return _DOCUMENT.decode(text), len(text)
