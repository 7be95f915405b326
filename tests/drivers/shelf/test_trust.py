"""Files are judged by digest and signature."""

import hashlib
from pathlib import Path

import pytest

from busyout.domain.errors import NotTrusted
from busyout.domain.signature import public_of, sign
from busyout.drivers.shelf.trust import FileTrust
from busyout.ports.shelf import Expected

pytestmark = pytest.mark.anyio

PRIVATE = bytes(range(32))
CONTENT = b"content" * 1000
SHA1, SHA256 = hashlib.sha1(CONTENT).hexdigest(), hashlib.sha256(CONTENT).hexdigest()
OTHER = "0" * 64
SIGNED = FileTrust(public_of(PRIVATE))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "p-1.0.tar.bz2"
    path.write_bytes(CONTENT)
    return path


@pytest.mark.parametrize("expected", [Expected(SHA1), Expected(SHA1.upper(), SHA256, len(CONTENT))])
async def test_a_file_of_that_digest_is_trusted(file: Path, expected: Expected) -> None:
    await FileTrust().check_file(file, expected)
    await FileTrust().check_package(file, expected, name=file.name)
    await FileTrust().check_index(file)


@pytest.mark.parametrize(
    ("expected", "reason"),
    [
        (Expected(OTHER[:40]), "SHA-1"),
        (Expected(OTHER[:40], SHA256), "SHA-1"),
        (Expected(SHA1, OTHER), "SHA-256"),
        (Expected(SHA1, SHA256, 1), "7000 bytes, not 1"),
    ],
)
async def test_another_file_is_not_trusted(file: Path, expected: Expected, reason: str) -> None:
    for check in (FileTrust().check_file(file, expected), FileTrust().check_package(file, expected, name=file.name)):
        with pytest.raises(NotTrusted, match=reason):
            await check


async def test_what_is_no_file_is_not_trusted(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing", tmp_path / "x" / "y"):
        with pytest.raises(NotTrusted):
            await FileTrust().check_file(path, Expected(SHA1))


async def test_with_a_key_a_signature_is_required(file: Path) -> None:
    assert (SIGNED.signed, FileTrust().signed) == (True, False)
    with pytest.raises(NotTrusted, match="has no signature"):
        await SIGNED.check_package(file, Expected(SHA1), name=file.name)
    beside = file.with_name(file.name + ".sig")
    beside.write_bytes(sign(PRIVATE, file.name, SHA256))
    await SIGNED.check_package(file, Expected(SHA1), name=file.name)
    for name in ("plugins.db", "p-1.1.tar.bz2"):
        with pytest.raises(NotTrusted):
            await SIGNED.check_package(file, Expected(SHA1), name=name)
    beside.write_bytes(sign(bytes(32), file.name, SHA256))
    with pytest.raises(NotTrusted, match="signature"):
        await SIGNED.check_package(file, Expected(SHA1), name=file.name)


async def test_an_index_is_signed_under_its_name_in_the_repository(file: Path) -> None:
    file.with_name(file.name + ".sig").write_bytes(sign(PRIVATE, "plugins.db", SHA256) + b"\n")
    await SIGNED.check_index(file)
    file.write_bytes(CONTENT + b"x")
    with pytest.raises(NotTrusted):
        await SIGNED.check_index(file)


async def test_a_file_that_was_changed_later_is_not_trusted(file: Path) -> None:
    await FileTrust().check_file(file, Expected(SHA1))
    file.write_bytes(CONTENT.replace(b"c", b"d", 1))
    with pytest.raises(NotTrusted):
        await FileTrust().check_file(file, Expected(SHA1))
