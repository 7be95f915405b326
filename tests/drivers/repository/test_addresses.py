"""Which addresses are inner ones, and who may be asked all the same."""

from ipaddress import ip_address

import pytest

from busyout.domain.errors import InvalidValue
from busyout.drivers.repository.addresses import Allowed, inner, judge, read_allowed
from busyout.drivers.repository.target import read_target


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "loopback"),
        ("127.255.0.9", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::127.0.0.1", "loopback"),
        ("64:ff9b::7f00:1", "loopback"),
        ("2002:7f00:1::", "loopback"),
        ("2001:0:4136:e378:8000:63bf:80ff:fffe", "loopback"),
        ("169.254.169.254", "link-local"),
        ("fe80::1", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("::ffff:169.254.169.254", "link-local"),
        ("224.0.0.1", "multicast"),
        ("ff02::1", "multicast"),
        ("0.0.0.0", "reserved"),
        ("::", "reserved"),
        ("255.255.255.255", "reserved"),
        ("240.0.0.1", "reserved"),
        ("10.1.2.3", "private"),
        ("172.16.0.1", "private"),
        ("192.168.1.1", "private"),
        ("100.64.0.1", "private"),
        ("198.18.0.1", "private"),
        ("0.1.2.3", "private"),
        ("fc00::1", "private"),
        ("fec0::1", "private"),
        ("64:ff9b:1::a00:1", "private"),
        ("::ffff:192.168.0.1", "private"),
        ("64:ff9b::c0a8:1", "private"),
    ],
)
def test_an_inner_address_is_recognised(address, kind):
    assert inner(ip_address(address)) == kind


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::"]
)
def test_an_address_of_the_outside_world_is_none(address):
    assert inner(ip_address(address)) is None


@pytest.mark.parametrize(
    ("entry", "url", "address"),
    [
        ("10.0.0.0/8", "http://any.example/", "10.1.1.1"),
        ("10.1.1.1", "http://any.example/", "10.1.1.1"),
        ("fd00::/8", "http://any.example/", "fd00::1"),
        ("files.example", "http://files.example:81/", "10.1.1.1"),
        ("Files.Example:81", "http://files.example:81/", "10.1.1.1"),
        ("[fd00::1]:81", "http://[fd00::1]:81/", "fd00::1"),
    ],
)
def test_what_is_allowed_passes(entry, url, address):
    judge(read_target(url), [ip_address(address)], home=None, allowed=read_allowed([entry]))


@pytest.mark.parametrize(
    ("entry", "url", "address"),
    [
        ("10.0.0.0/8", "http://any.example/", "192.168.0.1"),
        ("files.example:81", "http://files.example/", "10.1.1.1"),
        ("files.example", "http://sub.files.example/", "10.1.1.1"),
    ],
)
def test_what_is_not_allowed_is_refused(entry, url, address):
    with pytest.raises(InvalidValue):
        judge(read_target(url), [ip_address(address)], home=None, allowed=read_allowed([entry]))


@pytest.mark.parametrize("entry", ["", "a b", "http://h/", "user@h", "h/x", "10.0.0.1/8", "h:port", "*"])
def test_an_entry_that_is_none_is_refused(entry):
    with pytest.raises(InvalidValue, match="is no host, host:port, address or network"):
        read_allowed([entry])


def test_one_inner_address_among_others_is_enough():
    addresses = [ip_address("8.8.8.8"), ip_address("10.0.0.1")]
    with pytest.raises(InvalidValue, match=r"10\.0\.0\.1, a private address"):
        judge(read_target("http://h/"), addresses, home=None, allowed=Allowed())


def test_the_repository_is_its_host_and_port():
    home = read_target("http://h/plugins")
    inner_one = [ip_address("10.0.0.1")]
    judge(read_target("http://H:80/other"), inner_one, home=home, allowed=Allowed())
    with pytest.raises(InvalidValue):
        judge(read_target("http://h:81/"), inner_one, home=home, allowed=Allowed())
