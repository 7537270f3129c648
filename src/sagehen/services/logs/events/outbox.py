"""Outbox: which stored events are still to be shown to filters. Written with the events themselves.

A row names a run of events of one stream; it goes when every filter has seen them. So what was
acknowledged reaches its subscriptions also after `kill -9`: at least once, as on AWS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sagehen.domain.scope import Scope
from sagehen.store.database import Database, Transaction

_BITE = 500  # rows deleted in one transaction


@dataclass(frozen=True, slots=True)
class Entry:
    """A run of events.

    Args:
        scope: Of the group.
        group, stream: Names.
        group_class: Of the group.
        first_ms, last_ms: Bounds of the events' times.
        first_sequence, last_sequence: Bounds of their sequences.
    """

    id: int
    scope: Scope
    group_id: int
    group: str
    group_class: str
    stream_id: int
    stream: str
    first_ms: int
    last_ms: int
    first_sequence: int
    last_sequence: int


class Outbox:
    """The rows, and which groups have any filter at all.

    Events of others are noted only where one of them may be in embedded metric format.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._watched: frozenset[int] = frozenset()

    def watch(self) -> None:
        """Look up anew which groups have filters."""
        rows = self._database.all(
            "SELECT group_id FROM log_metric_filters UNION SELECT group_id FROM log_subscription_filters"
        )
        self._watched = frozenset(row["group_id"] for row in rows)

    def note(
        self,
        tx: Transaction,
        group_id: int,
        stream_id: int,
        times: Sequence[int],
        last_sequence: int,
        *,
        embeds: bool,
    ) -> None:
        """Note events that are stored in this transaction, with consecutive sequences.

        Args:
            embeds: Whether one of them may hold embedded metrics.
        """
        if embeds or group_id in self._watched:
            tx.execute(
                "INSERT INTO log_outbox"
                " (group_id, stream_id, first_ms, last_ms, first_sequence, last_sequence)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (
                    group_id,
                    stream_id,
                    min(times),
                    max(times),
                    last_sequence - len(times) + 1,
                    last_sequence,
                ),
            )

    def first(self, limit: int) -> list[Entry]:
        """Return the oldest entries whose stream is still there."""
        rows = self._database.all(
            "SELECT o.*, g.account_id, g.region, g.name AS group_name, g.class, s.name AS stream_name"
            " FROM log_outbox o JOIN log_groups g ON g.id = o.group_id"
            " JOIN log_streams s ON s.id = o.stream_id ORDER BY o.id LIMIT ?",
            (limit,),
        )
        return [
            Entry(
                row["id"],
                Scope(row["account_id"], row["region"]),
                row["group_id"],
                row["group_name"],
                row["class"],
                row["stream_id"],
                row["stream_name"],
                row["first_ms"],
                row["last_ms"],
                row["first_sequence"],
                row["last_sequence"],
            )
            for row in rows
        ]

    async def remove(self, upto: int) -> None:
        """Forget entries up to an id, those of deleted streams among them."""
        await self._database.execute("DELETE FROM log_outbox WHERE id <= ?", (upto,))

    async def sweep(self) -> None:
        """Forget entries of deleted streams that no later entry has taken along."""
        sql = (
            "DELETE FROM log_outbox WHERE id IN (SELECT o.id FROM log_outbox o"
            " WHERE NOT EXISTS (SELECT 1 FROM log_streams s WHERE s.id = o.stream_id) LIMIT ?)"
        )
        while await self._database.execute(sql, (_BITE,)) == _BITE:
            pass
