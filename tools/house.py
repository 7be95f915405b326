"""Checks the rules of this house that no other tool knows: sizes, imports by role, words, open ends, pins.

`house.py [ROOT]` prints what is wrong, one finding a line, and ends with 1 when there is an error among them.
"""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MODULE_WARNING = 250
"""Lines of a module above which a name is probably missing."""

MODULE_LIMIT = 400
FUNCTION_LIMIT = 30
"""Lines of a function, its docstring and a table that it returns not counted."""

NESTING_LIMIT = 3
"""Levels of blocks within a function, those that decide nothing not counted."""

BROAD_HANDLER = "src/busyout/services/runner.py"
"""The operation runner: the one place that may catch whatever a step raises."""

BILINGUAL = ("translate", "errors", "driver")
"""Modules, or packages of modules, that may know both our own words and a vendor's."""

OPEN_ENDS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError")
MACHINE_WORDS = re.compile(r"(?<![\w.])/(tmp|work|root)/|\b(pypi\.org|pythonhosted\.org|registry\.npmjs\.org)\b")
"""Paths of one machine, and hosts of package registries."""

ADDRESS = re.compile(r"://|--(extra-)?index-url|--find-links|--trusted-host")
"""What a requirement file must not carry: which index is used is the machine's affair."""

SKIPPED = frozenset({".svg", ".png", ".ico", ".woff2", ".pyc"})
MADE = frozenset({".venv", ".tools", ".run", ".git", ".mypy_cache", ".ruff_cache", ".hypothesis", "build"})
"""Folders that setting up and running leave behind."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that breaks a rule."""

    path: str
    line: int
    text: str
    error: bool = True

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {'' if self.error else 'warning: '}{self.text}"


def main(arguments: list[str]) -> int:
    """Print the findings of a tree; the exit code."""
    root = Path(arguments[0]).resolve() if arguments else Path(__file__).resolve().parent.parent
    findings = list(check(root))
    for finding in findings:
        print(finding)
    return int(any(finding.error for finding in findings))


def check(root: Path) -> Iterator[Finding]:
    """Every finding in the files of a tree."""
    for path in project_files(root):
        name = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8", errors="replace")
        yield from machine_words(name, text)
        if name.startswith("requirements/"):
            yield from addresses(name, text)
        if path.suffix == ".py":
            yield from check_module(name, text)


def project_files(root: Path) -> list[Path]:
    """Files that belong to the project: what git knows or would add, or everything where git is not used."""
    listed = ["git", "-C", str(root), "ls-files", "-co", "--exclude-standard"]
    answer = subprocess.run(listed, check=False, capture_output=True, text=True) if shutil.which("git") else None
    if answer is not None and answer.returncode == 0:
        paths = [root / name for name in answer.stdout.splitlines()]
    else:
        paths = [path for path in root.rglob("*") if not MADE & set(path.relative_to(root).parts)]
    return sorted(path for path in paths if path.is_file() and path.suffix not in SKIPPED)


def machine_words(name: str, text: str) -> Iterator[Finding]:
    """Words that tell of the machine that something was written on."""
    for number, line in enumerate(text.splitlines(), 1):
        for match in MACHINE_WORDS.finditer(line):
            yield Finding(name, number, f"'{match.group()}' does not belong in the project")


def addresses(name: str, text: str) -> Iterator[Finding]:
    """Addresses in a requirement file."""
    for number, line in enumerate(text.splitlines(), 1):
        if ADDRESS.search(line):
            yield Finding(name, number, "a requirement file names no index and no address")


def check_module(name: str, text: str) -> Iterator[Finding]:
    """What one module breaks."""
    length = len(text.splitlines())
    if length > MODULE_LIMIT:
        yield Finding(name, 1, f"{length} lines; {MODULE_LIMIT} is the limit")
    elif length > MODULE_WARNING:
        yield Finding(name, 1, f"{length} lines; above {MODULE_WARNING} a name is probably missing", error=False)
    tree = ast.parse(text, name)
    yield from long_functions(name, tree)
    if name.startswith("src/"):
        yield from open_ends(name, text)
        yield from broad_handlers(name, tree)
        yield from bilinguals(name, tree)


def long_functions(name: str, tree: ast.Module) -> Iterator[Finding]:
    """Functions that are too long or too deep."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        lines = code_lines(node)
        if lines > FUNCTION_LIMIT:
            yield Finding(name, node.lineno, f"{node.name} has {lines} lines; {FUNCTION_LIMIT} is the limit")
        levels = depth(node.body)
        if levels > NESTING_LIMIT:
            yield Finding(name, node.lineno, f"{node.name} is {levels} levels deep; {NESTING_LIMIT} is the limit")


def code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, without the docstring and without a table that is returned at the end."""
    first, last = node.body[0], node.body[-1]
    lines = length(node)
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        lines -= length(first)
    if isinstance(last, ast.Return) and isinstance(last.value, ast.Tuple | ast.List | ast.Dict):
        lines -= length(last)
    return lines


def length(node: ast.stmt) -> int:
    """Lines that a statement takes."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def depth(body: list[ast.stmt]) -> int:
    """Levels of blocks in a body; `elif` and further `except` are no level of their own."""
    return max((levels_of(statement) for statement in body), default=0)


def levels_of(statement: ast.stmt) -> int:
    """Levels of blocks that one statement opens; `with` and `try … finally` decide nothing and open none."""
    match statement:
        case ast.If(body=body, orelse=[ast.If() as other]):
            return max(1 + depth(body), levels_of(other))
        case ast.If() | ast.For() | ast.AsyncFor() | ast.While():
            return 1 + depth([*statement.body, *statement.orelse])
        case ast.With() | ast.AsyncWith():
            return depth(statement.body)
        case ast.Try() | ast.TryStar():
            handled = [inner for handler in statement.handlers for inner in handler.body]
            inner_levels = depth([*statement.body, *handled, *statement.orelse, *statement.finalbody])
            return inner_levels + bool(statement.handlers)
        case ast.Match():
            return 1 + depth([inner for case in statement.cases for inner in case.body])
        case _:
            return 0


def open_ends(name: str, text: str) -> Iterator[Finding]:
    """Work that was left for later."""
    for number, line in enumerate(text.splitlines(), 1):
        if match := OPEN_ENDS.search(line):
            yield Finding(name, number, f"{match.group()}: nothing is left open in the code")


def broad_handlers(name: str, tree: ast.Module) -> Iterator[Finding]:
    """Handlers that catch everything, but for the one of the operation runner."""
    broad = [node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and catches_all(node.type)]
    allowed = 1 if name == BROAD_HANDLER else 0
    for node in sorted(broad, key=lambda handler: handler.lineno)[allowed:]:
        yield Finding(name, node.lineno, "only the operation runner catches everything, and once")


def catches_all(caught: ast.expr | None) -> bool:
    """Whether a handler of that type catches everything."""
    if isinstance(caught, ast.Tuple):
        return any(catches_all(one) for one in caught.elts)
    return caught is None or (isinstance(caught, ast.Name) and caught.id in {"Exception", "BaseException"})


def bilinguals(name: str, tree: ast.Module) -> Iterator[Finding]:
    """Modules that know both the domain and a wire without being made for that."""
    known = {part for node in ast.walk(tree) for part in layers_named(node)}
    path = Path(name)
    if {"domain", "wire"} <= known and not {path.stem, path.parent.name} & set(BILINGUAL):
        yield Finding(name, 1, f"knows both domain and wire; only {', '.join(BILINGUAL)} may")


def layers_named(node: ast.AST) -> Iterator[str]:
    """The layers of ours that an import statement names."""
    match node:
        case ast.Import(names=names):
            yield from (alias.name.split(".")[1] for alias in names if alias.name.startswith("busyout."))
        case ast.ImportFrom(module="busyout", names=names, level=0):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=str(module), level=0) if module.startswith("busyout."):
            yield module.split(".")[1]
        case _:
            return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
