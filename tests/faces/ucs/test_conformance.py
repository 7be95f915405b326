"""`conformance.toml` is whole: every row has a status we know and tests that exist."""

import ast
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent

STATUSES = {"served", "departs", "chosen", "absent"}

SECTIONS = {
    "Set Server Mode",
    "Query Server Status",
    "Server Mode",
    "Role-Based Access Control",
    "Basic Access Authentication",
    "HTTP Response Codes and Errors",
    "Schema Operations",
    "Profile Operations",
    "Service Operations",
    "State Operations",
    "Task Operations",
    "Query Interactions",
    "Upkeep",
}


def rows() -> list[dict[str, Any]]:
    text = files("busyout.faces.ucs").joinpath("conformance.toml").read_text(encoding="utf-8")
    return list(tomllib.loads(text)["row"])


def functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_section_of_the_document_has_its_rows() -> None:
    assert {row["section"] for row in rows()} == SECTIONS


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['section']} {row['asks'][:40]}")
def test_a_row_has_a_status_a_reason_where_one_is_due_and_tests_that_exist(row: dict[str, Any]) -> None:
    assert row["status"] in STATUSES
    assert row["status"] not in ("departs", "chosen", "absent") or row["because"]
    assert row["tests"] or row["status"] == "absent"
    for name in row["tests"]:
        file, _, function = name.partition("::")
        assert function in functions(HERE / file), name
