"""A repository whose certificate only the company's own authority vouches for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.drivers.repository.certificate import make_certificate, serving
from tests.drivers.repository.web import Reply, Request, Site, site, whole
from tests.services.conftest import Provisioned
from tests.services.repository import SampleRepository
from tests.services.shop import ACME, done, failed, on_disk

from busyout.domain.commands import InstallPlugin, UpdatePlugins
from busyout.domain.operation import OperationState

pytestmark = pytest.mark.anyio


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    return make_certificate(tmp_path)


@pytest.fixture
async def web(repository: SampleRepository, authority: Path) -> AsyncIterator[Site]:
    """The repository on an HTTPS server."""

    async def answer(request: Request, reply: Reply) -> None:
        await whole((repository.folder / request.target.lstrip("/")).read_bytes())(request, reply)

    async with site(answer, tls=serving(authority)) as running:
        yield running


async def test_plugins_come_from_a_repository_that_a_named_authority_vouches_for(
    provisioned: Provisioned, web: Site, authority: Path, tmp_path: Path
) -> None:
    async with provisioned(server=web.url, provisioning={"authorities": authority}) as world:
        for command in (UpdatePlugins(), InstallPlugin(ACME)):
            operation = await done(world, command)
            assert operation.state is OperationState.SUCCEEDED, operation.reason
        assert on_disk(tmp_path) == "1.0"


async def test_without_it_nothing_is_fetched(provisioned: Provisioned, web: Site) -> None:
    async with provisioned(server=web.url) as world:
        assert "certificate is not trusted" in await failed(world, UpdatePlugins())
    assert web.requests == []
