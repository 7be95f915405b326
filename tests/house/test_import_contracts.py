"""Every import contract is seen to hold, and seen to fail once."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]

BREACHES = [
    ("layers", "domain/breach.py", "import busyout.wire"),
    ("layers", "settings/breach.py", "import busyout.domain"),
    ("layers", "ports/breach.py", "import busyout.services"),
    ("layers", "services/breach.py", "import busyout.store"),
    ("layers", "http/breach.py", "import busyout.faces"),
    ("layers", "cli/breach.py", "import busyout.faces"),
    ("layers", "faces/breach.py", "import busyout.server"),
    ("layers", "unlisted.py", ""),
    ("faces", "faces/native/breach.py", "import busyout.faces.mediant"),
    ("wires", "wire/native/breach.py", "import busyout.wire.mediant"),
    ("drivers", "drivers/proxy/breach.py", "import busyout.drivers.simulated"),
    ("registry", "server/breach.py", "import busyout.drivers.proxy"),
    ("registry", "cli/demo/breach.py", "import busyout.drivers.proxy.driver"),
    ("routes", "faces/mediant/routes.py", "import busyout.domain.errors"),
    ("pure-domain", "domain/breach.py", "import time"),
    ("pure-domain", "domain/configuration/breach.py", "from os import environ"),
    ("quick-cli", "wire/breach.py", "import sqlalchemy"),
    ("quick-cli", "cli/breach.py", "import busyout.durable"),
    ("dbos", "services/breach.py", "import dbos"),
    ("falcon", "faces/mediant/translate.py", "import falcon"),
    ("uvicorn", "http/breach.py", "import uvicorn"),
    ("aiohttp", "drivers/proxy/driver.py", "import aiohttp"),
    ("sqlalchemy", "durable/breach.py", "import sqlalchemy"),
    ("psycopg", "services/breach.py", "import psycopg"),
    ("terminal", "server/breach.py", "import rich"),
    ("passwords", "faces/mediant/auth.py", "import argon2"),
    ("ciphers", "services/breach.py", "from cryptography.fernet import Fernet"),
]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("tree")
    shutil.copytree(ROOT / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def lint(tree: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    chosen = [word for contract in contracts for word in ("--contract", contract)]
    program = "import sys; sys.path.insert(0, 'src'); from importlinter.cli import lint_imports_command as run; run()"
    command = [sys.executable, "-c", program, "--no-logo", "--cache-dir", str(tree / "cache"), *chosen]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=60, check=False)


def test_every_contract_has_a_breach():
    assert {contract for contract, _, _ in BREACHES} == {contract["id"] for contract in CONTRACTS}


def test_the_tree_keeps_every_contract(tree):
    done = lint(tree)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("contract", "module", "line"), BREACHES)
def test_a_forbidden_import_is_found(tree, contract, module, line):
    path = tree / "src" / "busyout" / module
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
    try:
        done = lint(tree, contract)
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_text(before, encoding="utf-8")
    assert done.returncode == 1, done.stdout
    assert path.stem in done.stdout
    assert "BROKEN" in done.stdout or "not listed" in done.stdout.replace("\n", " "), done.stdout
