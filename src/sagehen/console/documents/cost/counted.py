"""What the ledger has counted this month, in dollars; and what of it is gone."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sagehen.console.documents.asking import Seen
from sagehen.console.documents.cost.item import Item, price_of
from sagehen.console.ledger.records import Counted
from sagehen.simulation.bill.prices import Prices

_HOUR_S = 3600
# Who may list these may see what of them is gone.
_LISTED_BY = {
    "endpoint": "sagemaker:ListEndpoints",
    "notebook-instance": "sagemaker:ListNotebookInstances",
    "function": "lambda:ListFunctions",
    "instance": "ec2:DescribeInstances",
    "volume": "ec2:DescribeVolumes",
}


# Of functions that are gone; those that are there tell their own.
_ARCHITECTURE = "x86_64"


class Sums:
    """Sums of the month.

    Args:
        counted: The ledger's.
        prices: Of functions.
    """

    def __init__(self, counted: Sequence[Counted], prices: Prices) -> None:
        self.counted = counted
        self._prices = prices

    def usd(self, kind: str, name: str, part: str | None = None) -> float | None:
        """Return what something has cost, 0 for nothing; None where a price is not known.

        Args:
            part: One of it; None for all.
        """
        found = [one for one in self.counted if (one.kind, one.name) == (kind, name)]
        costs = [self.of(one) for one in found if part is None or one.part == part]
        known = [cost for cost in costs if cost is not None]
        return sum(known) if len(known) == len(costs) else None

    def gb_seconds(self, function: str) -> float:
        """Return the GB-seconds of a function's provisioned concurrency."""
        return sum(one.seconds for one in self.counted if (one.kind, one.name) == ("function", function))

    def of(self, one: Counted) -> float | None:
        """Return what one row has cost.

        Worked example: two ml.m5.large for an hour are 7,200 s at a 3,600th of their price.
        """
        if one.usd is not None:
            return one.usd
        if one.kind == "function":
            return one.seconds * self._prices.provisioned_per_gb_s[_ARCHITECTURE]
        price = price_of(one.type)
        return None if price is None else one.seconds / _HOUR_S * price


def gone(seen: Seen, sums: Sums, here: Collection[tuple[str, str]]) -> list[Item]:
    """Return what cost something this month and is no more, or runs no more."""
    items = []
    for one in sums.counted:
        usd = sums.of(one)
        if (one.kind, one.name) in here or usd == 0 or not seen.allows(_LISTED_BY.get(one.kind, "none")):
            continue
        parted = ": ".join(filter(None, (one.part, one.type)))
        what = {"volume": one.part, "function": f"{one.part}: provisioned concurrency"}.get(one.kind, parted)
        items.append(Item(one.kind, one.name, f"{what}, which runs no more", 0.0, usd))
    return items
