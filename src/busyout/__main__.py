"""`busyout`: `serve` goes to the server, everything else to the command line client, which must start fast."""

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code. None for the arguments of this process."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["serve"]:
        from busyout.server import main as serve  # noqa: PLC0415 - the client must not load the server

        return serve(arguments[1:])
    from busyout.cli.app import main as run  # noqa: PLC0415 - and the server not the client

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
