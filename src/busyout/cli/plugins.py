"""`plugins`: repositories of plug-ins made, signed and checked; no server takes part."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from busyout.cli.exits import CommandError, Exit
from busyout.cli.output import show_json, show_line, show_lines
from busyout.cli.session import session_of
from busyout.domain.errors import BusyoutError

app = typer.Typer(
    help="Make, sign and check repositories of plug-ins; needs no server.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Repository = Annotated[Path, typer.Argument(metavar="REPO", help="Directory of the repository.", file_okay=False)]


@app.command()
def build(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Directory with a folder for each plug-in, called as the plug-in.")
    ],
    *,
    into: Annotated[Path, typer.Option("--into", metavar="REPO", help="Directory of the repository; made if need be.")],
) -> Exit:
    """Make packages of plug-ins and the index of a repository.

    The same folders make the same bytes. Of several versions in the repository the newest gets into the index. What is
    hidden, `__pycache__`, `var/cache` and `var/installed` are left out.
    """
    from busyout.cli.plugins_build import build_repository  # noqa: PLC0415 - only where it is used

    with _refusing():
        built = build_repository(folder, into)
    if session_of(context).json:
        show_json({"repository": str(into), "plugins": built.plugins, "left_out": built.left_out})
        return Exit.DONE
    show_lines([f"{one.id} {one.version}  {one.filename}  {one.state}" for one in built.plugins])
    show_lines([f"{name}: left out, it has no plugin-info" for name in built.left_out])
    show_line(f"{into}/plugins.db lists {built.listed} plug-ins")
    return Exit.DONE


@app.command()
def keygen(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The private key, to be made; FILE.pub is the public.")],
) -> Exit:
    """Make a key to sign repositories with, and print the public one for the settings of servers."""
    from busyout.cli.plugins_keys import make_keys  # noqa: PLC0415 - only where it is used

    with _refusing():
        public = make_keys(file)
    if session_of(context).json:
        show_json({"private_key_file": str(file), "public_key_file": f"{file}.pub", "public_key": public})
    else:
        show_line(public)
    return Exit.DONE


@app.command()
def sign(
    context: typer.Context,
    repository: Repository,
    *,
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help="The private key, as `keygen` made it.")],
) -> Exit:
    """Sign the index and every package that it lists, after having checked them."""
    from busyout.cli.plugins_check import sign_repository  # noqa: PLC0415 - only where it is used
    from busyout.cli.plugins_keys import read_private  # noqa: PLC0415 - as above

    with _refusing():
        signed = sign_repository(repository, read_private(key))
    if session_of(context).json:
        show_json({"repository": str(repository), "signed": signed})
    else:
        show_lines([f"{name}.sig" for name in signed])
    return Exit.DONE


@app.command()
def verify(
    context: typer.Context,
    repository: Repository,
    *,
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE", help="A key, public or private: check signatures too.")
    ] = None,
) -> Exit:
    """Say what a server would not accept of a repository; ends with 3 when there is something."""
    from busyout.cli.plugins_check import check_repository  # noqa: PLC0415 - only where it is used
    from busyout.cli.plugins_keys import read_public  # noqa: PLC0415 - as above

    with _refusing():
        checked = check_repository(repository, read_public(key) if key else None)
    if session_of(context).json:
        show_json({"repository": str(repository), "plugins": checked.plugins, "findings": checked.findings})
    else:
        signed = "signed and whole" if key else "whole"
        show_lines(checked.findings or [f"{repository}: {checked.plugins} plug-ins, {signed}"])
    return Exit.FAILED if checked.findings else Exit.DONE


@contextmanager
def _refusing() -> Iterator[None]:
    """What goes wrong meanwhile ends the command."""
    try:
        yield
    except BusyoutError as error:
        raise CommandError(Exit.REFUSED, error.message) from error
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise CommandError(Exit.REFUSED, f"{where}{error.strerror or error}") from error
