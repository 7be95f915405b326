"""What access rights cover."""

import pytest

from busyout.drivers.tokens.protocol import Data, covered, expiry, read

RIGHTS = {
    ("provd.#",): True,
    ("#",): True,
    ("provd.pg_mgr.install.*.create",): True,
    ("provd.*.install.install.create",): True,
    ("provd.pg_mgr.install.install.create",): True,
    ("confd.#", "provd.#.create"): True,
    (): False,
    ("provd",): False,
    ("provd.*",): False,
    ("provd.#.read",): False,
    ("provdX.#",): False,
    ("provd.pg_mgr.install.install.create.more",): False,
    ("#", "!provd.#"): False,
    ("!provd.#", "#"): False,
    ("#.#.#.#.#.x",): False,
}


@pytest.mark.parametrize(("rights", "expected"), RIGHTS.items())
def test_rights_cover_what_their_patterns_say(rights: tuple[str, ...], expected: bool) -> None:
    assert covered(rights, "provd.pg_mgr.install.install.create") is expected


def test_a_pattern_that_is_made_to_be_slow_is_not() -> None:
    assert not covered(["#.*." * 60 + "b", "*" * 255 + "b"] * 1000, ".".join("a" * 60))


def test_a_token_is_read_with_its_end() -> None:
    told = b'{"data":{"auth_id":"u","acl":["#"],"metadata":{"tenant_uuid":"t"},"utc_expires_at":"2026-01-01T00:00:00"}}'
    data = read(told)
    assert (data.auth_id, data.acl) == ("u", ("#",))
    assert expiry(data) == 1767225600.0
    assert expiry(Data()) is None


@pytest.mark.parametrize("told", [b"", b"[]", b'{"data":null}', b'{"data":{"acl":"#"}}', b"\xff"])
def test_what_is_no_token_is_an_error(told: bytes) -> None:
    with pytest.raises(ValueError):
        read(told)


@pytest.mark.parametrize("levels", [100, 2000, 100_000])
def test_a_token_that_is_nested_too_deeply_is_none(levels: int) -> None:
    with pytest.raises(ValueError, match=r"JSON|nested|truncated|Expected"):
        read(b'{"data": ' + b"[" * levels)
    with pytest.raises(ValueError, match=r"JSON|nested|truncated|Expected"):
        read(b'{"data": {"x": ' + b"[" * levels)
