"""What the demo has found: numbers, and whether each promise was kept. Pure."""

from msgspec import Struct

from busyout.cli.text import counted, span


class Check(Struct, frozen=True):
    """A promise and whether it was kept."""

    promise: str
    kept: bool


class Numbers(Struct, frozen=True, kw_only=True):
    """What was counted."""

    placed: int
    answered: int
    completed: int
    cut: int
    refused_with_retry_after: int
    refused_otherwise: int
    unanswered: int
    ended_by_name: int
    """Calls that were ended because a deadline was asked for."""
    engine_before: int | None
    """Process id."""
    engine_after: int | None
    restart_seconds: float
    """From the request to the end of the restart, the waiting for calls included."""
    settling_seconds: float
    """From the end of the last call to the end of the restart."""


class Report(Struct, frozen=True):
    """Everything."""

    numbers: Numbers
    checks: tuple[Check, ...]

    @property
    def kept(self) -> bool:
        """Whether everything was as promised."""
        return all(check.kept for check in self.checks)


def report_lines(report: Report) -> list[str]:
    """The report for a person."""
    found = report.numbers
    refused = found.refused_with_retry_after + found.refused_otherwise
    lines = [
        f"calls placed          {found.placed}",
        f"  answered            {found.answered}",
        f"  ended by themselves {found.completed}",
        f"  cut                 {found.cut}",
        f"  ended by name       {found.ended_by_name}",
        f"  refused             {refused}, {found.refused_with_retry_after} of them with 503 and Retry-After",
        f"  without an answer   {found.unanswered}",
        f"engine process        {found.engine_before} before, {found.engine_after} after",
        f"restart               {span(found.restart_seconds)}, of that {span(found.settling_seconds)} "
        "after the last call had ended",
        "",
    ]
    lines += [f"{'kept  ' if check.kept else 'BROKEN'}  {check.promise}" for check in report.checks]
    broken = sum(not check.kept for check in report.checks)
    lines += ["", "everything was as promised" if report.kept else f"{counted(broken, 'promise')} broken"]
    return lines
