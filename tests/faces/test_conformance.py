"""Each face's `conformance.toml` is whole: every row has a status we know and tests that exist."""

import ast
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent

STATUSES = {"served", "departs", "chosen", "absent"}

SECTIONS = {
    "mediant": {"2", "3", "4", "5", "5.1", "5.2", "6", "7", "8", "9", "10", "11"},
    "provd": {"Operation In Progress", "Configuration Service", "Installation Service", "beyond"},
    "ucs": {
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
    },
}
"""Of the document of each face."""


def rows(face: str) -> list[dict[str, Any]]:
    text = files(f"busyout.faces.{face}").joinpath("conformance.toml").read_text(encoding="utf-8")
    return list(tomllib.loads(text)["row"])


def functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("face", SECTIONS)
def test_every_section_of_the_document_has_its_rows(face: str) -> None:
    assert {row["section"] for row in rows(face)} == SECTIONS[face]


def test_every_face_with_a_document_is_looked_at() -> None:
    faces = files("busyout.faces").iterdir()
    assert {face.name for face in faces if face.joinpath("conformance.toml").is_file()} == set(SECTIONS)


ROWS = [
    pytest.param(face, row, id=f"{face} {row['section']} {row['asks'][:40]}") for face in SECTIONS for row in rows(face)
]


@pytest.mark.parametrize(("face", "row"), ROWS)
def test_a_row_has_a_status_a_reason_where_one_is_due_and_tests_that_exist(face: str, row: dict[str, Any]) -> None:
    assert row["status"] in STATUSES
    assert row["status"] not in ("departs", "chosen") or row["because"]
    assert row["tests"] or (row["status"] == "absent" and row["because"])
    for name in row["tests"]:
        file, _, function = name.partition("::")
        assert function in functions(HERE / face / file), name
