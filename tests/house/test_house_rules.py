"""The rules of tools/house.py: each is seen to find what it is for, and to leave alone what it is not for."""

from pathlib import Path

import pytest
from tools.house import check, project_files

ROOT = Path(__file__).resolve().parents[2]
LONG_BODY = "\n".join(f"    a = {number}" for number in range(30))
DEEP = "def f(x):\n for a in x:\n  if a:\n   for b in a:\n    if b:\n     x()\n"
FLAT = "def f(x):\n with x:\n  for a in x:\n   try:\n    while a:\n     if x():\n      x()\n   finally:\n    x()\n"
CHAIN = "def f(x):\n" + "".join(f"    {'el' if n else ''}if x == {n}:\n        x()\n" for n in range(6))
MACHINE_PATH = "/".join(("", "tmp", "x"))
REGISTRY = ".".join(("pypi", "org"))

BROKEN = {
    "a module above the limit": ("src/busyout/x.py", "a = 1\n" * 401, "401 lines"),
    "a long function": ("tests/test_x.py", f"def f():\n{LONG_BODY}\n", "f has 31 lines"),
    "a long method": ("src/busyout/x.py", f"class A:\n  async def f():\n{LONG_BODY}\n", "f has 31 lines"),
    "a deep function": ("src/busyout/x.py", DEEP, "4 levels deep"),
    "a path of one machine": ("README.md", f"see {MACHINE_PATH}\n", "does not belong"),
    "a host of a registry": ("docs/x.md", f"from {REGISTRY}\n", "does not belong"),
    "work left open": ("src/busyout/x.py", "a = 1  # TO" + "DO later\n", "nothing is left open"),
    "a stub": ("src/busyout/x.py", "def f():\n    raise NotImplemented" + "Error\n", "nothing is left open"),
    "a broad handler": ("src/busyout/x.py", "try:\n    a()\nexcept Exception:\n    b()\n", "catches everything"),
    "a naked handler": ("src/busyout/x.py", "try:\n    a()\nexcept:\n    b()\n", "catches everything"),
    "one broad type of several": (
        "src/busyout/x.py",
        "try:\n    a()\nexcept (OSError, Exception):\n    b()\n",
        "catches everything",
    ),
    "a second broad handler of the runner": (
        "src/busyout/services/runner.py",
        "try:\n    a()\nexcept Exception:\n    b()\n" * 2,
        "catches everything",
    ),
    "a module that knows both languages": (
        "src/busyout/faces/x/routes.py",
        "from busyout.domain.errors import Refusal\nfrom busyout import wire\n",
        "both domain and wire",
    ),
    "an address among the pins": ("requirements/x.txt", "--extra-index-url x\n", "names no index"),
    "a pin from an address": ("requirements/x.txt", "a @ https" + "://example.org/a.whl\n", "names no index"),
}

UNBROKEN = {
    "a function at the limit": ("src/busyout/x.py", f"def f():\n{LONG_BODY[:-11]}\n"),
    "a long docstring": ("src/busyout/x.py", 'def f():\n    """a\n' + "    b\n" * 40 + '    """\n    return 1\n'),
    "a table": ("src/busyout/x.py", "def f():\n    a = 1\n    return (\n" + "        a,\n" * 40 + "    )\n"),
    "three levels in a with": ("src/busyout/x.py", FLAT),
    "a chain of elif": ("src/busyout/x.py", CHAIN),
    "the broad handler of the runner": (
        "src/busyout/services/runner.py",
        "try:\n    a()\nexcept Exception:\n    b()\n",
    ),
    "a translation": (
        "src/busyout/faces/x/translate.py",
        "from busyout.domain.errors import Refusal\nfrom busyout import wire\n",
    ),
}


def put(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("name", "text", "said"), BROKEN.values(), ids=BROKEN)
def test_a_broken_rule_is_found(tmp_path, name, text, said):
    put(tmp_path, name, text)
    findings = [finding for finding in check(tmp_path) if finding.error]
    assert [said in finding.text for finding in findings] == [True]
    assert str(findings[0]).startswith(f"{name}:")


@pytest.mark.parametrize(("name", "text"), UNBROKEN.values(), ids=UNBROKEN)
def test_what_is_allowed_is_left_alone(tmp_path, name, text):
    put(tmp_path, name, text)
    assert [finding for finding in check(tmp_path) if finding.error] == []


def test_a_module_over_250_lines_is_a_warning(tmp_path):
    put(tmp_path, "src/busyout/x.py", "a = 1\n" * 251)
    assert [finding.error for finding in check(tmp_path)] == [False]


def test_the_project_breaks_no_rule():
    assert [str(finding) for finding in check(ROOT) if finding.error] == []
    assert ROOT / "tools" / "house.py" in project_files(ROOT)


def test_what_setting_up_leaves_behind_is_not_looked_at(tmp_path):
    put(tmp_path, ".venv/lib/x.py", "a = 1\n" * 401)
    assert list(check(tmp_path)) == []
