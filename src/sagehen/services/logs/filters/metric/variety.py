"""Variety: how many different metrics the lines of a group may make in embedded metric format.

AWS bills each; here whoever may print a line could fill the disk with them, without any right to put metrics.
"""

from __future__ import annotations

import logging

from sagehen.domain.ports.observing.logged_metrics import LoggedDatum
from sagehen.services.logs.events.outbox import Entry

_log = logging.getLogger(__name__)

MOST_METRICS = 10_000
# Groups that are remembered; beyond that the first one begins to count anew.
_MOST_GROUPS = 64


class Variety:
    """Which metrics groups have made since the platform was started."""

    def __init__(self) -> None:
        self._made: dict[int, set[int]] = {}

    def forget(self) -> None:
        """Begin anew."""
        self._made.clear()

    def may_make(self, entry: Entry, datum: LoggedDatum) -> bool:
        """Count a datum's metric in, and tell whether its group may make it."""
        if entry.group_id not in self._made and len(self._made) >= _MOST_GROUPS:
            del self._made[next(iter(self._made))]
        made = self._made.setdefault(entry.group_id, set())
        metric = hash((datum.namespace, datum.name, tuple(sorted(datum.dimensions.items()))))
        if metric in made:
            return True
        if len(made) >= MOST_METRICS:
            return False
        made.add(metric)
        if len(made) == MOST_METRICS:
            _log.warning("%s has made %d metrics: it makes no further ones", entry.group, MOST_METRICS)
        return True
