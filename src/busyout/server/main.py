"""`busyout serve`: from the settings to a server that runs, and back."""

import argparse
import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import uvloop

from busyout.domain.errors import BusyoutError
from busyout.server.limits import raise_open_files
from busyout.server.logs import start_logging
from busyout.server.memory import collect_seldom, give_back_large_blocks
from busyout.server.run import run
from busyout.settings import InvalidSettings, Settings, load


def main(argv: Sequence[str]) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit code: 0 stopped, 1 could not start, 2 wrong settings."""
    arguments = _parser().parse_args(argv)
    try:
        settings = _settings(arguments)
    except InvalidSettings as error:
        sys.stderr.write(f"{error}\n")
        return 2
    start_logging(settings.server.log_level)
    raise_open_files()
    give_back_large_blocks()
    collect_seldom()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(run(settings, os.environ))
        except BusyoutError as error:
            sys.stderr.write(f"busyout: {error}\n")
            return 1
        except BaseExceptionGroup as group:
            refused, others = group.split(BusyoutError)
            if others is not None or refused is None:
                raise
            sys.stderr.writelines(f"busyout: {error}\n" for error in leaves(refused))
            return 1
    return 0


def leaves(group: BaseExceptionGroup[BusyoutError]) -> Iterator[BusyoutError]:
    """The errors of a group, however deep."""
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from leaves(error)
        else:
            yield error


def _settings(arguments: argparse.Namespace) -> Settings:
    given = {
        "server.data": arguments.data,
        "server.listen": arguments.listen,
        "server.stop_engines": "true" if arguments.stop_engines else None,
    }
    return load(Path(arguments.config) if arguments.config else None, environ=os.environ, given=given)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("busyout serve", description="Run the Busyout server.")
    parser.add_argument("--config", metavar="FILE", help="settings, TOML; without it the default estate is served")
    parser.add_argument("--data", metavar="DIR", help="where everything is kept")
    parser.add_argument("--listen", metavar="ADDRESS:PORT", help="the listener that all faces share")
    parser.add_argument("--stop-engines", action="store_true", help="stop the engines when the server stops")
    return parser
