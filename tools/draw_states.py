"""Draws docs/states/*.svg from the state tables of the domain.

`draw_states.py` writes the pictures; `draw_states.py --check` ends with 1 when one of them is not what the tables say.
The tables give states and transitions; only the place of each state is chosen here, by hand.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from html import escape
from pathlib import Path
from typing import Any

from busyout.domain.mode import GATE_TRANSITIONS
from busyout.domain.operation import OPERATION_TRANSITIONS, STEP_TRANSITIONS
from busyout.domain.states import ADMINISTRATIVE_TRANSITIONS

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "states"
COLUMN, ROW, WIDTH, HEIGHT, MARGIN, LEAD = 280, 104, 132, 44, 20, 44
"""Pixels: from one column or row to the next, size of a box, the space around, and for the mark of the beginning."""

LINE = 16
"""Pixels from one line of text to the next."""

BEND = 34
"""Pixels by which an arrow leaves the straight line where another one goes the other way."""

Transitions = Mapping[tuple[Any, Any], Any]
Point = tuple[float, float]
LIGHT = {"paper": "#ffffff", "ink": "#1f2933", "soft": "#52606d", "box": "#eef2f6", "end": "#d5dfe9"}
DARK = {"paper": "#14181d", "ink": "#e6ebf0", "soft": "#9fb0c0", "box": "#232b34", "end": "#3a4857"}
COLOURS = """\
.paper { fill: %(paper)s; }
.state { fill: %(box)s; stroke: %(ink)s; }
.end { fill: %(end)s; }
.arrow { stroke: %(soft)s; }
.head, .start, .event { fill: %(soft)s; }
.event { stroke: %(paper)s; }
.name { fill: %(ink)s; }
"""
SHAPES = """\
text { font: 14px system-ui, sans-serif; text-anchor: middle; }
.event { font-size: 13px; paint-order: stroke; stroke-width: 9px; stroke-linejoin: round; }
.state { stroke-width: 1.4; }
.end { stroke-width: 2.8; }
.arrow { fill: none; stroke-width: 1.4; marker-end: url(#head); }
"""
STYLE = f"{SHAPES}{COLOURS % LIGHT}@media (prefers-color-scheme: dark) {{\n{COLOURS % DARK}}}\n"
HEAD = (
    '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto">'
    '<path class="head" d="M0 0L10 5L0 10z"/></marker></defs>'
)


@dataclass(frozen=True, slots=True)
class Drawing:
    """One picture: a table, and where its states stand."""

    name: str
    title: str
    transitions: Transitions
    places: Mapping[str, Point]
    """Column and row of each state, by its value. The first state of the enum is where everything begins."""


DRAWINGS = (
    Drawing(
        "administrative",
        "Administrative state of an element (ITU-T X.731)",
        ADMINISTRATIVE_TRANSITIONS,
        {"unlocked": (0, 1.5), "shutting_down": (1, 0), "locked": (2, 1.5)},
    ),
    Drawing(
        "operation",
        "State of an operation",
        OPERATION_TRANSITIONS,
        {
            "waiting": (0, 1.5),
            "running": (1, 1.5),
            "succeeded": (2, 0),
            "unknown": (2, 1),
            "undoing": (2, 2),
            "failed": (3, 2),
            "cancelling": (2, 3),
            "cancelled": (3, 3),
        },
    ),
    Drawing(
        "step",
        "State of a step of an operation",
        STEP_TRANSITIONS,
        {
            "waiting": (0, 1),
            "running": (1, 1),
            "done": (2, 0),
            "failed": (2, 1),
            "unknown": (2, 2),
            "undoing": (3, 0.5),
            "undone": (4, 0),
            "not_undone": (4, 1),
        },
    ),
    Drawing(
        "gate",
        "Gate of one server of the context services",
        GATE_TRANSITIONS,
        {
            "shut": (0, 2),
            "in_production": (1.2, 0),
            "in_maintenance": (1.2, 4),
            "to_maintenance": (2.7, 0.8),
            "to_production": (2.2, 3.2),
        },
    ),
)


def main(arguments: list[str]) -> int:
    """Write the pictures or check them; the exit code."""
    stale = [drawing for drawing in DRAWINGS if not up_to_date(drawing)]
    if "--check" in arguments:
        for drawing in stale:
            print(f"docs/states/{drawing.name}.svg is not what the table says; `make docs` draws it")
        return int(bool(stale))
    FOLDER.mkdir(parents=True, exist_ok=True)
    for drawing in stale:
        (FOLDER / f"{drawing.name}.svg").write_text(draw(drawing), encoding="utf-8")
    return 0


def up_to_date(drawing: Drawing) -> bool:
    """Whether the file there is what would be drawn."""
    path = FOLDER / f"{drawing.name}.svg"
    return path.exists() and path.read_text(encoding="utf-8") == draw(drawing)


def draw(drawing: Drawing) -> str:
    """The picture as SVG."""
    states: list[Any] = list(states_of(drawing.transitions))
    if missing := [state.value for state in states if state.value not in drawing.places]:
        raise SystemExit(f"{drawing.name}: no place for {', '.join(missing)}; give them one in tools/draw_states.py")
    centres = {state: centre(drawing.places[state.value]) for state in states}
    leaving = {state for state, _ in drawing.transitions}
    drawn = arrows(drawing.transitions)
    parts = [start(centres[states[0]])]
    parts += [arrow(centres, pair, words, both=pair[::-1] in drawn) for pair, words in drawn.items()]
    parts += [box(state.value, centres[state], ends=state not in leaving) for state in states]
    return framed(drawing.title, parts, size=corner(list(centres.values())))


def states_of(transitions: Transitions) -> type[Enum]:
    """The enum of the states of a table."""
    return type(next(iter(transitions.values())))


def corner(centres: list[Point]) -> Point:
    """Width and height of the picture."""
    right, bottom = max(x for x, _ in centres), max(y for _, y in centres)
    return right + WIDTH / 2 + MARGIN, bottom + HEIGHT / 2 + MARGIN


def framed(title: str, parts: list[str], *, size: Point) -> str:
    """A whole SVG document."""
    width, height = size
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" aria-labelledby="title">',
        f'<title id="title">{escape(title)}</title>',
        f"<style>\n{STYLE}</style>",
        HEAD,
        '<rect class="paper" width="100%" height="100%"/>',
        *parts,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def centre(place: Point) -> Point:
    """Middle of the box at a column and row, in pixels."""
    column, row = place
    return MARGIN + LEAD + WIDTH / 2 + column * COLUMN, MARGIN + HEIGHT / 2 + row * ROW


def arrows(transitions: Transitions) -> dict[tuple[Enum, Enum], list[str]]:
    """The events on each arrow: several may lead from one state to the same other."""
    drawn: dict[tuple[Enum, Enum], list[str]] = {}
    for (source, event), target in transitions.items():
        drawn.setdefault((source, target), []).append(event.value)
    return drawn


def arrow(centres: Mapping[Any, Point], pair: tuple[Any, Any], words: list[str], *, both: bool) -> str:
    """One arrow with its events, bent where there is one back."""
    (x1, y1), (x2, y2) = centres[pair[0]], centres[pair[1]]
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    bend = BEND if both else 0
    across = (-(y2 - y1) / length, (x2 - x1) / length)
    middle = ((x1 + x2) / 2 - across[0] * bend, (y1 + y2) / 2 - across[1] * bend)
    begin, end = edge((x1, y1), middle), edge((x2, y2), middle)
    label = (0.25 * begin[0] + 0.5 * middle[0] + 0.25 * end[0], 0.25 * begin[1] + 0.5 * middle[1] + 0.25 * end[1])
    path = f'<path class="arrow" d="M{point(begin)}Q{point(middle)} {point(end)}"/>'
    return path + text("event", words, label)


def edge(middle_of_box: Point, towards: Point) -> Point:
    """Where the line from the middle of a box to a point leaves the box."""
    dx, dy = towards[0] - middle_of_box[0], towards[1] - middle_of_box[1]
    share = min(
        (WIDTH / 2 + 4) / abs(dx) if dx else float("inf"),
        (HEIGHT / 2 + 4) / abs(dy) if dy else float("inf"),
    )
    return middle_of_box[0] + dx * share, middle_of_box[1] + dy * share


def box(name: str, at: Point, *, ends: bool) -> str:
    """A state; one that nothing leaves has a strong border."""
    x, y = at[0] - WIDTH / 2, at[1] - HEIGHT / 2
    kind = "state end" if ends else "state"
    shape = f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{WIDTH}" height="{HEIGHT}" rx="9"/>'
    return shape + text("name", [name], at)


def start(at: Point) -> str:
    """The mark of the state where everything begins."""
    x, y = at[0] - WIDTH / 2, at[1]
    return (
        f'<circle class="start" cx="{x - 40:g}" cy="{y:g}" r="5"/><path class="arrow" d="M{x - 34:g} {y:g}H{x - 4:g}"/>'
    )


def text(kind: str, lines: list[str], at: Point) -> str:
    """Lines of words around a point."""
    top = at[1] - LINE * (len(lines) - 1) / 2
    spoken = [line.replace("_", " ") for line in lines]
    return "".join(
        f'<text class="{kind}" x="{at[0]:.1f}" y="{top + LINE * number:.1f}" dy="0.35em">{escape(line)}</text>'
        for number, line in enumerate(spoken)
    )


def point(at: Point) -> str:
    """A point as SVG writes it."""
    return f"{at[0]:.1f} {at[1]:.1f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
