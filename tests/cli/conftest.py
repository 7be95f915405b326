"""One real server with a simulated element for all tests here that only ask and command."""

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from tests.cli.server import SETTINGS, Ran, Served, clean_environment
from tests.ports import free_port

from busyout.cli.app import main


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("served")
    config = home / "busyout.toml"
    config.write_text(SETTINGS, "utf-8")
    listen = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "busyout", "serve", "--config", str(config), "--data", str(home / "data")]
    process = subprocess.Popen(
        [*command, "--listen", listen],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=clean_environment(),
    )
    server = Served(f"http://{listen}", process, home / "server.log", home / "data")
    try:
        server.wait_ready()
        yield server
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture
def run(served: Served, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs the command line in this process, against that server: the same code without the start of an interpreter."""

    def command(*arguments: str) -> Ran:
        capsys.readouterr()
        code = main([*arguments, "--server", served.url, "--data", str(served.data)])
        told = capsys.readouterr()
        return Ran(code, told.out, told.err)

    return command
