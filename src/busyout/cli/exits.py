"""How a command ends: its exit code and what it says."""

from enum import IntEnum

from busyout.wire.native import Problem


class Exit(IntEnum):
    """Exit codes; a script can rely on them."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    FAILED = 3
    CANCELLED = 4
    UNKNOWN = 5
    UNREACHABLE = 6
    NOT_PERMITTED = 7
    SERVER_ERROR = 8
    INTERRUPTED = 130


MEANINGS = {
    Exit.DONE: "done",
    Exit.REFUSED: "refused; nothing was changed",
    Exit.USAGE: "the command line is wrong",
    Exit.FAILED: "the operation failed, or something is not as it should be",
    Exit.CANCELLED: "the operation was cancelled",
    Exit.UNKNOWN: "the outcome is unknown: somebody has to look",
    Exit.UNREACHABLE: "the server is not reachable, or not ready",
    Exit.NOT_PERMITTED: "not authenticated, or not permitted",
    Exit.SERVER_ERROR: "the server answered with an error of its own",
    Exit.INTERRUPTED: "interrupted; what the server was asked to do goes on",
}
"""What each code means, for the help and the documentation."""

OUTCOMES: dict[str, Exit] = {
    "succeeded": Exit.DONE,
    "failed": Exit.FAILED,
    "cancelled": Exit.CANCELLED,
    "unknown": Exit.UNKNOWN,
}
"""The exit code for each state in which an operation has settled."""


class CommandError(Exception):
    """A command ends without having done what was asked."""

    def __init__(self, code: Exit, message: str, *, problem: Problem | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.problem = problem
        """What the server said; None where it did not get as far."""


class NotReachable(CommandError):
    """The server does not answer."""

    def __init__(self, server: str, reason: str) -> None:
        super().__init__(Exit.UNREACHABLE, f"the server at {server} is not reachable: {reason}")


class NotReady(CommandError):
    """The server answers that it cannot answer now."""

    def __init__(self, message: str, *, problem: Problem | None = None) -> None:
        super().__init__(Exit.UNREACHABLE, message, problem=problem)


def from_problem(problem: Problem) -> CommandError:
    """The error for an answer of the server."""
    text = problem.detail or problem.title
    if problem.status == 401 and not problem.detail:
        text += " Set BUSYOUT_USER and BUSYOUT_PASSWORD, or name the data directory of the server with --data."
    if problem.holder and problem.holder not in text:
        text += f" (operation {problem.holder})"
    for finding in problem.findings:
        text += f"\n  {finding}"
    if problem.incident:
        text += f"; the server's log has it as {problem.incident}"
    if problem.status == 503:
        return NotReady(text, problem=problem)
    return CommandError(_code(problem.status), text, problem=problem)


def _code(status: int) -> Exit:
    if status in (401, 403, 429):
        return Exit.NOT_PERMITTED
    return Exit.REFUSED if 400 <= status < 500 else Exit.SERVER_ERROR
