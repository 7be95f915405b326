"""Bodies of very many values: refused before they take many times their size in memory; large ones pass."""

import pytest
from tests.faces.ucs.office import Office, refused

from busyout.domain.context.definition import MAX_ATTRIBUTES
from busyout.domain.context.records import MAX_RECORDS

pytestmark = pytest.mark.anyio

FOUR_MB = 4 * 1024 * 1024


@pytest.mark.parametrize("part", [b"[]", b"{}", b"0", b'{"a":0}'])
async def test_a_body_of_very_many_values_is_refused_before_it_is_read(empty: Office, part: bytes) -> None:
    several = b",".join([part] * (FOUR_MB // (len(part) + 1) - 10))
    answer = await empty.ask("POST", "/profiles", data=b'{"Title":[' + several + b"]}")
    assert refused(answer) == (400, "InvalidParameter")
    assert "150000 values" in answer.text


@pytest.mark.parametrize("text", ["," * 200_000, '{"\\[,' * 80_000])
async def test_what_stands_in_texts_are_no_values(empty: Office, text: str) -> None:
    await empty.switch("maintenance")
    long = {"name": "Text", "type": "string", "length": len(text)}
    await empty.made("/metadata/profiles/extensions", {"name": "Wide", "type": "single-valued", "attributes": [long]})
    await empty.switch("production")
    customer = (await empty.made("/profiles", {"Wide": {"Text": text}}))["customer_id"]
    assert await empty.get(f"/profiles/{customer}?extensions=Wide") == {"customer_id": customer, "Wide": {"Text": text}}


@pytest.mark.parametrize("part", [b'"', b'"\\"', b"\\", b'"",', b"1", b',"'])
async def test_garbage_of_any_size_is_refused_in_no_time(empty: Office, part: bytes) -> None:
    """What cannot end is looked at once: four megabytes looked at from each of their places would take hours."""
    garbage = b"[" * 150_001 + part * (FOUR_MB // len(part) - 150_010)
    answer = await empty.ask("POST", "/profiles", data=garbage)
    assert refused(answer) == (400, "InvalidParameter")


async def test_as_many_records_as_there_may_be_are_not_too_many_values(empty: Office) -> None:
    names = [f"a{number}" for number in range(MAX_ATTRIBUTES)]
    attributes = [{"name": name, "type": "integer"} for name in names]
    await empty.switch("maintenance")
    await empty.made(
        "/metadata/profiles/extensions", {"name": "Wide", "type": "multi-valued", "attributes": attributes}
    )
    await empty.switch("production")
    records = [dict.fromkeys(names, number) for number in range(MAX_RECORDS)]
    customer = (await empty.made("/profiles", {"Wide": records}))["customer_id"]
    found = await empty.get(f"/profiles/{customer}?extensions=Wide")
    assert found["Wide"] == records
