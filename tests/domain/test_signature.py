"""Signatures hold for one name, one content and one key."""

import base64
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from busyout.domain.errors import InvalidValue, NotTrusted
from busyout.domain.signature import check, key_text, public_of, read_key, sign, statement

PRIVATE = bytes(range(32))
PUBLIC = public_of(PRIVATE)
DIGEST = sha256(b"content").hexdigest()
SIGNATURE = sign(PRIVATE, "plugins.db", DIGEST)


def test_what_was_signed_is_trusted() -> None:
    check(PUBLIC, SIGNATURE, "plugins.db", DIGEST)


@pytest.mark.parametrize(
    ("public", "signature", "name", "digest"),
    [
        (public_of(bytes(32)), SIGNATURE, "plugins.db", DIGEST),
        (PUBLIC, SIGNATURE, "a.tar.bz2", DIGEST),
        (PUBLIC, SIGNATURE, "plugins.db", sha256(b"other").hexdigest()),
        (PUBLIC, b"", "plugins.db", DIGEST),
        (PUBLIC, b"\xff" * 64, "plugins.db", DIGEST),
        (PUBLIC, SIGNATURE[:40], "plugins.db", DIGEST),
        (PUBLIC, base64.b64encode(bytes(64)), "plugins.db", DIGEST),
    ],
)
def test_nothing_else_is_trusted(public: bytes, signature: bytes, name: str, digest: str) -> None:
    with pytest.raises(NotTrusted):
        check(public, signature, name, digest)


@given(st.integers(0, 63), st.integers(0, 7))
def test_no_bit_of_a_signature_can_be_changed(place: int, bit: int) -> None:
    raw = bytearray(base64.b64decode(SIGNATURE))
    raw[place] ^= 1 << bit
    with pytest.raises(NotTrusted):
        check(PUBLIC, base64.b64encode(raw), "plugins.db", DIGEST)


def test_others_can_check_a_signature_too() -> None:
    signed = statement("plugins.db", DIGEST)
    assert signed == f"busyout plug-in repository 1\nplugins.db\n{DIGEST}\n".encode()
    Ed25519PublicKey.from_public_bytes(PUBLIC).verify(base64.b64decode(SIGNATURE), signed)


def test_a_key_is_read_as_it_was_written() -> None:
    assert read_key(f" {key_text(PUBLIC)}\n") == PUBLIC


@pytest.mark.parametrize("text", ["", "é", "AAAA", "!" * 44, key_text(bytes(31)), key_text(bytes(33))])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        read_key(text)
