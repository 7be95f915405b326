"""The examples of the document: its requests as they are printed, our answers against the printed ones."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.client import Answer
from tests.faces.provd.shop import INSTALL, Shop
from tests.faces.raw import ADMIN, exchange

pytestmark = pytest.mark.anyio

GOLDEN = Path(__file__).parent / "golden"

POLYCOM = "xivo-polycom-4.0.4"
AASTRA = "xivo-aastra-3.3.1-SP2"


@dataclass
class Example:
    """A printed request and its printed answer."""

    line: bytes
    headers: bytes
    body: bytes
    status: int
    told: dict[str, str]
    """Printed headers of the answer, by name in lower case."""
    answer: Any
    """Printed body; None for none."""

    @classmethod
    def of(cls, name: str, *, uri: str = "<uri>") -> "Example":
        """The example of that section."""
        text = (GOLDEN / f"{name}.http").read_text("utf-8").replace("<uri>", uri)
        request, _, answer = text.partition("\nHTTP/1.1 ")
        head, _, body = request.partition("\n\n")
        line, *headers = head.splitlines()
        answer_head, _, answer_body = answer.partition("\n\n")
        status, *told = answer_head.splitlines()
        pairs = (header.split(": ", 1) for header in told)
        return cls(
            line.removesuffix(" HTTP/1.1").encode(),
            "".join(f"{header}\r\n" for header in headers if not header.startswith("Host")).encode(),
            body.strip().encode(),
            int(status.split()[0]),
            {name.lower(): value for name, value in pairs},
            json.loads(answer_body) if answer_body.strip() else None,
        )

    async def asked(self, shop: Shop) -> Answer:
        """What we answer to it."""
        return await exchange(shop.world.client.base, self.line, ADMIN + self.headers, self.body)


def agrees(example: Example, answer: Answer) -> None:
    """Status, printed headers and body are the printed ones; where no body is printed, there is none."""
    assert answer.status == example.status
    assert {name: answer.headers.get(name) for name in example.told} == example.told
    if example.answer is None:
        assert answer.body == b""
        assert answer.headers.get("content-length", "0") == "0"
    else:
        assert answer.json() == example.answer


async def nothing(_shop: Shop) -> None:
    """No preparation."""


async def the_printed_server(shop: Shop) -> None:
    value = "http://provd.xivo.solutions/plugins/1/stable"
    body = {"param": {"value": value}}
    assert (await shop.ask("PUT", "/provd/configure/plugin_server", json=body)).status == 204


async def polycom_is_offered(shop: Shop) -> None:
    shop.server.plugins.offer(POLYCOM)
    await shop.update()


async def polycom_is_in_place(shop: Shop) -> None:
    shop.server.plugins.offer(POLYCOM)
    await shop.install(POLYCOM)


async def the_printed_index(shop: Shop) -> None:
    printed = Example.of("list_installable_packages").answer["pkgs"]
    entries = {
        id: entry | {"filename": f"{id}-{entry['version']}.tar.bz2", "description_fr": "Greffon."}
        for id, entry in printed.items()
    }
    shop.server.plugins.publish(json.dumps(entries).encode())
    await shop.update()


async def the_printed_set(shop: Shop) -> None:
    info = Example.of("list_installed_packages").answer["pkgs"][AASTRA]
    columns = {name: value for name, value in info.items() if name != "version"}
    shop.server.plugins.offer(AASTRA, info["version"], description_fr="Greffon.", **columns)
    await shop.install(AASTRA)


EXAMPLES: dict[str, Callable[[Shop], Awaitable[None]]] = {
    "get_the_configuration": the_printed_server,
    "get_the_value_of_a_parameter": nothing,
    "set_the_value_of_a_parameter": nothing,
    "get_the_installation_service": nothing,
    "install_a_package": polycom_is_offered,
    "uninstall_a_package": polycom_is_in_place,
    "upgrade_a_package": polycom_is_in_place,
    "update_the_list_of_installable_packages": nothing,
    "list_installable_packages": the_printed_index,
    "list_installed_packages": the_printed_set,
}
"""Every example but those of an operation in progress, and what has to be so before it."""


@pytest.mark.parametrize(("name", "prepare"), EXAMPLES.items())
async def test_an_example_is_answered_as_it_is_printed(
    shop: Shop, name: str, prepare: Callable[[Shop], Awaitable[None]]
) -> None:
    await prepare(shop)
    example = Example.of(name)
    agrees(example, await example.asked(shop))


async def test_the_status_of_an_operation_in_progress_has_the_printed_form(shop: Shop) -> None:
    shop.server.hold("plugins.db")
    started = await shop.ask("POST", f"{INSTALL}/update", json={})
    example = Example.of("get_current_status", uri=started.headers["location"])
    answer = await example.asked(shop)
    assert (answer.status, list(answer.json())) == (example.status, list(example.answer))
    assert answer.json()["status"].startswith("update|progress;")
    assert {name: answer.headers[name] for name in example.told} == example.told


async def test_a_monitor_is_deleted_as_it_is_printed(shop: Shop) -> None:
    started = await shop.ask("POST", f"{INSTALL}/update", json={})
    example = Example.of("delete", uri=started.headers["location"])
    agrees(example, await example.asked(shop))


def test_every_example_of_the_document_is_here() -> None:
    assert {path.stem for path in GOLDEN.glob("*.http")} == {*EXAMPLES, "get_current_status", "delete"}
