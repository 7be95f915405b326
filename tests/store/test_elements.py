"""The register of elements and their configuration."""

import pytest
from msgspec.structs import replace
from tests.store.direct import count
from tests.store.making import RECORD, element, event, operation, revision, revisions

from busyout.domain.configuration.datastore import Datastore
from busyout.domain.errors import ElementBusy, NoSuchElement
from busyout.domain.operation import OperationState
from busyout.domain.states import AdministrativeState
from busyout.store import Store

pytestmark = pytest.mark.anyio


async def test_an_element_is_kept_with_its_configuration(store: Store) -> None:
    assert await store.elements.add(element("sbc"), revisions("sbc"), audit=RECORD)
    assert await store.elements.add(element("media"), revisions("media"), audit=RECORD)
    assert await store.elements.all() == (element("media"), element("sbc"))
    for datastore in Datastore:
        assert await store.configuration.current("sbc", datastore) == revision("sbc", datastore)
    assert len(await store.audit.since(0, limit=10)) == 2


async def test_a_known_name_is_not_added_again(store: Store, store_url: str) -> None:
    await store.elements.add(element(), revisions(), audit=RECORD)
    other = replace(element(), driver="other")
    assert not await store.elements.add(other, (revision(port=5070),), audit=RECORD)
    assert await store.elements.all() == (element(),)
    assert await store.configuration.current("sbc", Datastore.RUNNING) == revision()
    assert count(store_url, "audit") == 1


async def test_the_wish_is_kept_and_told(store: Store) -> None:
    await store.elements.add(element(), revisions(), audit=RECORD)
    stored = await store.elements.set_administrative("sbc", AdministrativeState.LOCKED, event("element.state"))
    assert await store.events.since(0, limit=10) == (stored,)
    (kept,) = await store.elements.all()
    assert kept.administrative is AdministrativeState.LOCKED


async def test_an_element_is_removed_with_its_configuration(store: Store, store_url: str) -> None:
    await store.elements.add(element(), revisions(), audit=RECORD)
    await store.elements.remove("sbc", audit=RECORD)
    assert [count(store_url, table) for table in ("elements", "revisions", "audit")] == [0, 0, 2]
    with pytest.raises(NoSuchElement):
        await store.elements.remove("sbc", audit=RECORD)
    assert count(store_url, "audit") == 2


async def test_an_element_that_is_held_is_not_removed(store: Store) -> None:
    await store.elements.add(element(), revisions(), audit=RECORD)
    holder = await store.operations.claim(operation(lane="content"), key=None, audit=RECORD)
    with pytest.raises(ElementBusy) as refusal:
        await store.elements.remove("sbc", audit=RECORD)
    assert refusal.value.holder == holder.id
    assert await store.elements.all() == (element(),)
    assert await store.configuration.digests("sbc") == (revision().digest, revision().digest)
    await store.operations.record(replace(holder, state=OperationState.FAILED, settled_at=9.0), ())
    await store.elements.remove("sbc", audit=RECORD)
    assert await store.elements.all() == ()


async def test_a_datastore_is_replaced_alone(store: Store) -> None:
    await store.elements.add(element(), revisions(), audit=RECORD)
    changed = revision(port=5080)
    stored = await store.configuration.replace(changed, event("element.configuration"))
    assert await store.events.since(0, limit=10) == (stored,)
    assert await store.configuration.current("sbc", Datastore.RUNNING) == changed
    assert await store.configuration.current("sbc", Datastore.STARTUP) == revision("sbc", Datastore.STARTUP)
    assert await store.configuration.digests("sbc") == (changed.digest, revision().digest)


async def test_an_unknown_element_is_refused_and_nothing_is_told(store: Store) -> None:
    with pytest.raises(NoSuchElement):
        await store.elements.set_administrative("none", AdministrativeState.LOCKED, event())
    with pytest.raises(NoSuchElement):
        await store.configuration.replace(revision("none"), event())
    with pytest.raises(NoSuchElement):
        await store.configuration.current("none", Datastore.RUNNING)
    with pytest.raises(NoSuchElement):
        await store.configuration.digests("none")
    assert await store.events.last_id() == 0
