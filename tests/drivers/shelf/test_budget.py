"""What a recipe may write is bounded for all its filters together."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.drivers.shelf.kit import tar_of, zip_of

from busyout.domain.archive import FIRMWARE_BOUNDS
from busyout.domain.errors import BusyoutError, FilterFailed, UnsafeArchive
from busyout.domain.recipe import Recipe
from busyout.domain.recipe_file import read_recipes
from busyout.drivers.shelf.budget import STEPS, Budget
from busyout.drivers.shelf.filters import Filtering

BOUNDS = replace(FIRMWARE_BOUNDS, total=100_000, members=10)

ZIPS = {f"{number}.zip": zip_of({f"{number}.bin": bytes(30_000)}) for number in range(4)}


def recipe(*lines: str) -> Recipe:
    text = "\n".join(["[pkg_fw]", "description: fw", "version: 1", "install: fw", "", "[install_fw]", *lines, ""])
    return read_recipes({"pkgs.db": text})["fw"]


def filtering(scratch: Path, **files: bytes) -> Filtering:
    made = Filtering(scratch, None, Budget(BOUNDS))
    made.source().mkdir(parents=True)
    for name, content in files.items():
        (made.source() / name).write_bytes(content)
    return made


OVER = {
    "archives of one filter": (ZIPS, ["a-b: unzip *.zip"], UnsafeArchive, "larger than 10000 bytes"),
    "archives of several filters": (
        ZIPS,
        [f"a-{'bcde'[number]}: unzip {number}.zip" for number in range(4)],
        UnsafeArchive,
        "what was unpacked before it has 90000 bytes",
    ),
    "the same archive again and again": (
        {"1.tar": tar_of({"x": bytes(40_000)})},
        [f"a-{node}: untar 1.tar" for node in "bcd"],
        UnsafeArchive,
        "a-d: untar 1.tar: it would become larger than 20000 bytes",
    ),
    "files handled again and again": (
        {"1.zip": zip_of({str(number): b"" for number in range(9)})},
        ["a-b0: unzip 1.zip", *(f"b{step}-b{step + 1}: include *" for step in range(STEPS + 1))],
        FilterFailed,
        f"may handle {10 * STEPS} files together",
    ),
}


@pytest.mark.parametrize(("files", "lines", "kind", "reason"), OVER.values(), ids=OVER)
def test_filters_share_a_budget(
    tmp_path: Path, files: dict[str, bytes], lines: list[str], kind: type[BusyoutError], reason: str
) -> None:
    with pytest.raises(kind, match=reason):
        filtering(tmp_path, **files).run(recipe(*lines))
    written = sum(path.stat().st_size for path in (tmp_path / "nodes").rglob("*.bin"))
    assert written <= BOUNDS.total


def test_what_is_within_it_is_made(tmp_path: Path) -> None:
    made = filtering(tmp_path, **{name: ZIPS[name] for name in ("0.zip", "1.zip", "2.zip")})
    result = made.run(recipe("a-b: unzip *.zip", "b-c: include *.bin", "c-d: cp * x/"))
    assert sorted(path.name for path in (result / "x").iterdir()) == ["0.bin", "1.bin", "2.bin"]
