"""Setting up where something is missing says what; continuous integration ends as `make test` ends."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for folder in ("tools", "requirements", ".ci"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def put(path: Path, text: str, *, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


def set_up(tree: Path, *words: str, path: str = "", modules: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(tree / "tools" / "bootstrap.py"), *words],
        env={"PATH": path, "PYTHONPATH": modules},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_without_venv_and_without_pip_the_message_names_the_package(tree):
    for module in ("venv", "pip"):
        put(tree / "broken" / f"{module}.py", f"raise ImportError('no {module}')\n")
    done = set_up(tree, "run", modules=str(tree / "broken"))
    assert done.returncode == 1
    assert "apt install python3-venv" in done.stderr
    assert not (tree / ".venv" / "ready-to-run").exists()


def test_an_old_python_without_a_newer_one_says_which_is_needed(tree):
    script = tree / "tools" / "bootstrap.py"
    put(script, script.read_text(encoding="utf-8").replace("OLDEST = (3, 11)", "OLDEST = (3, 99)"))
    done = set_up(tree, "run")
    assert done.returncode == 1
    assert "needs Python 3.11 or later; this is 3." in done.stderr


def test_an_old_python_hands_over_to_a_newer_one(tree):
    script = tree / "tools" / "bootstrap.py"
    text = script.read_text(encoding="utf-8")
    put(script, text.replace("OLDEST = (3, 11)", "OLDEST = (3, 99)").replace("range(20, OLDEST[1] - 1, -1)", "(99,)"))
    put(tree / "bin" / "python3.99", '#!/bin/sh\necho "newer: $2"\n', mode=0o755)
    done = set_up(tree, "dev", path=str(tree / "bin"))
    assert (done.returncode, done.stdout) == (0, "newer: dev\n")


def test_a_program_that_cannot_be_installed_is_named(tree):
    done = set_up(tree, "system", "sipp")
    assert done.returncode == 0
    assert done.stdout == "Not installed: sip-tester. What needs them is skipped and counted.\n"


def test_a_program_that_is_there_is_not_installed(tree):
    put(tree / "bin" / "sipp", "#!/bin/sh\n", mode=0o755)
    assert set_up(tree, "system", "sipp", path=str(tree / "bin")).stdout == ""


@pytest.mark.parametrize("code", [0, 2])
def test_continuous_integration_ends_as_the_tests_end(tree, code):
    said = "echo '3 passed in 0.1s'\necho 'make: *** [Makefile:1: test] Error 1' >&2\n"
    put(tree / "bin" / "make", f'#!/bin/sh\necho "making $1"\n{said}exit {code}\n', mode=0o755)
    path = f"{tree / 'bin'}:/usr/bin:/bin"
    run = [str(tree / ".ci" / "run")]
    done = subprocess.run(run, env={"PATH": path}, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (code, "making test\n3 passed in 0.1s\n")
