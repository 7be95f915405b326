"""Provisioning keys: one for each tenant, of no other, and told in no trail, event or log."""

import pytest
from tests.services.conftest import Provisioned
from tests.world import ADMIN, WATCHER, World

from busyout.domain.errors import InvalidValue, NotPermitted

pytestmark = pytest.mark.anyio

KEY = "Url-Safe$~.1"

KEYS_REFUSED = [
    ("short-7", "`provisioning_key` should be [8, 256] characters long."),
    ("x" * 257, "`provisioning_key` should be [8, 256] characters long."),
    *(
        (key, "`provisioning_key` should only contain the following characters: `a-z, A-Z, 0-9, -, $, ~, .`")
        for key in ("with space", "slash/slash", "under_score", "line-end\n", "clé-secrète", "\u0661" * 8)
    ),
    *((value, "the value is text or null") for value in (12345678, 0, 1.5, True, False, [], {}, ["12345678"])),
]


@pytest.mark.parametrize(
    ("value", "kept"), [(KEY, KEY), ("x" * 8, "x" * 8), ("x" * 256, "x" * 256), ("", None), (None, None)]
)
async def test_a_provisioning_key_is_url_safe_text_or_nothing(world: World, value: object, kept: object) -> None:
    await world.services.parameters.set(ADMIN, "provisioning_key", "earlier-key", tenant="one")
    assert (await world.services.parameters.set(ADMIN, "provisioning_key", value, tenant="one")).value == kept
    assert world.services.parameters.get("provisioning_key", tenant="one").value == kept


@pytest.mark.parametrize(("value", "reason"), KEYS_REFUSED)
async def test_a_wrong_provisioning_key_changes_nothing_and_is_not_repeated(
    world: World, value: object, reason: str
) -> None:
    parameters, trail = world.services.parameters, world.services.audit
    await parameters.set(ADMIN, "provisioning_key", KEY, tenant="one")
    before = len(await trail.since(0, limit=100))
    with pytest.raises(InvalidValue) as refused:
        await parameters.set(ADMIN, "provisioning_key", value, tenant="one")
    assert str(refused.value) == reason
    assert parameters.get("provisioning_key", tenant="one").value == KEY
    assert len(await trail.since(0, limit=100)) == before


async def test_each_tenant_has_a_key_of_its_own_that_no_other_has(world: World) -> None:
    parameters = world.services.parameters
    await parameters.set(ADMIN, "provisioning_key", KEY, tenant="one")
    with pytest.raises(InvalidValue) as refused:
        await parameters.set(ADMIN, "provisioning_key", KEY, tenant="two")
    assert str(refused.value) == "another tenant already uses this provisioning key."
    assert [parameters.all(tenant=tenant)[-1].value for tenant in ("one", "two", "main")] == [KEY, None, None]
    await parameters.set(ADMIN, "provisioning_key", KEY, tenant="one")
    await parameters.set(ADMIN, "provisioning_key", None, tenant="one")
    await parameters.set(ADMIN, "provisioning_key", KEY, tenant="two")
    assert [parameters.all(tenant=tenant)[-1].value for tenant in ("one", "two")] == [None, KEY]
    with pytest.raises(NotPermitted):
        await parameters.set(WATCHER, "provisioning_key", "another-key", tenant="two")


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_a_provisioning_key_holds_over_a_restart(provisioned: Provisioned, database: str) -> None:
    async with provisioned(database) as world:
        await world.services.parameters.set(ADMIN, "provisioning_key", KEY, tenant="one")
        await world.crash()
        await world.reopen()
        assert world.services.parameters.get("provisioning_key", tenant="one").value == KEY
        assert [setting.id for setting in world.services.parameters.all()][-1] == "NAT"


async def test_a_provisioning_key_is_in_no_trail_no_event_and_no_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    with pytest.raises(InvalidValue):
        await world.services.parameters.set(ADMIN, "provisioning_key", f"{KEY}/", tenant="one")
    await world.services.parameters.set(ADMIN, "provisioning_key", KEY, tenant="one")
    await world.services.parameters.set(ADMIN, "provisioning_key", None, tenant="one")
    entries = await world.services.audit.since(0, limit=100)
    events = await world.services.events.since(0, limit=100)
    told = [entry.record for entry in entries if entry.record.action == "parameter.set"]
    none, some = {"tenant": "one", "value": None}, {"tenant": "one", "value": "***"}
    assert [(record.subject, record.before, record.after) for record in told] == [
        ("provisioning_key", none, some),
        ("provisioning_key", some, none),
    ]
    changed = [event.data for event in events if event.type == "parameter.changed"]
    assert changed == [{"parameter": "provisioning_key", **some}, {"parameter": "provisioning_key", **none}]
    assert KEY not in repr((entries, events)) + caplog.text
