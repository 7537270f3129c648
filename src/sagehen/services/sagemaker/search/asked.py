"""Asked: one page of a search. Blocking: in a thread."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.api.pagination import encode_token
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.search.document import Document
from sagehen.services.sagemaker.search.expression import satisfies, visible
from sagehen.services.sagemaker.search.narrowing import SLACK_S, both, in_order, narrowed
from sagehen.services.sagemaker.search.ranking import Best, Place, place_of
from sagehen.services.sagemaker.search.resources import PROPERTIES
from sagehen.services.sagemaker.search.source import Source

# Ours. Some 0.1 ms of a thread each, of long ones more; and no more than one search goes on.
MOST_LOOKED_AT = 20_000
MOST_S = 4.0


class Within:
    """What one search may take, in a thread."""

    def __init__(self) -> None:
        self._left = MOST_LOOKED_AT
        self._until = time.thread_time() + MOST_S

    def is_over(self) -> bool:
        """Count one more, and tell whether it is too many."""
        self._left -= 1
        return self._left < 0 or time.thread_time() > self._until


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for, checked.

    Args:
        member: Of a SearchRecord.
        listing: What tokens are of.
        after: The place behind which the page begins.
        told: How many results came before it.
    """

    source: Source
    member: str
    expression: Mapping[str, Any] | None
    conditions: Mapping[str, str]
    sort_by: str
    ascending: bool
    listing: str
    most: int
    after: Place | None
    told: int

    def answer(self, scope: Scope) -> dict[str, Any]:
        """Return the page.

        Where the table is in the order that is asked for, it is read from the page's beginning to its end;
        else everything that may match is gone through, and the first are kept.
        """
        best = Best(self.most, self.ascending, self.after)
        columns = self.source.columns
        members = narrowed(self.expression, columns)
        order = in_order(self.sort_by, self.ascending, self.after, columns)
        if order is not None:
            members = both(members, order)
        within, whole, place = Within(), True, None
        for arn, thing in self.source.look(scope, members):
            if within.is_over():
                whole = False
                break
            place = place_of(thing, self.sort_by, arn)
            if order is not None and best.is_settled(place, SLACK_S):
                whole = False
                break
            if self._matches(thing):
                best.add(place, thing)
        found, last = best.first()
        if last is None and not whole and order is not None:
            last = place  # the next page goes on where this one had to end
        hits = best.count if order is None else self.told + best.behind
        told = encode_token((self.told + len(found), *last), listing=self.listing) if last else None
        return {
            "Results": [{self.member: self._shown(thing)} for thing in found],
            "NextToken": told,
            "TotalHits": {"Value": hits, "Relation": "EqualTo" if whole else "GreaterThanOrEqualTo"},
        }

    def _matches(self, thing: Mapping[str, Any]) -> bool:
        wanted = self.expression is None or satisfies(thing, self.expression)
        return wanted and visible(thing, self.conditions)

    def _shown(self, thing: Mapping[str, Any]) -> dict[str, Any]:
        return {name: _plain(thing[name]) for name in PROPERTIES[self.member] if name in thing}


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Document) else value
