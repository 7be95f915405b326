"""What is drawn and written from the code is fresh, and a change of the code makes it stale."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHANGES = {
    "administrative": ("draw_states", "domain/states.py", "LAST_USER_QUIT): AdministrativeState.LOCKED", "UNLOCKED"),
    "operation": ("draw_states", "domain/operation.py", "OperationEvent.CANCEL): OperationState.CANCELLING", "FAILED"),
    "step": ("draw_states", "domain/operation.py", "StepEvent.FAIL): StepState.FAILED", "UNDOING"),
    "a step's words": ("write_commands", "services/activities/drain.py", '= "drain the calls', "wait"),
    "a row of a document": ("write_faces", "faces/mediant/conformance.toml", 'status = "served', "absent"),
    "a command's default": ("write_commands", "domain/commands.py", "save: bool = True", "False"),
}
"""Which page is made stale, in which module, by which words whose last one becomes another."""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for folder in ("src", "tools", "docs"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    return tmp_path


def check(tree: Path, tool: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(tree / "src")}
    command = [sys.executable, str(tree / "tools" / f"{tool}.py"), "--check"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("tool", ["draw_states", "write_commands", "write_faces"])
def test_what_is_made_from_the_code_is_fresh(tree, tool):
    done = check(tree, tool)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(("tool", "module", "words", "other"), CHANGES.values(), ids=CHANGES)
def test_a_change_of_the_code_makes_it_stale(tree, tool, module, words, other):
    path = tree / "src" / "busyout" / module
    text = path.read_text(encoding="utf-8")
    assert words in text
    changed = re.sub(r"\w+$", other, words)
    path.write_text(text.replace(words, changed), encoding="utf-8")
    done = check(tree, tool)
    assert done.returncode == 1
    assert "`make docs`" in done.stdout


def test_a_new_state_without_a_place_is_asked_for(tree):
    path = tree / "src" / "busyout" / "domain" / "states.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace('    LOCKED = "locked"', '    LOCKED = "locked"\n    PARKED = "parked"'), encoding="utf-8"
    )
    done = check(tree, "draw_states")
    assert done.returncode == 1
    assert "no place for parked" in done.stderr
