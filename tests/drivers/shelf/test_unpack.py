"""Hostile, damaged and odd archives: nothing is ever written outside, nothing grows without a bound."""

import bz2
import gzip
import io
import lzma
import os
import stat
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.drivers.shelf.kit import entry, tar, tar_of, tree, zip_of

from busyout.domain.archive import PLUGIN_BOUNDS, Bounds
from busyout.domain.errors import UnsafeArchive
from busyout.drivers.shelf.unpack import unpack_tar, unpack_zip

FILES = {"p/a": b"a", "p/b/c": b"c" * 100_000, "p/empty": b""}
SMALL = Bounds(members=50, depth=8, file=1_000_000, total=2_000_000, ratio=20, floor=10_000)


@pytest.fixture
def into(tmp_path: Path) -> Path:
    place = tmp_path / "outer" / "into"
    place.mkdir(parents=True)
    return place


def unpack(content: bytes, into: Path, bounds: Bounds = PLUGIN_BOUNDS, top: str | None = "p") -> None:
    archive = into.parent.parent / "archive"
    archive.write_bytes(content)
    unpack_tar(archive, into, bounds, top=top)


def unpack_zipped(content: bytes, into: Path, bounds: Bounds = PLUGIN_BOUNDS) -> None:
    archive = into.parent.parent / "archive"
    archive.write_bytes(content)
    unpack_zip(archive, into, bounds)


@pytest.mark.parametrize("pack", [bytes, bz2.compress, gzip.compress, lzma.compress], ids=["tar", "bz2", "gz", "xz"])
def test_an_archive_is_unpacked_however_it_is_compressed(pack, into: Path) -> None:
    unpack(pack(tar_of(FILES)), into)
    assert tree(into) == FILES


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_form_of_tar_is_read(form: int, into: Path) -> None:
    name = "p/" + "/".join(["d" * 30] * 4) if form == tarfile.USTAR_FORMAT else "p/" + "/".join(["d" * 200] * 4) + "é"
    members = [(entry("p", tarfile.DIRTYPE), b""), (entry(name, size=3), b"abc"), (entry("p/z", size=512), b"z" * 512)]
    unpack(tar(members, form), into)
    assert tree(into) == {name: b"abc", "p/z": b"z" * 512}


def test_two_compressed_streams_are_one_archive(into: Path) -> None:
    whole = tar_of(FILES)
    unpack(bz2.compress(whole[:70_000]) + bz2.compress(whole[70_000:]) + b"\0" * 100, into)
    assert tree(into) == FILES


def test_modes_of_an_archive_do_not_count(into: Path) -> None:
    unpack(tar([(entry("p", tarfile.DIRTYPE, mode=0o7777), b""), (entry("p/a", size=1, mode=0o6777), b"a")]), into)
    assert stat.S_IMODE((into / "p/a").stat().st_mode) & 0o7133 == 0
    assert stat.S_IMODE((into / "p").stat().st_mode) & 0o7022 == 0


def raw(name: str, size: int, kind: bytes = b"0") -> bytes:
    """A header that no honest program writes."""
    return entry(name, kind, size).tobuf(tarfile.GNU_FORMAT)


def pax(records: bytes, name: str = "p/x") -> bytes:
    body = records + b"\0" * (-len(records) % 512)
    return entry("x", b"x", len(records)).tobuf() + body + entry(name).tobuf() + bytes(1024)


HOSTILE = {
    "upwards": tar([(entry("p/a"), b""), (entry("../x"), b"")]),
    "upwards within": tar([(entry("p/../../x"), b"")]),
    "absolute": tar([(entry("/p/x"), b"")]),
    "upwards in a pax header": pax(b"15 path=../../x\n"),
    "a link to a file": tar([(entry("p/l", tarfile.SYMTYPE, linkname="/etc/passwd"), b"")]),
    "a link to a directory": tar([(entry("p/l", tarfile.SYMTYPE, linkname="/"), b""), (entry("p/l/x"), b"")]),
    "a hard link": tar([(entry("p/l", tarfile.LNKTYPE, linkname="../../x"), b"")]),
    "a device": tar([(entry("p/d", tarfile.BLKTYPE, devmajor=8), b"")]),
    "a terminal": tar([(entry("p/d", tarfile.CHRTYPE), b"")]),
    "a pipe": tar([(entry("p/f", tarfile.FIFOTYPE), b"")]),
    "a sparse file": tar([(entry("p/s", tarfile.GNUTYPE_SPARSE), b"")]),
    "a sparse file of pax": pax(b"22 GNU.sparse.major=1\n"),
    "something unknown": tar([(entry("p/u", b"V"), b"")]),
    "twice": tar([(entry("p/a"), b""), (entry("p/a"), b"")]),
    "twice but for case": tar([(entry("p/a"), b""), (entry("p/A"), b"")]),
    "two top directories": tar([(entry("p/a"), b""), (entry("q/a"), b"")]),
    "another directory": tar([(entry("q/a"), b"")]),
    "nothing": tar([]),
    "no archive": b"hello " * 1000,
    "no content": b"",
    "compressed nothing": bz2.compress(b""),
    "a huge long name": raw("x", 10**9, b"L") + bytes(2048),
    "a huge pax header": raw("x", 10**9, b"x") + bytes(2048),
    "a header that lies": pax(b"999999 path=x\n"),
    "a header without end": pax(b"13 path=p/xxx"),
    "a header without length": pax(b"path=p/x\n"),
    "a size that is none": pax(b"12 size=abc\n"),
    "a size beyond all": pax(b"25 size=9999999999999999\n"),
    "many headers": raw("x", 0, b"g") * 100 + bytes(1024),
    "a negative size": b"".join([raw("p/a", 0)[:124], b"\xff" * 12, raw("p/a", 0)[136:]]) + bytes(1024),
    "cut in a file": tar_of(FILES)[:60_000],
    "cut after a file": raw("p/a", 512) + bytes(512),
    "cut in the compression": bz2.compress(tar_of(FILES))[:-20],
    "cut gzip": gzip.compress(os.urandom(9000))[:-9],
    "damaged": bz2.compress(tar_of(FILES)).replace(b"\x31\x41\x59", b"\x31\x41\x58"),
    "a name that is not UTF-8": tar([(entry("p/\udcff"), b"")], tarfile.GNU_FORMAT),
    "a name with an end of line": tar([(entry("p/a\nb"), b"")]),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_archive_is_refused_and_nothing_is_outside(content: bytes, into: Path) -> None:
    with pytest.raises(UnsafeArchive):
        unpack(content, into)
    assert [path.name for path in into.parent.iterdir()] == ["into"]
    assert not [path for path in into.rglob("*") if path.is_symlink() or not (path.is_file() or path.is_dir())]


@pytest.mark.parametrize("kind", [b"L", b"K", b"x", b"g"])
def test_a_header_is_not_read_beyond_its_bound(kind: bytes, into: Path) -> None:
    with pytest.raises(UnsafeArchive, match="a header of 70000 bytes"):
        unpack(raw("x", 70_000, kind) + bytes(70_144) + raw("p/a", 0) + bytes(1024), into, top=None)


def bomb(size: int) -> bytes:
    return bz2.compress(raw("p/zeros", size) + bytes(size) + bytes(1024))


def test_a_bomb_is_refused_before_it_is_unpacked(into: Path) -> None:
    with pytest.raises(UnsafeArchive, match="larger than"):
        unpack(bomb(30_000_000), into)
    assert tree(into) == {}


def test_a_bomb_in_headers_is_refused(into: Path) -> None:
    announced = raw("x", 60_000, b"g") + bytes(60_000 + -60_000 % 512)
    members = [announced + raw(f"p/{number}", 0) for number in range(40)]
    with pytest.raises(UnsafeArchive, match="larger than its size allows"):
        unpack(bz2.compress(b"".join(members) + bytes(1024)), into, SMALL)


def test_a_bomb_after_the_end_is_not_read(into: Path) -> None:
    unpack(bz2.compress(tar_of({"p/a": b"a"}) + bytes(50_000_000)), into)
    assert tree(into) == {"p/a": b"a"}


MEMORY = """
import resource, sys
from pathlib import Path
from busyout.domain.archive import PLUGIN_BOUNDS
from busyout.domain.errors import UnsafeArchive
from busyout.drivers.shelf.unpack import unpack_tar
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for number, archive in enumerate(sys.argv[2:]):
    into = Path(sys.argv[1], str(number))
    into.mkdir()
    try:
        unpack_tar(Path(archive), into, PLUGIN_BOUNDS, top="p")
    except UnsafeArchive:
        continue
    sys.exit(f"{archive} was unpacked")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def greedy_xz() -> bytes:
    """An archive whose unpacking asks for a dictionary of 4 GiB."""
    content = bytearray(lzma.compress(b"x" * 100))
    length = (content[12] + 1) * 4
    place = content.index(b"\x21\x01", 12, 12 + length) + 2
    content[place] = 40
    content[8 + length : 12 + length] = struct.pack("<L", zlib.crc32(content[12 : 8 + length]))
    return bytes(content)


def test_hostile_archives_take_no_memory(into: Path, tmp_path: Path) -> None:
    archives = [HOSTILE["a huge pax header"], HOSTILE["a huge long name"], bomb(60_000_000), greedy_xz()]
    archives.append(bz2.compress(raw("x", 60_000_000, b"x") + bytes(60_000_000)))
    paths = [tmp_path / f"{number}.archive" for number in range(len(archives))]
    for path, content in zip(paths, archives, strict=True):
        path.write_bytes(content)
    command = [sys.executable, "-c", MEMORY, str(into), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 50_000


@given(noise=st.binary(max_size=3000), place=st.integers(0, 5000), packed=st.booleans())
def test_whatever_is_in_an_archive_it_is_unpacked_or_refused(
    noise: bytes, place: int, packed: bool, tmp_path_factory
) -> None:
    whole = tar_of({"p/a": b"a" * 100, "p/b": b"b"})
    content = whole[:place] + noise + whole[place + len(noise) :]
    into = tmp_path_factory.mktemp("noise") / "outer" / "into"
    into.mkdir(parents=True)
    with suppress(UnsafeArchive):
        unpack(bz2.compress(content) if packed else content, into)
    assert [path.name for path in into.parent.iterdir()] == ["into"]


def test_a_zip_archive_is_unpacked(into: Path) -> None:
    unpack_zipped(zip_of({"d/": b"", "d/e/": b"", "d/a": b"a", "b": b"b" * 100_000}), into)
    assert tree(into) == {"d/e/": b"", "d/a": b"a", "b": b"b" * 100_000}


def zip_entry(name: str, content: bytes = b"x", **more) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        one = zipfile.ZipInfo(name)
        for key, value in more.items():
            setattr(one, key, value)
        archive.writestr(one, content)
    return made.getvalue()


def patched(content: bytes, signature: bytes, offset: int, patch: bytes) -> bytes:
    place = content.rfind(signature) + offset
    return content[:place] + patch + content[place + len(patch) :]


GOOD_ZIP = zip_of({"a": b"a" * 1000, "b": b"b"})
HOSTILE_ZIPS = {
    "upwards": zip_entry("../x"),
    "absolute": zip_entry("/x"),
    "a backslash": zip_entry("..\\x"),
    "a NUL": patched(zip_entry("aNb"), b"aNb", 1, b"\0"),
    "a link": zip_entry("l", b"/etc/passwd", external_attr=(stat.S_IFLNK | 0o777) << 16),
    "a device": zip_entry("d", external_attr=(stat.S_IFCHR | 0o777) << 16),
    "encrypted": patched(GOOD_ZIP, b"PK\x01\x02", 8, b"\x01\x00"),
    "an unknown method": patched(GOOD_ZIP, b"PK\x01\x02", 10, b"\x63\x00"),
    "no archive": b"hello " * 100,
    "nothing": zip_of({}),
    "no content": b"",
    "cut": GOOD_ZIP[:-30],
    "a wrong sum": patched(GOOD_ZIP, b"PK\x01\x02", 16, b"\0\0\0\0"),
    "a size that lies": patched(GOOD_ZIP, b"PK\x01\x02", 24, b"\xff\0\0\0"),
    "a directory that lies": patched(GOOD_ZIP, b"PK\x05\x06", 12, struct.pack("<L", 0x7FFFFFFF)),
    "many members": patched(GOOD_ZIP, b"PK\x05\x06", 8, b"\xff\xff\xff\xff"),
}


@pytest.mark.parametrize("content", HOSTILE_ZIPS.values(), ids=HOSTILE_ZIPS)
def test_a_hostile_zip_archive_is_refused(content: bytes, into: Path) -> None:
    with pytest.raises(UnsafeArchive):
        unpack_zipped(content, into)
    assert [path.name for path in into.parent.iterdir()] == ["into"]
    assert not [path for path in into.rglob("*") if path.is_symlink()]


def test_members_of_a_zip_that_share_their_content_are_a_bomb(into: Path) -> None:
    with pytest.raises(UnsafeArchive, match="larger than"):
        unpack_zipped(zip_of({str(number): bytes(100_000) for number in range(40)}), into, SMALL)


@given(place=st.integers(0, len(GOOD_ZIP) - 1), value=st.integers(0, 255))
def test_any_byte_of_a_zip_may_be_changed(place: int, value: int, tmp_path_factory) -> None:
    into = tmp_path_factory.mktemp("noise") / "outer" / "into"
    into.mkdir(parents=True)
    with suppress(UnsafeArchive):
        unpack_zipped(GOOD_ZIP[:place] + bytes([value]) + GOOD_ZIP[place + 1 :], into)
    assert [path.name for path in into.parent.iterdir()] == ["into"]
