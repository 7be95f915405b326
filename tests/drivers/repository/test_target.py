"""URLs taken apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from busyout.domain.errors import InvalidValue
from busyout.drivers.repository.target import Credentials, read_target, redirected


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("http://h", "http://h/"),
        ("HTTP://H:80/A", "http://h/A"),
        ("https://h:443/a?b=c#d", "https://h/a?b=c"),
        ("http://h:8080/a b/é", "http://h:8080/a%20b/%C3%A9"),
        ("http://h/a%20b", "http://h/a%20b"),
        ("http://[2001:DB8::1]:80/", "http://[2001:db8::1]/"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://a@b@good.example@evil.example/", "http://evil.example/"),
        ("http://good.example\\@evil.example/", "http://evil.example/"),
        ("ftp://h/x;type=i", "ftp://h/x;type=i"),
    ],
)
def test_a_url_is_put_together_anew(url, whole):
    assert read_target(url).url == whole


@pytest.mark.parametrize(
    "url",
    [
        "http://anna:s3cret@h:p0rt/",
        "http://anna:s3cret@h:0/",
        "http://anna:s3cret@[h/",
        "http://anna:s3cret@h\u2100x/",
        "http://anna:s3cret@h h/",
        "http://anna:s3cret@/",
        "http://anna:s3cret%0a@h/",
        "http://anna:s3cret@h/\r\nx",
        "http://anna:s3cret@[fe80::1%25eth0]/",
        "file://anna:s3cret@h/",
        "http://anna:s3cret@" + "h" * 5000,
    ],
)
def test_a_refusal_repeats_no_password(url):
    with pytest.raises(InvalidValue) as caught:
        read_target(url)
    assert "s3cret" not in f"{caught.value}{caught.value.__cause__}"
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_what_is_shown_has_no_user_no_password_and_no_query():
    target = read_target("http://anna:s3cret@h/file?key=t0ken")
    assert target.shown == "http://h/file?..."
    assert target.credentials == Credentials("anna", "s3cret")
    assert not any(word in f"{target!r}" for word in ("anna", "s3cret"))


def test_what_is_shown_is_short():
    assert len(read_target("http://h/" + "x" * 4000).shown) == 203


def test_an_encrypted_transfer_does_not_become_an_open_one():
    with pytest.raises(InvalidValue, match="not encrypted"):
        redirected(read_target("https://h/x"), "http://h/x")


def test_credentials_do_not_follow_to_another_port():
    target = read_target("http://anna:s3cret@h/x")
    assert redirected(target, "/y").credentials == target.credentials
    assert redirected(target, "http://h:81/y").credentials is None
    assert redirected(target, "//other/y").credentials is None
    assert redirected(target, "https://h/y").credentials is None


@given(st.text(max_size=60))
def test_any_text_is_a_target_or_refused(text):
    for url in (text, f"http://{text}", f"http://h/{text}"):
        try:
            target = read_target(url)
        except InvalidValue:
            continue
        assert target.url.isascii()
        assert read_target(target.url).place == target.place


@given(st.from_regex(r"[a-z@:/\\.\[\]%#?0-9 ]{1,30}", fullmatch=True))
def test_the_client_takes_a_target_for_the_same_host(text):
    try:
        target = read_target(f"http://{text}/")
    except InvalidValue:
        return
    seen = URL(target.url)
    assert (seen.host, seen.port, seen.user) == (target.host, target.port, None)
