"""Bodies as the servers write them, and what their media type lets through."""

import pytest

from busyout.wire.provd.media import PROVD, accepts, takes, wants_problems
from busyout.wire.provd.messages import Link, Param, Params, Status, encoded

ACCEPT = {
    None: True,
    "": True,
    "*/*": True,
    "application/*": True,
    PROVD: True,
    f"{PROVD};q=0": True,
    f"{PROVD}; q=0.5": True,
    f"text/html, {PROVD}": True,
    "text/html, */*;q=0.1": True,
    "application/json": False,
    "text/*": False,
    PROVD.upper(): False,
    "garbage": False,
    ",": False,
}

CONTENT_TYPE = {
    None: True,
    "": True,
    PROVD: True,
    f"{PROVD}; charset=utf-8": True,
    PROVD.upper(): True,
    "application/json": True,
    "application/json;charset=UTF-8": True,
    "text/plain": False,
    "application/x-www-form-urlencoded": False,
    "multipart/form-data; boundary=x": False,
    "nonsense": False,
}


@pytest.mark.parametrize(("accept", "let_through"), ACCEPT.items())
def test_an_accept_header_is_read_as_the_incumbent_reads_it(accept: str | None, let_through: bool) -> None:
    assert accepts(accept, PROVD) is let_through


@pytest.mark.parametrize(("content_type", "let_through"), CONTENT_TYPE.items())
def test_a_body_may_be_called_ours_or_json_or_nothing(content_type: str | None, let_through: bool) -> None:
    assert takes(content_type) is let_through


def test_a_problem_is_only_for_those_who_name_it() -> None:
    assert wants_problems("text/html, application/problem+json;q=0.5")
    assert not wants_problems("application/*, */*")
    assert not wants_problems(None)


def test_a_body_is_compact_ascii_with_its_keys_in_order() -> None:
    params = Params((Param("locale", "Démo \U0001f600", None, (Link("srv.configure.param", "/x"),)),))
    assert encoded(params) == (
        b'{"params":[{"id":"locale","description":"D\\u00e9mo \\ud83d\\ude00","value":null,'
        b'"links":[{"rel":"srv.configure.param","href":"/x"}]}]}'
    )


def test_a_reason_is_there_only_where_there_is_one() -> None:
    assert encoded(Status("progress")) == b'{"status":"progress"}'
    assert encoded(Status("fail", "no space left")) == b'{"status":"fail","reason":"no space left"}'
