"""Values of attributes that are sealed stay in the server: nothing that is written anywhere tells them."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.faces.ucs.conftest import CONTEXT
from tests.faces.ucs.office import Office, refused
from tests.store.dump import stolen
from tests.world import WorldOn, element

from busyout.settings import ContextSettings

pytestmark = pytest.mark.anyio

SECRET = "s3cr3t-0f-th3-cust0m3r"
LATER = f"{SECRET}-later"

PIN = {
    "type": "single-valued",
    "attributes": [
        {"name": "Kind", "type": "string", "length": 8},
        {"name": "Pin", "type": "string", "length": 40, "encrypt": True},
    ],
}
CARDS = {**PIN, "name": "Cards", "type": "multi-valued", "unique": ["Pin"]}
OF = ("profiles", "services", "states", "tasks")


@pytest.fixture(params=["sqlite", "postgres"])
async def sealing(
    request: pytest.FixtureRequest, world_on: WorldOn, tmp_path: Path, store_file: Path
) -> AsyncIterator[tuple[Office, str]]:
    """An office that exports to the directory `exports`, and the URL of its store."""
    (tmp_path / "exports").mkdir()
    context = ContextSettings(export_directory=tmp_path / "exports")
    async with world_on(request.param, elements=(element(), CONTEXT), context=context) as world:
        await furnish(office := Office(world))
        postgres = request.param == "postgres"
        yield office, request.getfixturevalue("postgres_url") if postgres else f"sqlite:///{store_file}"


async def furnish(office: Office) -> None:
    """Extensions with a sealed attribute, of everything."""
    await office.switch("maintenance")
    for subject in OF:
        await office.made(f"/metadata/{subject}/extensions", {**PIN, "name": "Locked"})
    await office.made("/metadata/profiles/extensions", CARDS)
    await office.switch("production")


async def give(office: Office, value: str) -> dict[str, str]:
    """Let everybody have a value; the addresses where it is told."""
    locked = {"Locked": {"Pin": value}}
    customer = await office.customer(Cards=[{"Pin": value}], **locked)
    service = await office.service(customer, **locked)
    place = f"/services/{service}"
    state = (await office.made(f"{place}/states/start", {"state_type": "a", **locked}))["state_id"]
    task = (await office.made(f"{place}/tasks/start", {"task_type": "a", **locked}))["task_id"]
    card = f"/profiles/{customer}/extensions/Cards/by/unique"
    assert (await office.ask("PUT", card, {"Pin": value, "Kind": "x"})).status == 204
    return {f"/profiles/{customer}": card, place: "", f"{place}/states/{state}": "", f"{place}/tasks/{task}": ""}


async def mistake(office: Office, places: dict[str, str]) -> None:
    """Be refused with the value in hand: no message repeats it."""
    (customer, card), *others = places.items()
    wrong = (
        ("POST", "/profiles", {"Locked": {"Pin": SECRET, "More": SECRET}}),
        ("POST", "/profiles", {"Cards": [{"Pin": SECRET}, {"pin": SECRET}]}),
        ("POST", "/profiles", {"Cards": [{"Pin": SECRET, "pin": SECRET}]}),
        ("PUT", customer, {"Locked": {"Kind": SECRET}}),
        ("POST", f"{customer}/extensions", {"Locked": {"Pin": SECRET * 10}}),
        ("PUT", card, {"Pin": f"{SECRET}-unknown", "Kind": "x"}),
        ("DELETE", f"{card}?Pin={SECRET}-unknown", None),
        *(("PUT", f"{place}/extensions/Locked", {"Kind": SECRET}) for place, _ in others),
    )
    for method, path, body in wrong:
        answer = await office.ask(method, path, body)
        assert refused(answer)[0] in (400, 404), path
        assert SECRET not in answer.text, answer.text


async def change(office: Office, places: dict[str, str]) -> None:
    """Read what everybody was given, and give something else."""
    for place, card in places.items():
        assert (await office.get(f"{place}?extensions=Locked"))["Locked"] == {"Pin": SECRET}
        method, path = ("POST", f"{place}/extensions") if card else ("PUT", f"{place}/extensions/Locked")
        body = {"Locked": {"Pin": LATER}} if card else {"Pin": LATER}
        assert (await office.ask(method, path, body)).status == 200
        assert (await office.get(f"{place}?extensions=Locked"))["Locked"] == {"Pin": LATER}


async def export(office: Office) -> None:
    """Write all files that there are."""
    for form in ("json", "csv"):
        wanted = {"time_from": "1970-01-01", "format": form}
        assert (await office.ask("POST", "/maintenance/services/files", wanted)).status == 200


async def test_a_sealed_value_is_in_no_file_event_export_or_log(
    sealing: tuple[Office, str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    office, url = sealing
    places = await give(office, SECRET)
    await change(office, places)
    await mistake(office, places)
    await export(office)
    written = {str(path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert len([name for name in written if "/exports/" in name]) == 6
    told = "\n".join(f"{record.getMessage()} {vars(record)} {record.exc_text}" for record in caplog.records)
    written |= {"store": stolen(url), "log": told.encode()}
    for query in ("/maintenance/services/stream?time_from=1970-01-01", "/v1/operations", "/v1/alarms", "/metrics"):
        written[query] = (await office.ask("GET", query)).body
    assert [name for name, content in written.items() if SECRET.encode() in content] == []
