"""The served OpenAPI document is true: whatever is asked, the answer is one that it names."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.world import PASSWORD, World

pytestmark = pytest.mark.anyio

CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

EXAMPLES: Final = 12
"""Requests for each method of each path."""

ENDLESS: Final = {"/v1/events"}
"""Answers that do not end."""


def against(base: str) -> Callable[[Any], None]:
    def ask(case: Any) -> None:
        response = case.call(base_url=base, auth=("admin", PASSWORD), timeout=10)
        case.validate_response(response, checks=CHECKS)

    return ask


def check_everything(document: dict[str, Any], base: str) -> list[str]:
    """Ask every operation; the paths that were asked."""
    schema = schemathesis.openapi.from_dict(document)
    quick = settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    asked = []
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path not in ENDLESS:
            quick(given(case=operation.as_strategy())(against(base)))()
            asked.append(f"{operation.method.upper()} {operation.path}")
    return asked


async def test_no_answer_is_undocumented_and_none_is_a_5xx(world: World) -> None:
    document = (await world.client.get("/openapi.json")).json()
    asked = await asyncio.to_thread(check_everything, document, world.client.base)
    assert len(asked) == sum(len(methods) for methods in document["paths"].values()) - len(ENDLESS)


async def test_every_operation_has_a_name_of_its_own_and_its_refusals(world: World) -> None:
    document = (await world.client.get("/openapi.json")).json()
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    for operation in operations:
        assert {"406", "500"} <= set(operation["responses"])
        assert ("401" in operation["responses"]) == ("security" in operation)
