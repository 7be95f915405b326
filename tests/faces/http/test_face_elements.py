"""Faces whose settings name an element that there is not, or none."""

from pathlib import Path

import pytest
from tests.life import Plan, element
from tests.world import World

from busyout.domain.errors import InvalidValue
from busyout.server.faces import require_elements
from busyout.settings import FaceSettings, ListenerSettings, ServerSettings, Settings, StoreSettings

pytestmark = pytest.mark.anyio


def settings(home: Path, named: str | None, *listeners: ListenerSettings) -> Settings:
    return Settings(
        server=ServerSettings(data=home),
        store=StoreSettings(f"sqlite:///{home}/busyout.db"),
        faces={"native": FaceSettings(), "mediant": FaceSettings(element=named)},
        listeners=listeners,
    )


def listener(named: str | None) -> ListenerSettings:
    return ListenerSettings(face="mediant", address="127.0.0.1:1", element=named)


def test_a_face_of_an_element_that_is_not_there_lets_no_server_start(tmp_path: Path) -> None:
    require_elements(settings(tmp_path, "sbc", listener("edge"), listener(None)), ("sbc", "edge"))
    with pytest.raises(InvalidValue, match=r"faces\.mediant\.element: there is no element 'sbc'"):
        require_elements(settings(tmp_path, "sbc"), ("edge",))
    with pytest.raises(InvalidValue, match=r"listeners\[1\]\.element: there is no element 'core'"):
        require_elements(settings(tmp_path, "sbc", listener("sbc"), listener("core")), ("sbc",))
    with pytest.raises(InvalidValue, match=r"listeners\[0\]: element is missing"):
        require_elements(settings(tmp_path, None, listener(None)), ("sbc",))


async def test_a_face_of_one_element_is_not_there_where_none_is_named(tmp_path: Path) -> None:
    faces = {"mediant": FaceSettings()}
    plan = Plan(store_url=f"sqlite:///{tmp_path}/busyout.db", elements=(element("edge"),), faces=faces)
    async with World.opened(tmp_path, plan) as world:
        assert (await world.client.get("/api/v1/status")).status == 404
