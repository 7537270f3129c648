"""`sagehen cost`: what all that is here costs at AWS's list prices, by the hour and this month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sagehen.cli.operator import document

_HEAD = ("KIND", "NAME", "WHAT", "USD/H", "USD THIS MONTH", "IDLE")
_FIRST_FIGURE, _LAST_FIGURE = _HEAD.index("USD/H"), _HEAD.index("USD THIS MONTH")


def show(data_folder: Path) -> None:
    """Print the console's document of costs."""
    for line in lines(document(data_folder, "cost")):
        print(line)


def lines(cost: Mapping[str, Any]) -> Iterator[str]:
    """Return the document as a table with its sums, what is in no sum, and where prices are from."""
    if not cost["items"]:
        yield "nothing is here that AWS would charge by the hour, and nothing has run this month"
        return
    rows = [_HEAD, *map(_row, cost["items"]), _sums(cost)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    for row in rows:
        yield "  ".join(
            text.rjust(width) if _FIRST_FIGURE <= column <= _LAST_FIGURE else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
    yield ""
    yield f"This month comes to {cost['usdMonthAtThisRate']:.2f} USD if all goes on."
    if cost["unpriced"]:
        yield f"?: no price is known, and it is in no sum ({cost['unpriced']})."
    if cost["cut"]:
        yield f"There is more than was counted: {', '.join(cost['cut'])}."
    yield f"Not in it: {'; '.join(cost['leftOut'])}."
    yield cost["note"]


def _row(item: Mapping[str, Any]) -> tuple[str, ...]:
    figures = _usd(item["usdPerHour"]), _usd(item["usdThisMonth"])
    return item["kind"], item["name"], item["what"], *figures, item["idle"]


def _sums(cost: Mapping[str, Any]) -> tuple[str, ...]:
    idle = f"{_usd(cost['usdIdlePerHour'])} by the hour" if cost["usdIdlePerHour"] else ""
    return "all", "", "", _usd(cost["usdPerHour"]), _usd(cost["usdThisMonth"]), idle


def _usd(usd: float | None) -> str:
    return "?" if usd is None else f"{usd:.4f}"
