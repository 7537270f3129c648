"""Table and Row: what a benchmark found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table.

    Args:
        what: What was measured, with its conditions.
        ours: The platform's figure, with its unit.
        peer: The same of what it is compared with, or "".
        ratio: How they compare, e.g. "5.2 times", or "".
        note: What the reader must know: an aim, a doubt, a difference in what is done.
    """

    what: str
    ours: str
    peer: str = ""
    ratio: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A benchmark's result.

    Args:
        title: The heading.
        rows: The lines.
        peer: What the peer column holds.
        method: How it was measured, in a sentence or two.
    """

    title: str
    rows: list[Row] = field(default_factory=list)
    peer: str = "peer"
    method: str = ""

    def markdown(self) -> str:
        """Return heading, method and table, in Markdown; columns that hold nothing are left out."""
        names = ("", "Sagehen", self.peer, "ratio", "note")
        lines = [(row.what, row.ours, row.peer, row.ratio, row.note) for row in self.rows]
        used = [n for n in range(len(names)) if n < 2 or any(line[n] for line in lines)]
        text = [f"## {self.title}", ""]
        if self.method:
            text += [self.method, ""]
        text.append(_line(names[n] for n in used))
        text.append(_line("---" if n == 0 or n == 4 else "---:" for n in used))
        text += [_line(line[n] for n in used) for line in lines]
        return "\n".join(text) + "\n"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def milliseconds(seconds: float) -> str:
    """Write a duration with three digits that mean something: `0.412 ms`, `37.1 ms`."""
    value = seconds * 1000
    return f"{value:.3f} ms" if value < 1 else f"{value:.2f} ms" if value < 10 else f"{value:.1f} ms"


def per_second(rate: float) -> str:
    """Write a rate: `1,234 /s`, `8.1 /s`."""
    return f"{rate:,.0f} /s" if rate >= 100 else f"{rate:.1f} /s"


def times(ours: float, peer: float) -> str:
    """Write how many times `ours` is of `peer` (rates), or "" where there is no peer."""
    return f"{ours / peer:.1f} times" if peer else ""
