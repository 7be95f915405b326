"""How often progress is told."""

from busyout.drivers.repository.telling import Telling


def told(*steps: tuple[int, float], total: int | None = None) -> list[tuple[int, int | None]]:
    heard: list[tuple[int, int | None]] = []
    telling = Telling(lambda size, of: heard.append((size, of)), total)
    telling.now(0, 100.0)
    for size, at in steps:
        telling.maybe(size, at)
    return heard


def test_progress_is_told_when_enough_has_come_and_time_has_passed():
    assert told((4096, 100.06), total=9000) == [(0, 9000), (4096, 9000)]


def test_little_progress_is_not_told_however_long_it_took():
    assert told((4095, 200.0)) == [(0, None)]


def test_fast_progress_is_not_told_however_much_it_is():
    assert told((1_000_000, 100.04), (2_000_000, 100.06), (3_000_000, 100.1)) == [(0, None), (2_000_000, None)]


def test_the_end_is_told_once():
    heard: list[int] = []
    telling = Telling(lambda size, _: heard.append(size), None)
    for at in (1.0, 1.01):
        telling.now(500, at)
    assert heard == [500]
