"""What is not what the index, the digest or the key says is not used, and nothing changes."""

from pathlib import Path

import pytest
from tests.services.conftest import Provisioned, updated
from tests.services.repository import SampleRepository, packed
from tests.services.shop import ACME, cached, done, failed, on_disk
from tests.world import World

from busyout.domain.commands import InstallPlugin, UpdatePlugins, UpgradePlugin
from busyout.domain.operation import OperationState, StepState

pytestmark = pytest.mark.anyio


async def test_a_cached_package_is_judged_and_fetched_anew_when_it_is_wrong(shop: World, tmp_path: Path) -> None:
    await done(shop, InstallPlugin(ACME))
    again = await done(shop, UpgradePlugin(ACME))
    assert (again.state, again.steps[0].transfers) == (OperationState.SUCCEEDED, ())
    cached(tmp_path).write_bytes(packed(ACME, {"plugin-info": b"{}"}))
    mended = await done(shop, UpgradePlugin(ACME))
    assert (mended.state, mended.steps[0].transfers[0].state) == (OperationState.SUCCEEDED, "success")
    assert on_disk(tmp_path) == "1.0"


BAD = {
    "another content": (lambda content: content[::-1], "has the SHA-1"),
    "cut": (lambda content: content[:-10], "bytes, not"),
    "nothing": (lambda content: b"", "bytes, not"),
}


@pytest.mark.parametrize("case", BAD)
async def test_a_package_that_is_not_the_one_of_the_index_changes_nothing(
    shop: World, repository: SampleRepository, tmp_path: Path, case: str
) -> None:
    await done(shop, InstallPlugin(ACME))
    filename = repository.offer(ACME, "2.0")
    await updated(shop)
    change, reason = BAD[case]
    content = (repository.folder / filename).read_bytes()
    (repository.folder / filename).write_bytes(change(content))
    assert reason in await failed(shop, UpgradePlugin(ACME))
    assert (on_disk(tmp_path), shop.services.plugins.info(ACME)["version"]) == ("1.0", "1.0")
    (repository.folder / filename).write_bytes(content)
    assert (await done(shop, UpgradePlugin(ACME))).state is OperationState.SUCCEEDED
    assert on_disk(tmp_path) == "2.0"


async def test_a_package_that_leaves_its_directory_changes_nothing(
    shop: World, repository: SampleRepository, tmp_path: Path
) -> None:
    await done(shop, InstallPlugin(ACME))
    repository.offer(ACME, "2.0", files={"../../x": b"out"})
    await updated(shop)
    operation = await done(shop, UpgradePlugin(ACME))
    assert [step.state for step in operation.steps] == [StepState.UNDONE] * 3 + [StepState.WAITING]
    assert (operation.state, on_disk(tmp_path)) == (OperationState.FAILED, "1.0")
    assert not list(tmp_path.rglob("x"))


HOSTILE = {
    "nothing": b"",
    "cut": b'{"a": {"capabilities"',
    "a list": b"[]",
    "no version": b'{"a": {"capabilities": {}, "description": "", "dsize": 1, "filename": "a", "sha1sum": "0"}}',
    "no utf-8": b'{"a\xff": {}}',
    "deep": b'{"a": {"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
    "too large": b" " * (4 * 1024 * 1024 + 1),
}


@pytest.mark.parametrize("case", HOSTILE)
async def test_an_index_is_believed_whole_or_not_at_all(
    shop: World, repository: SampleRepository, tmp_path: Path, case: str
) -> None:
    before = shop.services.plugins.installable()
    kept = (tmp_path / "provisioning" / "plugins.db").read_bytes()
    repository.publish(HOSTILE[case])
    assert await failed(shop, UpdatePlugins())
    assert shop.services.plugins.installable() is before
    assert (tmp_path / "provisioning" / "plugins.db").read_bytes() == kept
    repository.publish()
    await updated(shop)


async def test_an_index_that_was_damaged_on_disk_is_none_until_the_next_update(shop: World, tmp_path: Path) -> None:
    await shop.crash()
    (tmp_path / "provisioning" / "plugins.db").write_bytes(b"{")
    await shop.reopen()
    assert shop.services.plugins.installable().entries == {}
    await updated(shop)
    assert ACME in shop.services.plugins.installable().entries


async def test_with_a_key_nothing_is_believed_that_it_did_not_sign(
    provisioned: Provisioned, repository: SampleRepository, tmp_path: Path
) -> None:
    repository.signed = True
    repository.offer(ACME)
    async with provisioned() as world:
        await updated(world)
        signature = repository.folder / f"{ACME}-1.0.tar.bz2.sig"
        kept = signature.read_bytes()
        signature.write_bytes((repository.folder / "plugins.db.sig").read_bytes())
        assert "no signature of" in await failed(world, InstallPlugin(ACME))
        signature.unlink()
        assert await failed(world, InstallPlugin(ACME))
        assert on_disk(tmp_path) is None
        signature.write_bytes(kept)
        assert (await done(world, InstallPlugin(ACME))).state is OperationState.SUCCEEDED
        repository.signed = False
        repository.offer(ACME, "2.0")
        assert "no signature of" in await failed(world, UpdatePlugins())
        assert world.services.plugins.installable().entries[ACME]["version"] == "1.0"
