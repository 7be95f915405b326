"""Every refusal and failure has a status on every face, and the document says which."""

import inspect
from pathlib import Path
from types import ModuleType

import pytest

from busyout.domain import errors as domain_errors
from busyout.domain.context import errors as context_errors
from busyout.domain.errors import BusyoutError, Failure, Refusal
from busyout.faces.mediant import errors as mediant
from busyout.faces.native import errors as native
from busyout.faces.provd import errors as provd
from busyout.faces.ucs import errors as ucs
from busyout.http import faults
from busyout.http.route import status_of

DOCUMENT = Path(__file__).parents[2] / "docs" / "status-codes.md"

FACES = {"mediant": mediant.STATUSES, "native": native.STATUSES, "provd": provd.STATUSES, "ucs": ucs.STATUSES}


def errors_of(module: ModuleType) -> list[type[BusyoutError]]:
    """The error types that a module defines, in its order."""
    found = vars(module).values()
    return [kind for kind in found if inspect.isclass(kind) and issubclass(kind, BusyoutError)]


def every_error() -> list[type[BusyoutError]]:
    modules = (domain_errors, context_errors, faults, mediant, native, provd)
    found = [kind for module in modules for kind in errors_of(module)]
    return [kind for kind in dict.fromkeys(found) if kind not in (BusyoutError, Refusal, Failure)]


def row(kind: type[BusyoutError]) -> str:
    meaning = (kind.__doc__ or "").strip().splitlines()[0]
    statuses = (str(status_of(table, kind)) for table in FACES.values())
    return f"| {native.name_of(kind)} | {meaning} | {' | '.join(statuses)} |"


@pytest.mark.parametrize("face", FACES)
def test_every_error_has_a_status_on_every_face(face: str) -> None:
    statuses = {kind: status_of(FACES[face], kind) for kind in every_error()}
    assert {kind for kind, status in statuses.items() if not 400 <= status <= 599} == set()


@pytest.mark.parametrize("face", FACES)
def test_a_refusal_is_no_fault_of_ours(face: str) -> None:
    refusals = [kind for kind in every_error() if issubclass(kind, Refusal)]
    assert {kind for kind in refusals if status_of(FACES[face], kind) == 500} == set()


def test_the_document_has_a_row_for_every_error_and_no_other() -> None:
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    start = lines.index("| --- | --- | --- | --- | --- | --- |") + 1
    written = lines[start : start + len(every_error())]
    assert written == [row(kind) for kind in every_error()]
    assert not lines[start + len(every_error()) :][0].startswith("|")


def test_a_problem_leaves_out_what_its_title_says_already() -> None:
    told = native.problem(404, domain_errors.NoSuchCall())
    assert (told.type, told.title, told.detail) == (
        "urn:busyout:problem:no-such-call",
        "There is no such call.",
        "",
    )
