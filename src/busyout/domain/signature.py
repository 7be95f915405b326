"""Signatures of a repository's files: `NAME.sig` beside `NAME`, Ed25519 (RFC 8032) over the name and the digest.

The digest is signed and not the content, so that a large package is judged as it is read; the name belongs to it, so
that no file can stand in for another one. Keys and signatures are written in base64.
"""

from base64 import b64decode, b64encode
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from busyout.domain.errors import InvalidValue, NotTrusted

SUFFIX: Final = ".sig"
"""What the name of a signature ends with, after the name of what is signed."""

MAX_SIGNATURE: Final = 1024
"""Largest signature, in bytes."""

KEY_BYTES: Final = 32
"""Length of a key, private or public."""


def statement(name: str, sha256: str) -> bytes:
    """What is signed of a file; `sha256` is in lower-case hex."""
    return f"busyout plug-in repository 1\n{name}\n{sha256}\n".encode()


def sign(private: bytes, name: str, sha256: str) -> bytes:
    """The signature of a file, as it is kept beside it, without an end of line."""
    return b64encode(Ed25519PrivateKey.from_private_bytes(private).sign(statement(name, sha256)))


def public_of(private: bytes) -> bytes:
    """The public key that belongs to a private one."""
    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def check(public: bytes, signature: bytes, name: str, sha256: str) -> None:
    """Let a file pass that was signed with the private key of `public`.

    Raises:
        NotTrusted: The signature is damaged, or was made for another file, or with another key.
    """
    try:
        raw = b64decode(signature.strip(), validate=True)
        Ed25519PublicKey.from_public_bytes(public).verify(raw, statement(name, sha256))
    except (InvalidSignature, ValueError) as error:
        raise NotTrusted(f"{name}{SUFFIX} is no signature of {name} by the key of the settings") from error


def key_text(key: bytes) -> str:
    """A key as settings and files have it."""
    return b64encode(key).decode()


def read_key(text: str) -> bytes:
    """A key, private or public.

    Raises:
        InvalidValue: It is not 32 bytes in base64.
    """
    try:
        key = b64decode(text.strip(), validate=True)
    except ValueError as error:
        raise InvalidValue("a key is 32 bytes in base64") from error
    if len(key) != KEY_BYTES:
        raise InvalidValue(f"a key is 32 bytes in base64, not {len(key)}")
    return key
