"""Writes docs/faces/NAME.md from the conformance.toml of each face.

`write_faces.py` writes the pages; `write_faces.py --check` ends with 1 when one of them is not what the file says.
"""

import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FACES = ROOT / "src" / "busyout" / "faces"
PAGES = ROOT / "docs" / "faces"
MEANING = {
    "served": "as the document has it",
    "departs": "differently, for the reason given",
    "chosen": "the document is silent or contradicts itself; this is our choice",
    "absent": "not served",
}


def main(arguments: list[str]) -> int:
    """Write the pages or check them; the exit code."""
    pages = {source.parent.name: page(source) for source in sorted(FACES.glob("*/conformance.toml"))}
    stale = [name for name, text in pages.items() if read(PAGES / f"{name}.md") != text]
    orphans = [path for path in sorted(PAGES.glob("*.md")) if path.stem not in pages]
    if "--check" in arguments:
        for name in [*stale, *(path.stem for path in orphans)]:
            print(f"docs/faces/{name}.md is not what conformance.toml says; `make docs` writes it")
        return int(bool(stale or orphans))
    PAGES.mkdir(exist_ok=True)
    for name in stale:
        (PAGES / f"{name}.md").write_text(pages[name], encoding="utf-8")
    for path in orphans:
        path.unlink()
    return 0


def read(path: Path) -> str | None:
    """What a page says; None when it is not there."""
    return path.read_text(encoding="utf-8") if path.exists() else None


def page(source: Path) -> str:
    """The page of one face."""
    contents = tomllib.loads(source.read_text(encoding="utf-8"))
    document = contents["document"]
    counted = Counter(row["status"] for row in contents["row"])
    summary = ", ".join(f"{counted[status]} {status} ({meaning})" for status, meaning in MEANING.items())
    named = [document[key] for key in ("title", "number", "date") if document.get(key)]
    return "\n".join(
        [
            f"# The face `{source.parent.name}` and its document",
            "",
            f"*{named[0]}*{''.join(', ' + word for word in named[1:])}.",
            "",
            f"Written by `make docs` from `faces/{source.parent.name}/conformance.toml`, where each row also names the",
            "tests that prove it.",
            "",
            f"Of {len(contents['row'])} rows: {summary}.",
            "",
            "| section | the document asks for | | how it is answered |",
            "| --- | --- | --- | --- |",
            *rows(contents["row"]),
            "",
        ]
    )


def rows(found: list[dict[str, Any]]) -> Iterator[str]:
    """One line for each row."""
    for row in found:
        cells = (row["section"], row["asks"], row["status"], row.get("because", ""))
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
