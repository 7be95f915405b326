"""What is sealed opens where it was sealed, and nowhere else; keys are made once, and whole."""

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from busyout.domain.errors import SealBroken
from busyout.store.seal import FORM, Seal, make_key, read_keys

OLD, NEW = bytes(range(32)), bytes(range(1, 33))

SECRET = "correct horse battery staple"

ANY_TEXT = st.text(st.characters(exclude_categories=()))
"""Lone surrogates and NUL too."""


@given(text=ANY_TEXT, where=ANY_TEXT)
def test_what_is_sealed_opens_again(text: str, where: str):
    seal = Seal((OLD,))
    sealed = seal.seal(text, where)
    assert seal.open(sealed, where) == text
    assert sealed.isascii() and sealed.startswith(f"{FORM}:{seal.key}:")
    assert sealed != seal.seal(text, where)


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7), text=st.text(max_size=40))
def test_a_text_that_was_changed_does_not_open(place: int, bit: int, text: str):
    seal = Seal((OLD,))
    head, _, tail = seal.seal(text, "here").rpartition(":")
    body = bytearray(base64.b64decode(tail))
    body[place % len(body)] ^= 1 << bit
    changed = base64.b64encode(body).decode()
    with pytest.raises(SealBroken) as broken:
        seal.open(f"{head}:{changed}", "here")
    assert "here" in broken.value.message
    assert changed not in broken.value.message


@pytest.mark.parametrize("head", ["sealed:2:{}", "sealed:1:", "sealed:1:00000000", "sealed:{}", "{}", ""])
def test_a_head_that_was_changed_does_not_open(head: str):
    seal = Seal((OLD,))
    tail = seal.seal(SECRET, "here").rpartition(":")[2]
    with pytest.raises(SealBroken, match="here"):
        seal.open(f"{head.format(seal.key)}:{tail}", "here")


@given(st.text())
def test_what_was_never_sealed_does_not_open(text: str):
    with pytest.raises(SealBroken, match="not sealed"):
        Seal((OLD,)).open(text, "here")


@pytest.mark.parametrize("cut", [0, 1, 4, 15, 16, 27, 28])
def test_a_text_that_is_too_short_does_not_open(cut: int):
    seal = Seal((OLD,))
    with pytest.raises(SealBroken):
        seal.open(f"{FORM}:{seal.key}:{base64.b64encode(bytes(cut)).decode()}", "here")


def test_a_sealed_text_cannot_be_moved():
    seal = Seal((OLD,))
    sealed = seal.seal(SECRET, "parameters.value/http_proxy")
    with pytest.raises(SealBroken, match="moved"):
        seal.open(sealed, "parameters.value/ftp_proxy")


def test_a_new_key_seals_and_the_old_one_still_opens():
    old, both, new = Seal((OLD,)), Seal((NEW, OLD)), Seal((NEW,))
    sealed = old.seal(SECRET, "here")
    assert both.open(sealed, "here") == SECRET
    assert not both.is_current(sealed) and both.is_sealed(sealed)
    assert new.open(both.seal(SECRET, "here"), "here") == SECRET
    with pytest.raises(SealBroken, match=f"here is sealed with key '{old.key}', which this server does not have"):
        new.open(sealed, "here")


def test_a_fingerprint_tells_equal_from_different_and_depends_on_the_key():
    assert Seal((OLD,)).fingerprint(b"a") == Seal((OLD, NEW)).fingerprint(b"a")
    assert len({Seal((OLD,)).fingerprint(b"a"), Seal((OLD,)).fingerprint(b"b"), Seal((NEW,)).fingerprint(b"a")}) == 3


def test_a_key_is_made_once_for_its_owner_only(tmp_path: Path):
    file = tmp_path / "data" / "sealing-key"
    assert read_keys(file) is None
    make_key(file)
    made = file.read_bytes()
    make_key(file)
    assert file.read_bytes() == made
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file]
    first, second = read_keys(file), read_keys(file)
    assert first is not None and second is not None
    assert second.open(first.seal(SECRET, "here"), "here") == SECRET


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"hello", b"aGVsbG8=", base64.b64encode(OLD)[:-4], b"\xff" * 44, (base64.b64encode(OLD) + b"\n") * 9],
)
def test_a_file_that_holds_no_keys_is_named(tmp_path: Path, content: bytes):
    file = tmp_path / "sealing-key"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(SealBroken, match="sealing-key"):
        read_keys(file)


def test_keys_that_everybody_may_read_are_not_used(tmp_path: Path):
    file = tmp_path / "sealing-key"
    make_key(file)
    file.chmod(0o644)
    with pytest.raises(SealBroken, match="everybody on this machine may read"):
        read_keys(file)


def test_a_key_that_cannot_be_written_or_read_is_named(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(SealBroken, match="cannot be written"):
        make_key(tmp_path / "file" / "sealing-key")
    with pytest.raises(SealBroken, match="cannot be read"):
        read_keys(tmp_path)
