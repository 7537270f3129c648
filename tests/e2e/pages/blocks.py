"""Blocks: what stands between fences on a page, and what has to become of each."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

_FENCED = re.compile(
    r"^(?:<!-- not run: (?P<why>.+?) -->\n)?```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.M | re.S
)
# `text` is what the block before it prints, or a drawing where none is before it.
KINDS = ("sh", "python", "text")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block.

    Args:
        kind: The word behind the fence.
        text: What is in it.
        line: Of the page, where it begins.
        reason: Why it is not run; empty where it is.
    """

    kind: str
    text: str
    line: int
    reason: str


def blocks_of(page: Path) -> list[Block]:
    """Return a page's blocks in order."""
    text = page.read_text()
    return [
        Block(found["kind"], found["text"], text.count("\n", 0, found.start("text")), found["why"] or "")
        for found in _FENCED.finditer(text)
    ]


def unlike(wanted: str, printed: str) -> str:
    """Return the first line of a `text` block that was not printed; `...` stands for anything in a line.

    Lines must come in order, with others between them. Spaces and tabs count as one space.
    """
    lines = iter(_one_space(line) for line in printed.splitlines())
    for line in map(_one_space, wanted.splitlines()):
        if line in ("", "..."):
            continue
        pattern = ".*".join(map(re.escape, line.split("...")))
        if not any(re.fullmatch(pattern, got) for got in lines):
            return line
    return ""


def _one_space(line: str) -> str:
    return " ".join(line.split())


def unpasteable(text: str) -> int:
    """Return the first line of a Python block at which a terminal's `>>>` trips; 0 where there is none.

    Up to Python 3.12 it ends a compound statement at an empty line, and only there.
    """
    lines = text.splitlines()
    statements = ast.parse(text).body
    for statement, following in zip(statements, [*statements[1:], None], strict=True):
        last = statement.end_lineno or statement.lineno
        if not isinstance(getattr(statement, "body", None), list):
            continue
        if following and lines[last].strip():
            return last + 1
        strings = [node for node in ast.walk(statement) if isinstance(node, ast.Constant | ast.JoinedStr)]
        within = {line for node in strings for line in range(node.lineno, (node.end_lineno or 0) + 1)}
        for line in range(statement.lineno, last):
            if not lines[line].strip() and line + 1 not in within:
                return line + 1
    return 0
