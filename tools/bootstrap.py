"""Sets up what `make` needs, with nothing but Python's standard library.

`bootstrap.py run` and `bootstrap.py dev` make the environment in `.venv`; `bootstrap.py system PROGRAM …` installs
the system packages of programs that tests use, where the user may do that, and otherwise says what is missing.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
OLDEST = (3, 11)
REQUIREMENTS = {"run": ("run.txt", "build.txt"), "dev": ("dev.txt",)}
SYSTEM_PACKAGES = {"sipp": "sip-tester", "wrk": "wrk"}
"""Debian's package of each program."""


def main(arguments: list[str]) -> int:
    """Do what the first argument names."""
    if sys.version_info < OLDEST:
        return use_newer_python(arguments)
    if arguments[:1] == ["system"]:
        install_programs(arguments[1:])
        return 0
    if len(arguments) != 1 or arguments[0] not in REQUIREMENTS:
        return complain("usage: bootstrap.py run | dev | system PROGRAM ...")
    return make_environment(arguments[0])


def use_newer_python(arguments: list[str]) -> int:
    """Start over with a newer Python when there is one on the path."""
    for minor in range(20, OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found:
            os.execv(found, [found, __file__, *arguments])
    version = ".".join(str(part) for part in sys.version_info[:3])
    return complain(f"Busyout needs Python 3.11 or later; this is {version}. Name another: make PYTHON=python3.12 ...")


def make_environment(purpose: str) -> int:
    """Make `.venv` where it is not there, and install exactly what is pinned for `purpose`."""
    print(f"Installing what is pinned in requirements/ into {VENV.name} ...", flush=True)
    if not works([str(VENV / "bin" / "python"), "-c", f"import sys; sys.exit(sys.version_info < {OLDEST})"]):
        shutil.rmtree(VENV, ignore_errors=True)
        if not create_environment():
            return complain(
                "Neither `python3 -m venv` nor `python3 -m pip` works here. "
                "Install one of them; on Debian and Ubuntu: apt install python3-venv"
            )
    pinned = [word for name in REQUIREMENTS[purpose] for word in ("-r", str(ROOT / "requirements" / name))]
    pins = ["--no-deps", "--require-hashes", *pinned]
    itself = ["--no-deps", "--no-index", "--no-build-isolation", "-e", str(ROOT)]
    if not (install(pins) and install(itself)):
        return complain("The requirements could not be installed; the lines above say why.")
    (VENV / f"ready-to-{purpose}").touch()
    return 0


def create_environment() -> bool:
    """Make an empty environment with venv, or with uv where venv is incomplete; whether one of them did."""
    if works([sys.executable, "-m", "venv", str(VENV)]):
        return True
    shutil.rmtree(VENV, ignore_errors=True)
    return get_uv() and works([str(TOOLS / "bin" / "uv"), "venv", "--python", sys.executable, str(VENV)])


def install(words: list[str]) -> bool:
    """Install into `.venv` with uv, which is quick, or else with pip, which obeys the machine's own configuration."""
    python = str(VENV / "bin" / "python")
    if get_uv() and works([str(TOOLS / "bin" / "uv"), "pip", "install", "--python", python, *words]):
        return True
    own = [python, "-m", "pip"]
    pip = own if works([*own, "--version"]) else [sys.executable, "-m", "pip", "--python", python]
    quiet = ["--disable-pip-version-check", "--no-input", "-qq"]
    return subprocess.run([*pip, "install", *quiet, *words], cwd=ROOT, check=False).returncode == 0


def get_uv() -> bool:
    """Have the pinned uv in `.tools`; whether it is there."""
    wanted = TOOLS / "uv.txt"
    pin = pinned_block("uv")
    if wanted.exists() and wanted.read_text(encoding="utf-8") == pin:
        return works([str(TOOLS / "bin" / "uv"), "--version"])
    shutil.rmtree(TOOLS, ignore_errors=True)
    TOOLS.mkdir()
    wanted.write_text(pin, encoding="utf-8")
    pips = ([sys.executable, "-m", "pip"], [str(VENV / "bin" / "python"), "-m", "pip"])
    words = ["install", "--no-deps", "--require-hashes", "--target", str(TOOLS), "-r", str(wanted)]
    return any(works([*pip, *words]) for pip in pips)


def pinned_block(package: str) -> str:
    """The version and hashes of one package, as requirements/dev.txt has them."""
    lines = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(package + "=="))
    end = next((n for n in range(start + 1, len(lines)) if not lines[n].startswith(" ")), len(lines))
    return "\n".join(lines[start:end]) + "\n"


def works(command: list[str]) -> bool:
    """Whether a command is there and ends well; its output is not shown."""
    environment = {**os.environ, "UV_SYSTEM_CERTS": "1"}
    try:
        return subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True).returncode == 0
    except OSError:
        return False


def install_programs(programs: list[str]) -> None:
    """Install the packages of programs that are not there; say what is missing where that cannot be done."""
    packages = [SYSTEM_PACKAGES[name] for name in programs if shutil.which(name) is None]
    if packages and not apt_install(packages):
        print(f"Not installed: {' '.join(packages)}. What needs them is skipped and counted.", flush=True)


def apt_install(packages: list[str]) -> bool:
    """Install Debian packages quietly; whether that worked."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install_them = ["apt-get", "install", "-qq", "--no-install-recommends", "-y", *packages]
    for command in (["apt-get", "update", "-qq"], install_them):
        try:
            done = subprocess.run(command, env=environment, check=False, capture_output=True, timeout=300)
        except subprocess.TimeoutExpired:
            return False
        if done.returncode:
            return False
    return True


def complain(sentence: str) -> int:
    """Say what is wrong; the exit code."""
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
