"""docs/logging.md names every event of the log with its level and fields, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| (.*?) \| .+ \|$", re.MULTILINE)


def logged(source: str) -> Iterator[tuple[str, str, str]]:
    """Event, level and fields of every call of a logger."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="log"), attr=level)) if level in LEVELS:
                event = ast.literal_eval(node.args[0])
                extra = next((word.value for word in node.keywords if word.arg == "extra"), ast.Dict([], []))
                fields = [ast.literal_eval(key) for key in extra.keys if key]
                yield event, {"exception": "error"}.get(level, level), ", ".join(f"`{name}`" for name in fields)


def test_the_page_on_logging_names_every_event():
    told = {found for path in (ROOT / "src").rglob("*.py") for found in logged(path.read_text(encoding="utf-8"))}
    page = (ROOT / "docs" / "logging.md").read_text(encoding="utf-8")
    assert sorted(ROW.findall(page)) == sorted(told)


def test_an_event_with_its_fields_is_recognised():
    source = "log.exception('broke', extra={'step': 1, 'pid': 2})\nlog.info('ready')\n"
    assert list(logged(source)) == [("broke", "error", "`step`, `pid`"), ("ready", "info", "")]
