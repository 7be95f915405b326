"""Lists that are large go out in pieces, whole all the same; queries that cost too much are refused."""

import json
from typing import Any

import pytest
from tests.faces.provd.shop import Shop

from busyout.domain.search import MAX_LOOKS
from busyout.faces.provd.routes.listing import WHOLE

pytestmark = pytest.mark.anyio

CONFIGS = "/provd/cfg_mgr/configs"


async def test_a_large_list_comes_in_pieces_and_whole(shop: Shop) -> None:
    for number in range(5):
        document = {"id": f"c{number}", "parent_ids": [], "raw_config": {"text": chr(97 + number) * (WHOLE // 4)}}
        assert (await shop.ask("POST", CONFIGS, json={"config": document})).status == 201
    small = await shop.get(CONFIGS, params={"fields": "parent_ids"})
    assert int(small.headers["content-length"]) == len(small.body)
    large = await shop.get(CONFIGS)
    assert "content-length" not in large.headers
    assert large.headers["content-type"] == small.headers["content-type"]
    texts = [config["raw_config"]["text"] for config in large.json()["configs"]]
    assert texts == [letter * (WHOLE // 4) for letter in "abcde"]
    assert (await shop.ask("HEAD", CONFIGS)).body == b""
    assert (await shop.get(CONFIGS)).body == large.body


async def test_a_query_that_costs_too_much_is_refused(shop: Shop) -> None:
    raw: dict[str, Any] = {"many": [1] * 90_000}
    path = "raw_config"
    keys = [path, *(path := f"{path}.a" for _ in range(6))]
    for _ in keys[1:]:
        raw = {"a": raw}
    costly = {"q": json.dumps({key: {"$ne": 0, "$nin": [0], "$exists": True} for key in keys})}
    for number, status in enumerate((200, 200, 400), 1):
        document = {"id": f"c{number}", "parent_ids": [], "raw_config": raw}
        assert (await shop.ask("POST", CONFIGS, json={"config": document})).status == 201
        answer = await shop.get(CONFIGS, params={**costly, "fields": "id"})
        assert answer.status == status, answer.text
    assert answer.text == f"the query looks at more than {MAX_LOOKS} values: ask for less at once"
