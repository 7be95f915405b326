"""Shows an operation while it goes on: live on a terminal, whole lines in a pipe."""

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from busyout.cli.follow import Sight
from busyout.cli.output import harmless, show_json_line, show_line
from busyout.cli.text import NONE, counted, span
from busyout.cli.words import awaited, current_step, last_progress, outcome_words, progress_words, step_line
from busyout.wire.native import Operation, Progress
from busyout.wire.times import timestamp

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

QUIET_LINES = 1.0
"""Seconds between two lines in a pipe that differ in nothing but numbers."""


class Display(Protocol):
    """Shows sights of one operation, from the first to the last."""

    @property
    def tells_the_end(self) -> bool:
        """Whether the last sight already says how it ended."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""

    def show(self, sight: Sight) -> None:
        """Show how it is now."""


def display(*, json_lines: bool = False, quiet: bool = False) -> Display:
    """The display that suits where the output goes; a quiet one shows nothing but the end."""
    if quiet:
        return Silence()
    if json_lines:
        return JsonLines()
    return Screen() if sys.stdout.isatty() else Lines()


class Silence:
    """Shows nothing."""

    tells_the_end: bool = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def show(self, sight: Sight) -> None:
        """Show nothing."""


class JsonLines(Silence):
    """One JSON document a line: the operation after each change."""

    def show(self, sight: Sight) -> None:
        """Print it, unless the server is away: then nothing is known to have changed."""
        if sight.silent_for is None:
            show_json_line(sight.operation)


class Lines(Silence):
    """One line for each change."""

    def __init__(self) -> None:
        self._shown: tuple[object, ...] = ()
        self._numbers: tuple[object, ...] = ()
        self._at = 0.0
        self._away = False

    def show(self, sight: Sight) -> None:
        """Print a line when something moved, and numbers at most once a second."""
        if sight.silent_for is not None:
            if not self._away:
                show_line(plain_line(sight.operation, note="the server is away: waiting for it"))
            self._away = True
            return
        moved = (sight.operation.state, *(step.state for step in sight.operation.steps), self._away)
        progress = last_progress(sight.operation)
        numbers = (progress.calls_left, progress.setups, progress.refused, progress.ended) if progress else ()
        due = numbers != self._numbers and time.monotonic() - self._at >= QUIET_LINES
        if moved != self._shown or due:
            show_line(plain_line(sight.operation, note="the server is back" if self._away else ""))
            self._away = False
            self._shown = (*moved[:-1], False)
            self._numbers, self._at = numbers, time.monotonic()


def plain_line(operation: Operation, *, note: str = "") -> str:
    """An operation on one line that can be searched: time, then `name=value`."""
    step = current_step(operation)
    fields = {
        "operation": operation.id,
        "element": operation.element,
        "state": operation.state,
        "step": f'"{step.label}"' if step else NONE,
        **_numbers(step.progress if step else last_progress(operation)),
        "note": f'"{note}"' if note else None,
        "reason": f'"{operation.reason}"' if operation.reason else None,
    }
    told = " ".join(f"{name}={value}" for name, value in fields.items() if value is not None)
    return f"{timestamp(time.time())} {told}"


def _numbers(progress: Progress | None) -> dict[str, str | None]:
    if progress is None:
        return {}
    return {
        "calls_left": str(progress.calls_left),
        "setups": str(progress.setups),
        "oldest": _seconds(progress.oldest_call),
        "empty_in": _seconds(progress.seconds_to_empty),
        "refused": str(progress.refused),
        "ended": str(progress.ended),
        "deadline_in": _seconds(progress.deadline_in),
        "waiting_for": f'"{progress.waiting_for}"',
    }


def _seconds(value: float | None) -> str:
    return NONE if value is None else f"{value:.1f}s"


class Screen(Silence):
    """The steps, the one in progress with its numbers, redrawn in place."""

    tells_the_end = True
    _live: "Live"

    def __init__(self) -> None:
        self._sight: Sight | None = None

    def __enter__(self) -> Self:
        from rich.live import Live  # noqa: PLC0415 - only who looks at a terminal waits for it

        self._live = Live(get_renderable=self._draw, refresh_per_second=8)
        self._live.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.__exit__(None, None, None)

    def show(self, sight: Sight) -> None:
        """Draw it."""
        self._sight = sight
        self._live.refresh()

    def _draw(self) -> "Text":
        from rich.text import Text  # noqa: PLC0415 - as above

        text = Text()
        if self._sight is not None:
            for line, style in screen_lines(self._sight, now=time.time()):
                text.append(f"{harmless(line)}\n", style=style)
        text.rstrip()
        return text


STYLES = {
    "running": "bold cyan",
    "done": "green",
    "failed": "bold red",
    "not_undone": "bold red",
    "undoing": "yellow",
    "undone": "yellow",
    "waiting": "dim",
}
"""How a step of each state is written."""


def screen_lines(sight: Sight, *, now: float) -> list[tuple[str, str]]:
    """What the screen shows: lines and their styles."""
    operation = sight.operation
    lines = [(f"  operation {operation.id}", "dim")]
    for step in operation.steps:
        lines.append((f"  {step_line(step, now=now)}", STYLES.get(step.state, "")))
        if step.progress and step.state in ("running", "undoing"):
            lines.append((f"      {progress_words(step.progress, awaited(operation))}", ""))
            lines.append((f"      waits for {step.progress.waiting_for}", "dim"))
    if sight.silent_for is not None:
        away = f"  the server has been away for {span(sight.silent_for)}; calls go on, and so does the operation"
        lines.append((f"{away} when it is back", "yellow"))
    if operation.settled:
        styles = {"succeeded": "bold green", "cancelled": "bold yellow"}
        lines.append((outcome_words(operation), styles.get(operation.state, "bold red")))
    elif operation.requests.cancel:
        lines.append(("  cancelled: taking back what was done", "yellow"))
    return lines


def goes_on(operation: Operation) -> str:
    """What to say to somebody who stops following."""
    left = last_progress(operation)
    calls = f", {counted(left.calls_left, 'call')} left" if left else ""
    return f"the operation goes on{calls}; `busyout operations watch {operation.id}` follows it again"
