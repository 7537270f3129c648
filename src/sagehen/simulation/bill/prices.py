"""Prices: a dated list, which a plan may correct."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars.

    Args:
        region, date, source: Where and when they held, and how that is known.
        per_hour: An instance of a type, hosting.
        per_request: An invocation of a function.
        per_gb_s: Its duration on demand, by architecture; INIT included.
        provisioned_per_gb_s: Provisioned concurrency, used or not.
        provisioned_duration_per_gb_s: Duration in it.
    """

    region: str
    date: str
    source: str
    per_hour: Mapping[str, float]
    per_request: float
    per_gb_s: Mapping[str, float]
    provisioned_per_gb_s: Mapping[str, float]
    provisioned_duration_per_gb_s: Mapping[str, float]

    def corrected(self, given: Mapping[str, float]) -> Prices:
        """Return them with what an operator knows better.

        Args:
            given: Instance types, or `request`, `gb_second`, `provisioned_gb_second`,
                `provisioned_duration_gb_second`.
        """
        types = {name: price for name, price in given.items() if name.startswith("ml.")}

        def of(name: str, table: Mapping[str, float]) -> Mapping[str, float]:
            return dict.fromkeys(table, given[name]) if name in given else table

        return replace(
            self,
            per_hour={**self.per_hour, **types},
            per_request=given.get("request", self.per_request),
            per_gb_s=of("gb_second", self.per_gb_s),
            provisioned_per_gb_s=of("provisioned_gb_second", self.provisioned_per_gb_s),
            provisioned_duration_per_gb_s=of(
                "provisioned_duration_gb_second", self.provisioned_duration_per_gb_s
            ),
            source=f"{self.source}; the plan's own: {', '.join(sorted(given))}" if given else self.source,
        )


OVERRIDES = ("request", "gb_second", "provisioned_gb_second", "provisioned_duration_gb_second")


@cache
def listed() -> Prices:
    """Return the list."""
    found = json.loads((files(__package__) / "prices.json").read_text())
    return Prices(
        found["region"],
        found["date"],
        found["source"],
        found["hosting_per_hour"],
        found["lambda_per_request"],
        found["lambda_per_gb_second"],
        found["lambda_provisioned_per_gb_second"],
        found["lambda_provisioned_duration_per_gb_second"],
    )
