"""What is pinned, what is packed, and what the command line loads."""

import fnmatch
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements"
HEAVY = ("dbos", "sqlalchemy", "alembic", "psycopg", "falcon", "uvicorn", "busyout.server", "busyout.services")


def pins(name: str) -> dict[str, str]:
    """Each package of a requirement file, and the rest of what is said about it."""
    found: dict[str, str] = {}
    for block in (REQUIREMENTS / name).read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        package, _, rest = block.partition("==")
        found[package.strip()] = rest
    return found


@pytest.mark.parametrize("name", ["run.txt", "dev.txt", "build.txt"])
def test_every_package_has_one_version_and_hashes(name):
    for package, rest in pins(name).items():
        assert rest.split()[0][0].isdigit(), package
        assert "--hash=sha256:" in rest, package


def test_what_runs_is_what_was_tested():
    tested = pins("dev.txt")
    for package, rest in (pins("run.txt") | pins("build.txt")).items():
        assert tested[package].split()[0] == rest.split()[0], package


def test_what_is_asked_for_is_pinned():
    for name in ("run", "dev", "build"):
        wanted = [line for line in (REQUIREMENTS / f"{name}.in").read_text(encoding="utf-8").splitlines() if line]
        names = [line.split("~=")[0].split(">=")[0].split("[")[0] for line in wanted if line[0] not in "#-"]
        assert set(names) <= set(pins(f"{name}.txt"))


def test_every_file_beside_the_modules_is_packed():
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"][
        "package-data"
    ]
    package = ROOT / "src" / "busyout"
    for path in package.rglob("*"):
        if path.is_file() and path.suffix not in {".py", ".pyc"}:
            name = path.relative_to(package).as_posix()
            assert any(fnmatch.fnmatch("/" + name, "/" + p.replace("**/", "*")) for p in patterns["busyout"]), name


def test_every_folder_with_modules_is_a_package():
    for path in (ROOT / "src" / "busyout").rglob("*.py"):
        assert (path.parent / "__init__.py").exists(), path


@pytest.mark.parametrize("words", [["--help"], ["drain", "--help"], ["operations", "--help"]])
def test_the_command_line_starts_without_the_server(words):
    program = (
        "import sys\n"
        "from busyout.__main__ import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        f"print('LOADED', *[name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, timeout=60, check=False
    )
    assert "Usage" in done.stdout, done.stderr
    assert done.stdout.splitlines()[-1] == "LOADED"
