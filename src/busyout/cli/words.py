"""What the command line says of elements, operations, calls, alarms and events. Pure."""

from typing import Any

from busyout.cli.text import NONE, counted, flat, lasted, span
from busyout.wire.native import (
    Alarm,
    Call,
    Element,
    Event,
    Operation,
    Progress,
    Step,
    SwitchMode,
    TableDifference,
    TrunkStatus,
    Within,
)

MARKS = {"waiting": "·", "running": "▸", "done": "✓", "failed": "✗", "undoing": "◂", "undone": "↩", "not_undone": "✗"}
"""One sign for each state of a step."""


def state_of(element: Element) -> str:
    """What an operator wants to know first: the decided state, or that it does not work."""
    state = element.administrative.replace("_", " ")
    return state if element.operational == "enabled" else f"{state}, {element.operational}"


ELEMENT_TITLES = ("NAME", "KIND", "STATE", "USAGE", "CALLS", "SETUPS", "PID", "UP", "ENGINE", "UNSAVED")


def element_row(element: Element, *, now: float) -> tuple[str, ...]:
    """An element as a row under `ELEMENT_TITLES`."""
    load = element.load
    return (
        element.name,
        element.kind,
        state_of(element),
        element.usage,
        str(load.calls) if load else NONE,
        str(load.setups) if load else NONE,
        str(element.pid or NONE),
        span(lasted(element.up_since, None, now=now)),
        element.versions.engine or NONE,
        "yes" if element.save_needed else "no",
    )


def element_lines(element: Element, *, now: float) -> list[str]:
    """Everything about one element, a line for each thing."""
    load = element.load
    facts = {
        "name": element.name,
        "kind": f"{element.kind} (driver {element.driver})",
        "state": f"{state_of(element)}, {element.usage}",
        "calls": f"{counted(load.calls, 'call')}, {counted(load.setups, 'set-up')}" if load else "it does not answer",
        "engine": f"{element.versions.engine or 'unknown'}, process {element.pid or NONE}, "
        f"up {span(lasted(element.up_since, None, now=now))}",
        "running": element.versions.running + (" (not saved)" if element.save_needed else ""),
        "startup": element.versions.startup,
        "refused": f"callers are told to come back after {element.retry_after} s",
        "can": ", ".join(element.capabilities) or NONE,
        "seen": f"{span(lasted(element.seen_at, None, now=now))} ago",
    }
    return [f"{name:8}  {value}" for name, value in facts.items()]


OPERATION_TITLES = ("ID", "ELEMENT", "COMMAND", "STATE", "STEP", "BY", "STARTED", "TOOK", "REASON")


def operation_row(operation: Operation, *, now: float) -> tuple[str, ...]:
    """An operation as a row under `OPERATION_TITLES`."""
    step = current_step(operation)
    return (
        operation.id,
        operation.element,
        command_words(operation),
        operation.state,
        step.label if step else NONE,
        operation.actor,
        operation.created_at,
        span(lasted(operation.created_at, operation.settled_at, now=now)),
        operation.reason or NONE,
    )


def command_words(operation: Operation) -> str:
    """The command and how long it waits for calls, such as `restart until idle`."""
    command = operation.command
    tag = str(command.__struct_config__.tag).replace("_", " ")
    if isinstance(command, SwitchMode):
        tag += f" to {command.mode}"
    policy = getattr(command, "policy", None)
    if policy is None:
        return tag
    if isinstance(policy, Within):
        return f"{tag} within {policy.seconds:g} s"
    return f"{tag} {str(policy.__struct_config__.tag).replace('_', ' ')}"


def current_step(operation: Operation) -> Step | None:
    """The step in progress; None when no step is."""
    return next((step for step in operation.steps if step.state in ("running", "undoing")), None)


def last_progress(operation: Operation) -> Progress | None:
    """The newest progress that any step has told; None when none has."""
    return next((step.progress for step in reversed(operation.steps) if step.progress), None)


def awaited(operation: Operation) -> str:
    """What an operation waits for."""
    return "request" if isinstance(operation.command, SwitchMode) else "call"


def progress_words(progress: Progress, thing: str = "call") -> str:
    """A drain at a glance; `thing` is what it waits for."""
    parts = [f"{counted(progress.calls_left, thing)} left"]
    if progress.setups:
        parts.append(counted(progress.setups, "set-up"))
    if progress.oldest_call is not None:
        parts.append(f"oldest {span(progress.oldest_call)}")
    if progress.seconds_to_empty is not None and progress.calls_left:
        parts.append(f"empty in about {span(progress.seconds_to_empty)}")
    parts.append(f"{progress.refused} refused")
    if progress.ended:
        parts.append(f"{progress.ended} ended by us")
    if progress.deadline_in is not None:
        parts.append(f"deadline in {span(progress.deadline_in)}")
    return ", ".join(parts)


def step_line(step: Step, *, now: float) -> str:
    """A step with its mark, its time and what came of it."""
    took = lasted(step.started_at, step.ended_at, now=now)
    text = f"{MARKS.get(step.state, '?')} {step.label}"
    if step.state not in ("waiting", "running", "done"):
        text += f" ({step.state.replace('_', ' ')})"
    if took is not None:
        text += f"  {span(took)}"
    return text + (f"  {step.reason}" if step.reason else "")


def operation_lines(operation: Operation, *, now: float) -> list[str]:
    """Everything about one operation, a line for each thing."""
    lines = [
        f"operation  {operation.id}",
        f"element    {operation.element}",
        f"command    {command_words(operation)}",
        f"state      {operation.state}",
        f"asked      by {operation.actor} ({operation.face}) at {operation.created_at}",
    ]
    if operation.retry_of:
        lines.append(f"repeats    {operation.retry_of}")
    if operation.reason:
        lines.append(f"reason     {operation.reason}")
    for step in operation.steps:
        lines.append(f"  {step_line(step, now=now)}")
        if step.progress:
            lines.append(f"      {progress_words(step.progress, awaited(operation))}")
            lines += [f"      ended by us: {call}" for call in step.progress.ended_calls]
    return lines


def outcome_words(operation: Operation) -> str:
    """How a settled operation ended, in one sentence."""
    took = span(lasted(operation.created_at, operation.settled_at, now=0.0))
    what = f"{operation.element}: {command_words(operation)} {operation.state} after {took}"
    progress = last_progress(operation)
    if progress is not None and awaited(operation) == "request":
        what += f"; {counted(progress.refused, 'request')} refused"
    elif progress is not None:
        what += f"; {cut_words(progress)}, {counted(progress.refused, 'new call')} refused"
    return what + (f": {operation.reason}" if operation.reason else "")


def cut_words(progress: Progress) -> str:
    """What became of the calls that did not end by themselves."""
    ended = f"{counted(progress.ended, 'call')} ended by us" if progress.ended else ""
    lost = f"{counted(progress.lost, 'call')} lost from sight when the engine ended by itself" if progress.lost else ""
    return ", ".join(part for part in (ended, lost) if part) or "no call was cut"


CALL_TITLES = ("ID", "STATE", "AGE", "CALLER", "CALLEE", "TRUNK")


def call_row(call: Call, *, now: float) -> tuple[str, ...]:
    """A call as a row under `CALL_TITLES`."""
    age = span(lasted(call.since, None, now=now))
    return (call.id, call.state, age, call.caller, call.callee, call.trunk or NONE)


TRUNK_TITLES = ("ID", "ADDRESS", "STATE", "IN USE", "SINCE", "ROUND TRIP")


def trunk_row(trunk: TrunkStatus) -> tuple[str, ...]:
    """A trunk as a row under `TRUNK_TITLES`."""
    in_use = "yes" if trunk.enabled else "no"
    return (trunk.id, trunk.uri, trunk.operational, in_use, trunk.since, span(trunk.round_trip))


ALARM_TITLES = ("ID", "SEVERITY", "ELEMENT", "SOURCE", "NAME", "RAISED", "TEXT")


def alarm_row(alarm: Alarm) -> tuple[str, ...]:
    """An alarm as a row under `ALARM_TITLES`."""
    return (str(alarm.id), alarm.severity, alarm.element, alarm.source, alarm.name, alarm.raised_at, alarm.text)


def event_line(event: Event) -> str:
    """An event on one line, its data as `name=value`."""
    subject = " ".join(part for part in (event.element, event.operation) if part) or NONE
    data = " ".join(f"{name}={flat(value)}" for name, value in event.data.items() if value is not None)
    return f"{event.at} {event.id} {event.type} {subject} {data}".rstrip()


def difference_lines(difference: TableDifference) -> list[str]:
    """What differs in a table, a line for each row: `+` added, `-` removed, `~` changed."""
    lines = [f"+ {difference.table} {_row_words(row)}" for row in difference.added]
    lines += [f"- {difference.table} {_row_words(row)}" for row in difference.removed]
    for before, after in difference.changed:
        moved = [f"{name}: {before.get(name)} → {after[name]}" for name in after if before.get(name) != after[name]]
        lines.append(f"~ {difference.table} {after.get('index')} {', '.join(moved)}")
    return lines


def _row_words(row: dict[str, Any]) -> str:
    return " ".join(f"{name}={flat(value)}" for name, value in row.items() if value != "")
