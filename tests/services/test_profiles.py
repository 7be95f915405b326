"""Profiles: inherited without circles, deletable where they say so, made after a template."""

import asyncio
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.services.directory import ADMIN, BASE, Directory, profile

from busyout.domain.errors import DocumentExists, InvalidValue, NoSuchProfile, NotDeletable
from busyout.domain.profile import MAX_ANCESTORS, MAX_GENERATIONS, lineage
from busyout.domain.selector import read_query

pytestmark = pytest.mark.anyio


async def test_a_profile_is_kept_as_it_came_and_gets_an_id_where_it_has_none(directory: Directory) -> None:
    document = {"X_type": "internal", "raw_config": {"z": {"b": 1, "a": None}}, "parent_ids": [], "label": "é"}
    made = await directory.profiles.create(ADMIN, document)
    assert len(made.id) == 32
    kept = await directory.profiles.get(made.id)
    assert json.dumps(kept.document) == json.dumps({"id": made.id, **document})


async def test_an_id_is_a_key_and_never_a_path(directory: Directory) -> None:
    for id in ("../../x", "a/b", "..", "é", "", 5):
        with pytest.raises(InvalidValue, match="an id is"):
            await directory.profiles.create(ADMIN, {**profile("p"), "id": id})
    await directory.profile("p")
    with pytest.raises(DocumentExists, match=r"^p$"):
        await directory.profile("p")
    assert await directory.actions() == ["profile.create"]


async def test_what_is_not_there_is_said_to_be_so(directory: Directory) -> None:
    profiles = directory.profiles
    for asking in (
        profiles.get("p"),
        profiles.raw("p"),
        profiles.replace(ADMIN, "p", profile("p")),
        profiles.delete(ADMIN, "p"),
    ):
        with pytest.raises(NoSuchProfile):
            await asking


async def test_a_profile_that_says_so_cannot_be_deleted(directory: Directory) -> None:
    await directory.profile("base", deletable=False)
    with pytest.raises(NotDeletable, match=r"^The document base is not deletable$"):
        await directory.profiles.delete(ADMIN, "base")
    await directory.profiles.replace(ADMIN, "base", profile("base", deletable=True))
    await directory.profiles.delete(ADMIN, "base")
    assert await directory.actions() == ["profile.create", "profile.replace", "profile.delete"]


async def test_raw_is_merged_with_parents_and_base(directory: Directory) -> None:
    await directory.profile("base", raw={"ntp": {"ip": "10.0.0.2"}, "vlan": 1})
    await directory.profile("site", "base", raw={"vlan": 2, "sip": {"a": 1, "b": 1}})
    await directory.profile("line", "site", "gone", raw={"sip": {"b": 2}})
    assert await directory.profiles.raw("line") == {
        "http_base_url": BASE["http_base_url"],
        "ntp": {"ip": "10.0.0.2", "enabled": True},
        "vlan": 2,
        "sip": {"a": 1, "b": 2},
    }
    assert await directory.profiles.raw("base") == {**BASE, "ntp": {"ip": "10.0.0.2", "enabled": True}, "vlan": 1}


async def test_a_replacement_that_changes_nothing_writes_nothing_and_one_of_another_type_does(
    directory: Directory,
) -> None:
    await directory.profile("p", raw={"a": 1})
    await directory.profiles.replace(ADMIN, "p", profile("p", raw={"a": 1}))
    assert await directory.actions() == ["profile.create"]
    await directory.profiles.replace(ADMIN, "p", profile("p", raw={"a": True}))
    assert (await directory.profiles.raw("p"))["a"] is True


async def test_a_circle_is_refused_and_nothing_is_changed(directory: Directory) -> None:
    with pytest.raises(InvalidValue, match="inherit from itself"):
        await directory.profile("self", "self")
    await directory.profile("c", "b")
    await directory.profile("b", "a")
    with pytest.raises(InvalidValue, match="inherit from itself"):
        await directory.profile("a", "c")
    await directory.profile("a")
    with pytest.raises(InvalidValue, match="inherit from itself"):
        await directory.profiles.replace(ADMIN, "a", profile("a", "x", "c"))
    assert (await directory.profiles.get("a")).parents == ()
    assert (await directory.actions()).count("profile.replace") == 0


async def test_two_that_close_a_circle_at_once_do_not_both_succeed(directory: Directory) -> None:
    await directory.profile("a")
    await directory.profile("b")
    both = (directory.profiles.replace(ADMIN, one, profile(one, other)) for one, other in (("a", "b"), ("b", "a")))
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert sum(isinstance(outcome, InvalidValue) for outcome in outcomes) == 1


async def test_generations_are_bounded_wherever_the_line_is_lengthened(directory: Directory) -> None:
    await directory.profile("p0")
    for number in range(1, MAX_GENERATIONS + 1):
        await directory.profile(f"p{number}", f"p{number - 1}")
    for parents in ((f"p{MAX_GENERATIONS}",), ("p0", f"p{MAX_GENERATIONS}")):
        with pytest.raises(InvalidValue, match="generations"):
            await directory.profile("below", *parents)
    await directory.profile("above")
    await directory.profile("top", "above")
    with pytest.raises(InvalidValue, match="generations"):
        await directory.profiles.replace(ADMIN, "p0", profile("p0", "top"))
    await directory.profiles.replace(ADMIN, "p8", profile("p8", "p7", "top"))


async def test_ancestors_are_bounded(directory: Directory) -> None:
    for group in range(5):
        await directory.profile(f"g{group}", *(f"g{group}-{number}" for number in range(16)))
    await directory.profile("three", "g0", "g1", "g2")
    with pytest.raises(InvalidValue, match=f"more than {MAX_ANCESTORS}"):
        await directory.profile("five", *(f"g{group}" for group in range(5)))


async def test_a_family_too_large_to_be_laid_together_configures_nobody(directory: Directory) -> None:
    parents = [f"p{number}" for number in range(9)]
    for parent in parents:
        await directory.profile(parent, raw={parent: "a" * 1_000_000})
    await directory.profile("all", *parents)
    with pytest.raises(InvalidValue, match="characters"):
        await directory.profiles.raw("all")
    await directory.device("d", plugin="snom", config="all")
    assert not await directory.configured("d")


async def test_without_a_template_autocreate_is_refused_at_once(directory: Directory) -> None:
    await directory.profile("p", role="other")
    async with asyncio.timeout(5):
        with pytest.raises(NoSuchProfile, match="no config of role autocreate"):
            await directory.profiles.autocreate(ADMIN)


async def test_autocreate_makes_a_profile_that_inherits_from_the_first_template(directory: Directory) -> None:
    await directory.profile("auto", raw={"sip_lines": {"1": {"username": "x"}}}, role="autocreate")
    await directory.profile("later", role="autocreate")
    made = [await directory.profiles.autocreate(ADMIN) for _ in range(3)]
    assert len({profile.id for profile in made}) == 3
    for each in made:
        assert each.id.startswith("auto")
        assert each.document == profile(each.id, "auto", raw={"sip_lines": {"1": {"username": "x"}}}, transient=True)


async def test_profiles_are_queried_as_devices_are(directory: Directory) -> None:
    for id in ("base", "site", "line"):
        await directory.profile(id, label=id.upper())
    query = read_query({"label": {"$gt": "BASE"}}, fields=["label"], sort="label")
    found = [document async for document in directory.profiles.query(query)]
    assert found == [{"id": "line", "label": "LINE"}, {"id": "site", "label": "SITE"}]
    by_id = read_query({"id": "site"})
    assert [document["id"] async for document in directory.profiles.query(by_id)] == ["site"]


NAMES = "abcd"
CHANGES = st.lists(
    st.tuples(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=2, unique=True) | st.none()),
    max_size=12,
)


@pytest.mark.parametrize("directory_url", ["sqlite"], indirect=True)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
async def test_whatever_is_changed_there_is_no_circle_and_every_device_has_its_own_raw(
    directory: Directory, changes
) -> None:
    await start_anew(directory)
    for turn, (id, parents) in enumerate(changes):
        await change(directory, id, parents, turn)
    query = read_query()
    known = {
        document["id"]: await directory.profiles.get(document["id"])
        async for document in directory.profiles.query(query)
    }
    for id in NAMES:
        device = await directory.devices.rendering(f"d-{id}")
        assert (device is None) is (id not in known)
        if device is not None:
            assert json.loads(device.content)["raw_config"] == await directory.profiles.raw(id)
            assert all(id not in lineage(parent, known) for parent in known[id].parents)


async def start_anew(directory: Directory) -> None:
    """No profile, and a device for each that there may be."""
    for id in NAMES:
        await change(directory, id, None, 0)
        try:
            await directory.device(f"d-{id}", plugin="snom", config=id)
        except DocumentExists:
            continue


async def change(directory: Directory, id: str, parents: list[str] | None, turn: int) -> None:
    """Delete, make or replace a profile, if that can be done."""
    try:
        if parents is None:
            await directory.profiles.delete(ADMIN, id)
            return
        document = profile(id, *parents, raw={id: turn, "last": turn})
        try:
            await directory.profiles.create(ADMIN, document)
        except DocumentExists:
            await directory.profiles.replace(ADMIN, id, document)
    except (NoSuchProfile, InvalidValue):
        return
