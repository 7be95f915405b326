"""Devices, leases and profiles: what is one, and what is not."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from busyout.domain.device import Device, device_of, normal_ip, rendered
from busyout.domain.dhcp import Lease, normalized_mac, read_dhcp
from busyout.domain.document import MAX_DOCUMENT, check_value, checked_document, checked_id, merged
from busyout.domain.errors import InvalidValue
from busyout.domain.profile import Profile, flattened, lineage, made_after, profile_of

NO_IDS = ["", ".", "..", "../x", "a/b", "/etc", "é", "a b", "-a", "a\n", "a\0", "a" * 129, "%2e", 1, None, True, [], {}]


@pytest.mark.parametrize("id", NO_IDS, ids=repr)
def test_an_id_is_a_plain_name_and_never_a_path(id: object) -> None:
    with pytest.raises(InvalidValue):
        checked_id(id)


@pytest.mark.parametrize("id", ["base", "0", "_x", "00:11:22:33:44:55", "ap1.2-3@x+y", "a" * 128])
def test_a_plain_name_is_an_id(id: str) -> None:
    assert checked_id(id) == id


WRONG_DEVICES: list[tuple[Any, str]] = [
    ([], "no JSON object"),
    (None, "no JSON object"),
    ("x", "no JSON object"),
    (1, "no JSON object"),
    ({"mac": "00-11-22-33-44-55"}, "^Non-normalized MAC address 00-11-22-33-44-55$"),
    ({"mac": "00:11:22:33:44:5G"}, "Non-normalized MAC"),
    ({"mac": "00:11:22:AA:44:55"}, "Non-normalized MAC"),
    ({"mac": "00:11:22:33:44:55\n"}, "Non-normalized MAC"),
    ({"mac": 1}, "mac is a text"),
    ({"mac": ["00:11:22:33:44:55"]}, "mac is a text"),
    ({"ip": "10.0.0"}, "^Non-normalized IP address 10.0.0$"),
    ({"ip": "10.0.0.01"}, "Non-normalized IP"),
    ({"ip": "10.0.0.256"}, "Non-normalized IP"),
    ({"ip": "FE80::1"}, "Non-normalized IP"),
    ({"ip": "fe80::1%eth0"}, "Non-normalized IP"),
    ({"ip": "१.1.1.1"}, "Non-normalized IP"),
    ({"ip": {}}, "ip is a text"),
    ({"plugin": 1}, "plugin is a text"),
    ({"config": ["a"]}, "config is a text"),
    ({"config": "a" * 129}, "config is a text"),
    ({"x": "nul\0"}, "NUL"),
    ({"nul\0": 1}, "NUL"),
    ({"x": "\ud800"}, "no Unicode"),
    ({"x": float("nan")}, "cannot be kept"),
    ({"x": float("inf")}, "cannot be kept"),
    ({"x": 2**64}, "cannot be kept"),
    ({"x": -(2**63) - 1}, "cannot be kept"),
    ({"x": json.loads("[" * 40 + "]" * 40)}, "levels"),
    ({"x": "a" * 70_000}, "bytes"),
]


@pytest.mark.parametrize(("document", "reason"), WRONG_DEVICES, ids=lambda value: ascii(value)[:40])
def test_what_is_no_device_is_refused_with_its_reason(document: object, reason: str) -> None:
    with pytest.raises(InvalidValue, match=reason):
        device_of(document, id="d", tenant="main")


def test_members_that_the_server_decides_are_not_taken_from_others() -> None:
    given = {"id": "other", "configured": True, "tenant_uuid": "t2", "is_new": True, "mac": None, "ip": "", "x": [1]}
    device = device_of(given, id="d", tenant="t1")
    assert device == Device(0, "d", "t1", {"mac": None, "ip": "", "x": [1]})
    shown = {"id": "d", "mac": None, "ip": "", "x": [1], "tenant_uuid": "t1", "is_new": False, "configured": False}
    assert device.view == shown
    assert next(iter(device.view)) == "id"


@pytest.mark.parametrize("ip", ["10.0.0.1", "fe80::1", "::1", "2001:db8::1"])
def test_addresses_of_both_versions_have_one_form(ip: str) -> None:
    assert normal_ip(ip)


def test_a_rendering_has_what_matters_of_the_device_and_the_raw_configuration() -> None:
    device = Device(1, "d", "main", {"mac": "m", "ip": "10.0.0.1", "plugin": "p", "note": "x"})
    assert json.loads(rendered(device, {"locale": "fr"})) == {
        "device": {"id": "d", "tenant_uuid": "main", "mac": "m", "plugin": "p"},
        "raw_config": {"locale": "fr"},
    }


COMMIT = {"op": "commit", "ip": "10.0.0.1", "mac": "0:11:22:33:44:AA", "options": ["06059.65.61", "053", "0121.a"]}


def test_a_lease_is_read_as_a_dhcp_server_prints_it() -> None:
    info = read_dhcp(COMMIT)
    assert (info.lease, info.ip, info.mac) == (Lease.COMMIT, "10.0.0.1", "00:11:22:33:44:aa")
    assert info.options == {60: b"Yea", 53: b"", 12: b"\x01\x0a"}
    assert info.vendor_class == "Yea"


@pytest.mark.parametrize("text", ["00:11:22:33:44:AA", "00-11-22-33-44-aa", "0:11:22:33:44:aa", "0011223344AA"])
def test_a_mac_address_is_brought_into_its_normal_form(text: str) -> None:
    assert normalized_mac(text) == "00:11:22:33:44:aa"


def test_the_end_of_a_lease_needs_its_address_only() -> None:
    for op in ("expiry", "release"):
        assert read_dhcp({"op": op, "ip": "10.0.0.1"}).lease is Lease(op)


WRONG_LEASES: list[tuple[Any, str]] = [
    (None, "JSON object"),
    ([], "JSON object"),
    ({}, "Missing 'ip' key"),
    ({"ip": "10.0.0.1"}, "Missing 'op' key"),
    ({"op": "renew", "ip": "10.0.0.1"}, "^invalid operation value$"),
    ({"op": 1, "ip": "10.0.0.1"}, "op is a text"),
    ({"op": "release", "ip": "10.0.0"}, "invalid IP"),
    ({"op": "release", "ip": 1}, "ip is a text"),
    ({**COMMIT, "mac": "00:11"}, "^invalid MAC string$"),
    ({**COMMIT, "mac": "00:11-22:33-44:55"}, "invalid MAC"),
    ({**COMMIT, "mac": None}, "mac is a text"),
    ({"op": "commit", "ip": "10.0.0.1", "options": []}, "Missing 'mac' key"),
    ({**COMMIT, "options": None}, "options is a list"),
    ({**COMMIT, "options": ["053"] * 257}, "options is a list"),
    ({**COMMIT, "options": [1]}, "an option is"),
    ({**COMMIT, "options": ["60"]}, "an option is"),
    ({**COMMIT, "options": ["060GG"]}, "an option is"),
    ({**COMMIT, "options": ["06059.."]}, "an option is"),
    ({**COMMIT, "options": ["999"]}, "an option is"),
    ({**COMMIT, "options": ["060" + "59." * 400 + "59"]}, "an option is"),
]


@pytest.mark.parametrize(("lease", "reason"), WRONG_LEASES, ids=lambda value: ascii(value)[:60])
def test_what_is_no_lease_is_refused_with_its_reason(lease: object, reason: str) -> None:
    with pytest.raises(InvalidValue, match=reason):
        read_dhcp(lease)


@pytest.mark.parametrize("told", ["06000.41", "0601b.5b", "060e9"])
def test_a_vendor_class_that_cannot_be_shown_is_left_out(told: str) -> None:
    assert read_dhcp({**COMMIT, "options": [told]}).vendor_class is None


SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=3)


def objects(inner):
    return st.dictionaries(st.sampled_from("abc"), inner, max_size=3)


VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=2) | objects(inner), max_leaves=6)
OBJECTS = objects(VALUES)


@given(OBJECTS, OBJECTS, OBJECTS)
def test_layers_can_be_laid_one_by_one(one, two, three) -> None:
    assert merged((one, two, three)) == merged((merged((one, two)), three))


@given(OBJECTS, OBJECTS)
def test_merging_keeps_what_was_given_and_what_is_above_wins(below, above) -> None:
    kept = json.dumps([below, above])
    whole = merged((below, above))
    assert json.dumps([below, above]) == kept
    assert whole.keys() == below.keys() | above.keys()
    for name, value in above.items():
        assert isinstance(value, dict) or whole[name] == value
    assert all(whole[name] == value for name, value in below.items() if name not in above)
    assert merged((whole, above)) == whole


WRONG_PROFILES: list[tuple[Any, str]] = [
    ([], "no JSON object"),
    ({}, "parent_ids"),
    ({"parent_ids": []}, "raw_config"),
    ({"parent_ids": "base", "raw_config": {}}, "parent_ids"),
    ({"parent_ids": [], "raw_config": []}, "raw_config"),
    ({"parent_ids": [1], "raw_config": {}}, "an id is"),
    ({"parent_ids": ["../base"], "raw_config": {}}, "an id is"),
    ({"parent_ids": ["a", "a"], "raw_config": {}}, "twice"),
    ({"parent_ids": [f"p{n}" for n in range(17)], "raw_config": {}}, "at most 16 parents"),
    ({"parent_ids": [], "raw_config": {}, "deletable": "no"}, "deletable"),
    ({"parent_ids": [], "raw_config": {}, "role": 1}, "role"),
    ({"parent_ids": [], "raw_config": {"x": "a" * MAX_DOCUMENT}}, "bytes"),
]


@pytest.mark.parametrize(("document", "reason"), WRONG_PROFILES, ids=lambda value: ascii(value)[:60])
def test_what_is_no_profile_is_refused_with_its_reason(document: object, reason: str) -> None:
    with pytest.raises(InvalidValue, match=reason):
        profile_of(document, id="p")


FAMILIES = st.dictionaries(
    st.sampled_from("abcdef"), st.tuples(st.lists(st.sampled_from("abcdefg"), max_size=3, unique=True), OBJECTS)
)


@given(FAMILIES)
def test_a_line_of_any_shape_ends_and_has_each_parent_before_its_child(family) -> None:
    known = {id: Profile(0, id, {"id": id, "parent_ids": p, "raw_config": raw}) for id, (p, raw) in family.items()}
    for id in known:
        line = lineage(id, known)
        assert line[-1] == id
        assert len(set(line)) == len(line)
        flattened(id, known, {})


def test_parents_are_laid_in_their_order_each_after_its_own() -> None:
    documents = {"g": [], "p": ["g"], "q": ["g", "gone"], "c": ["p", "q"]}
    known = {
        id: Profile(0, id, {"id": id, "parent_ids": parents, "raw_config": {"last": id, id: 1, "all": {id: 1}}})
        for id, parents in documents.items()
    }
    assert lineage("c", known) == ("g", "p", "q", "c")
    everyone = {"g": 1, "p": 1, "q": 1, "c": 1}
    assert flattened("c", known, {"last": "base", "base": 1}) == {"last": "c", "base": 1, **everyone, "all": everyone}


def test_what_is_made_after_a_template_inherits_from_it() -> None:
    template = Profile(
        1, "t" * 128, {"id": "t" * 128, "parent_ids": ["base"], "raw_config": {"a": 1}, "role": "autocreate"}
    )
    made = made_after(template, suffix="-x")
    assert (made.parents, made.role, made.transient, made.deletable) == (("t" * 128,), None, True, True)
    assert made.id == "t" * 126 + "-x"


@given(st.recursive(SCALARS | st.floats() | st.integers(), lambda i: st.lists(i) | st.dictionaries(st.text(), i)))
def test_whatever_passes_can_be_kept(value) -> None:
    with contextlib.suppress(InvalidValue):
        check_value(value)
        checked_document({"value": value})
