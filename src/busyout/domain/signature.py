"""Signatures of a repository's files: `NAME.sig` beside `NAME`, Ed25519 (RFC 8032) over the name and the digest.

The digest is signed and not the content, so that a large package is judged as it is read; the name belongs to it, so
that no file can stand in for another one.
"""

import binascii
from base64 import b64decode, b64encode
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from busyout.domain.errors import InvalidValue, NotTrusted

SUFFIX: Final = ".sig"
"""What the name of a signature ends with, after the name of what is signed."""

MAX_SIGNATURE: Final = 1024
"""Largest signature, in bytes."""


def signed_text(name: str, sha256: str) -> bytes:
    """What is signed of a file; `sha256` is in lower-case hex."""
    return f"busyout-signature-1\n{name}\n{sha256}\n".encode()


def sign(name: str, sha256: str, private_key: str) -> bytes:
    """The signature of a file, as it is kept beside it.

    Raises:
        InvalidValue: The key is not one.
    """
    key = Ed25519PrivateKey.from_private_bytes(_raw(private_key, "a private key"))
    return b64encode(key.sign(signed_text(name, sha256))) + b"\n"


def public_key_of(private_key: str) -> str:
    """The public key that belongs to a private one.

    Raises:
        InvalidValue: The key is not one.
    """
    key = Ed25519PrivateKey.from_private_bytes(_raw(private_key, "a private key"))
    return b64encode(key.public_key().public_bytes_raw()).decode()


def check_signature(name: str, sha256: str, signature: bytes, public_key: str) -> None:
    """Let a file pass that was signed with the private key of `public_key`.

    Raises:
        NotTrusted: The signature is damaged, or was made for another file, or with another key.
        InvalidValue: The key is not one.
    """
    key = read_public_key(public_key)
    try:
        key.verify(b64decode(signature.strip(), validate=True), signed_text(name, sha256))
    except (InvalidSignature, ValueError) as error:
        raise NotTrusted(f"{name}{SUFFIX} is no signature of {name} by the key of the settings") from error


def read_public_key(text: str) -> Ed25519PublicKey:
    """A public key, from base64 of its 32 bytes.

    Raises:
        InvalidValue: It is none.
    """
    return Ed25519PublicKey.from_public_bytes(_raw(text, "a public key"))


def _raw(text: str, what: str) -> bytes:
    try:
        raw = b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidValue(f"{what} is 32 bytes in base64") from error
    if len(raw) != 32:
        raise InvalidValue(f"{what} is 32 bytes in base64, not {len(raw)}")
    return raw
