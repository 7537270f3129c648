"""The lines of `sagehen cost`."""

from __future__ import annotations

from typing import Any

from sagehen.cli.cost import lines

COST: dict[str, Any] = {
    "items": [
        {
            **{"kind": "instance", "name": "i-1", "what": "1 × t3.micro", "idle": ""},
            **{"usdPerHour": 0.0104, "usdThisMonth": 0.0156},
        },
        {
            **{"kind": "notebook-instance", "name": "nb", "what": "1 × ml.other", "idle": "of no use"},
            **{"usdPerHour": None, "usdThisMonth": None},
        },
    ],
    **{"usdPerHour": 0.0104, "usdThisMonth": 0.0156, "usdMonthAtThisRate": 1.25, "usdIdlePerHour": 0.01},
    **{"unpriced": 1, "cut": ["sagemaker:ListEndpoints"], "leftOut": ["traffic", "taxes"], "note": "Prices."},
}


def test_a_table_with_its_sums_and_what_is_in_none() -> None:
    table, _, words = "\n".join(lines(COST)).partition("\n\n")
    assert [line.split() for line in table.splitlines()] == [
        ["KIND", "NAME", "WHAT", "USD/H", "USD", "THIS", "MONTH", "IDLE"],
        ["instance", "i-1", "1", "×", "t3.micro", "0.0104", "0.0156"],
        ["notebook-instance", "nb", "1", "×", "ml.other", "?", "?", "of", "no", "use"],
        ["all", "0.0104", "0.0156", "0.0100", "by", "the", "hour"],
    ]
    assert words.splitlines() == [
        "This month comes to 1.25 USD if all goes on.",
        "?: no price is known, and it is in no sum (1).",
        "There is more than was counted: sagemaker:ListEndpoints.",
        "Not in it: traffic; taxes.",
        "Prices.",
    ]


def test_nothing() -> None:
    assert len([*lines({**COST, "items": []})]) == 1
