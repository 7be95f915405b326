"""Bodies that are small as bytes and large as values: refused by their number before they are read."""

import pytest
from tests.faces.provd.shop import INSTALL, Shop
from tests.faces.provd.test_bad_input import changeable

from busyout.faces.provd.translate.asked import MOST_VALUES

pytestmark = pytest.mark.anyio

VALUES = {
    "lists": b"[]",
    "objects": b'{"a":1}',
    "nested objects": b'{"":{}}',
    "numbers": b"1.5",
    "texts": b'""',
}

PLACES = {
    ("POST", f"{INSTALL}/install"): b"%s",
    ("PUT", "/provd/configure/NAT"): b'{"param": {"value": %s}}',
    ("POST", "/provd/dev_mgr/devices"): b'{"device": {"a": %s}}',
    ("POST", "/provd/cfg_mgr/configs"): b'{"config": {"parent_ids": [], "raw_config": {"a": %s}}}',
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
async def test_a_body_of_very_many_values_is_refused_by_their_number(shop: Shop, value: bytes) -> None:
    before = await changeable(shop)
    for whole in (True, False):
        for (method, path), form in PLACES.items():
            body = form % (b"[%s]" % b",".join([value] * (MOST_VALUES + 1)))
            headers = {"Content-Type": "application/json"}
            answer = await shop.ask(method, path, data=body if whole else body[:-1], headers=headers)
            assert (answer.status, answer.text) == (400, f"a body has at most {MOST_VALUES} values here"), path
    assert await changeable(shop) == before


async def test_a_device_may_have_many_values(shop: Shop) -> None:
    answer = await shop.ask("POST", "/provd/dev_mgr/devices", json={"device": {"a": [1] * 20_000}})
    assert answer.status == 201


async def test_commas_in_a_text_are_no_values(shop: Shop) -> None:
    answer = await shop.ask("POST", "/provd/dev_mgr/devices", json={"device": {"a": "," * (2 * MOST_VALUES)}})
    assert (answer.status, answer.text) == (400, "a document has at most 65536 bytes")
