"""Parameters that somebody has set."""

import pytest
from tests.store.making import RECORD, event

from busyout.store import Store

pytestmark = pytest.mark.anyio


async def test_what_was_put_is_there_for_everybody(store: Store, second_store: Store) -> None:
    for id, value in (("NAT", 1), ("locale", "fr"), ("http_proxy", None), ("locale", None), ("NAT", 0)):
        stored = await store.parameters.put(id, value, audit=RECORD, event=event("parameter.changed"))
        assert stored.id > 0
    assert await second_store.parameters.all() == {"NAT": 0, "locale": None, "http_proxy": None}
    assert len(await store.audit.since(0, limit=10)) == 5
    assert len(await store.events.since(0, limit=10)) == 5
