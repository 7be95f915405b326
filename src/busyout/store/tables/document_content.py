"""How documents are written into a text and read from it."""

from typing import Any, Final

from msgspec.json import Decoder

DOCUMENT: Final[Decoder[dict[str, Any]]] = Decoder(dict[str, Any])
