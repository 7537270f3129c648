"""Every table has a line in docs/architecture/12-bounds.md that says what bounds it."""

from __future__ import annotations

import re
from pathlib import Path

_ROOT = Path(__file__).parents[3]


def test_each_table_has_its_bound_written_down() -> None:
    texts = [file.read_text() for file in (_ROOT / "src/sagehen").rglob("*.py")]
    made = {
        name
        for text in texts
        for name in re.findall(r"(?:CREATE TABLE (?:IF NOT EXISTS )?|^TABLE = \")(\w+)", text, re.MULTILINE)
    }
    # Those whose statements are made of constants.
    made |= {
        name
        for text in texts
        if "CREATE TABLE {" in text
        for name in re.findall(r"^[A-Z]+ = \"(\w+)\"$", text, re.MULTILINE)
    }
    text = (_ROOT / "docs/architecture/12-bounds.md").read_text()
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    told = {name for line in lines for name in re.findall(r"`(\w+)`", line.split("|")[1])}
    assert len(made) > 40
    assert made - told == set()
    assert {name for name in told if "_" in name and "/" not in name} - made == set()
