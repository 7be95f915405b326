"""kill -9 before each operation on a file: what is left is the old or the new, whole, and goes on from there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.drivers.shelf.killing import CASES

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("case", CASES)
def test_a_killed_change_leaves_the_old_or_the_new(case: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.drivers.shelf.killing", str(tmp_path), case],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 5
