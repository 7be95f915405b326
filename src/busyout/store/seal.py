"""Sealing: what must not be read by whoever gets at the store is encrypted, and bound to its place."""

import os
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from binascii import a2b_base64
from hashlib import sha256
from hmac import digest as keyed_digest
from pathlib import Path
from secrets import token_bytes, token_hex
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from busyout.domain.errors import SealBroken

FORM: Final = "sealed:1"
"""How a sealed text begins: AES-256-GCM. No JSON text begins so."""

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12

MOST_KEYS: Final = 8
"""Most keys in one file."""


class _Key:
    """One key, ready for use."""

    def __init__(self, secret: bytes) -> None:
        self.id = sha256(b"busyout sealing key id" + secret).hexdigest()[:8]
        self.cipher = AESGCM(secret)
        self.fingerprints = keyed_digest(secret, b"busyout fingerprints", "sha256")


class Seal:
    """Seals with the first of its keys, opens with all of them."""

    def __init__(self, secrets: tuple[bytes, ...]) -> None:
        """`secrets` are keys of `KEY_BYTES`, at least one."""
        keys = [_Key(secret) for secret in secrets]
        self._first = keys[0]
        self._keys = {key.id: key for key in keys}
        self._prefix = f"{FORM}:{self._first.id}:"

    @property
    def key(self) -> str:
        """Id of the key that seals; it tells nothing of the key."""
        return self._first.id

    @property
    def keys(self) -> frozenset[str]:
        """Ids of the keys that open."""
        return frozenset(self._keys)

    def seal(self, text: str, where: str) -> str:
        """A text, sealed for one place, such as `profiles.document/p1`: elsewhere it does not open."""
        nonce = token_bytes(NONCE_BYTES)
        body = self._first.cipher.encrypt(nonce, text.encode("utf-8", "surrogatepass"), _bytes(where))
        return self._prefix + b64encode(nonce + body).decode("ascii")

    def open(self, sealed: str, where: str) -> str:
        """The text that was sealed for that place.

        Raises:
            SealBroken: It was changed or moved, is not sealed at all, or its key is not one of ours; the message says
                where it is, and never what it holds.
        """
        form, _, rest = sealed.rpartition(":")
        form, _, id = form.rpartition(":")
        if form != FORM:
            raise SealBroken(f"{where} is not sealed")
        key = self._keys.get(id)
        if key is None:
            raise SealBroken(f"{where} is sealed with key {id[:8]!r}, which this server does not have")
        try:
            body = a2b_base64(rest, strict_mode=True)
            text = key.cipher.decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], _bytes(where))
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"{where} does not open with its key: it was changed, or moved from elsewhere") from error
        return text.decode("utf-8", "surrogatepass")

    def is_current(self, text: str) -> bool:
        """Whether a text is sealed, and with the key that seals now."""
        return text.startswith(self._prefix)

    def is_sealed(self, text: str) -> bool:
        """Whether a text is sealed, with whatever key."""
        return text.startswith(FORM + ":")

    def fingerprint(self, content: bytes) -> str:
        """A digest, in hex, that is equal for equal contents and on which nobody can try passwords."""
        return keyed_digest(self._first.fingerprints, content, "sha256").hex()


def _bytes(where: str) -> bytes:
    return where.encode("utf-8", "surrogatepass")


def read_keys(file: Path) -> Seal | None:
    """The keys of a file, one on each line in base64, the one that seals first; None where there is no file.

    Raises:
        SealBroken: It cannot be read, others may read it, or it holds something else.
    """
    try:
        with file.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            lines = stream.read(64 * KEY_BYTES * MOST_KEYS).split()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SealBroken(f"the sealing keys in {file} cannot be read") from error
    if mode & 0o007:
        raise SealBroken(f"everybody on this machine may read the sealing keys in {file}; take that right away")
    secrets = tuple(_secret(line, file) for line in lines)
    if not 1 <= len(secrets) <= MOST_KEYS:
        raise SealBroken(f"{file} holds no sealing key, or more than {MOST_KEYS}")
    return Seal(secrets)


def _secret(line: bytes, file: Path) -> bytes:
    try:
        secret = b64decode(line, validate=True)
    except NotBase64 as error:
        raise SealBroken(f"{file} is no file of sealing keys: each line is {KEY_BYTES} bytes in base64") from error
    if len(secret) != KEY_BYTES:
        raise SealBroken(f"{file} is no file of sealing keys: each line is {KEY_BYTES} bytes in base64")
    return secret


def make_key(file: Path) -> None:
    """Make a file with a new key, which is whole and on disk when this returns, unless there is one meanwhile.

    Raises:
        SealBroken: It cannot be written.
    """
    beside = file.with_name(f".{file.name}.{token_hex(8)}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(beside, b64encode(token_bytes(KEY_BYTES)) + b"\n")
        try:
            os.link(beside, file)
        except FileExistsError:
            return
        finally:
            beside.unlink()
        _sync(file.parent)
    except OSError as error:
        raise SealBroken(f"the sealing key cannot be written to {file}") from error


def _write(file: Path, content: bytes) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
