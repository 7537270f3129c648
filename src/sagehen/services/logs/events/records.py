"""Log events as SQLite holds them: in order of stream, time and sequence (see `event`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from sagehen.domain.scope import Scope
from sagehen.services.logs.embedded_metrics.document import may_embed
from sagehen.services.logs.events.event import (
    COUNTER_BITS,
    PAGE_BYTES,
    Ahead,
    Event,
    EventPairs,
    Position,
    StreamKey,
    event_bytes,
)
from sagehen.services.logs.events.outbox import Entry, Outbox
from sagehen.store.database import Database, Row, Transaction

# Rows of a stream that are read ahead of their turn at the most.
_WALK_ROWS = 200
# Rows of a stream that are gone through in no order but its own: a page takes 1 ms.
_EACH_ROWS = 500


def _event(row: Row) -> Event:
    return Event(row["stream_id"], Position(row["at_ms"], row["sequence"]), row["message"])


def _size(row: Row) -> int:
    return event_bytes(row["message"])


class EventRecords:
    """SQL about events but their expiry. What writes runs inside a transaction of the writer thread.

    Args:
        outbox: Notes what filters and embedded metrics have to see.
        taken: Says which sequence CloudWatch knows already, also where its stream is gone.
    """

    def __init__(self, database: Database, outbox: Outbox, taken: Callable[[], int] = lambda: 0) -> None:
        self._database = database
        self._outbox = outbox
        self._taken = taken
        self._last_sequence = 0

    # --- writing ---------------------------------------------------------------------------

    def append(self, tx: Transaction, batch: Mapping[StreamKey, EventPairs], now_ms: int) -> None:
        """Store events; groups and streams that are missing are made."""
        for (scope, group, stream), events in batch.items():
            group_id, stream_id = _ensure_stream(tx, scope, group, stream, now_ms)
            self.insert(tx, group_id, stream_id, events, now_ms)

    def insert(self, tx: Transaction, group_id: int, stream_id: int, events: EventPairs, now_ms: int) -> None:
        """Store the events of one existing stream."""
        # After a step back of the clock sequences go on from the last one that was given out.
        sequence = max(self._last_sequence, now_ms << COUNTER_BITS, self._stored_sequence(tx, stream_id))
        rows = []
        size = 0
        embeds = False
        for at_ms, message in events:
            sequence += 1
            size += event_bytes(message)
            embeds = embeds or may_embed(message)
            rows.append((stream_id, at_ms, sequence, message))
        self._last_sequence = sequence
        tx.executemany("INSERT INTO log_events VALUES (?, ?, ?, ?)", rows)
        times = [at_ms for at_ms, _ in events]
        tx.execute(
            "UPDATE log_streams SET first_ms = min(ifnull(first_ms, :first), :first),"
            " last_ms = max(ifnull(last_ms, :last), :last),"
            " ingested_ms = max(ifnull(ingested_ms, :ingested), :ingested) WHERE id = :stream",
            {
                "first": min(times),
                "last": max(times),
                "ingested": sequence >> COUNTER_BITS,
                "stream": stream_id,
            },
        )
        tx.execute("UPDATE log_groups SET stored_bytes = stored_bytes + ? WHERE id = ?", (size, group_id))
        self._outbox.note(tx, group_id, stream_id, times, sequence, embeds=embeds)

    def _stored_sequence(self, tx: Transaction, stream_id: int) -> int:
        """Return a bound above the sequences that an earlier life of the platform gave this stream."""
        if self._last_sequence:
            return 0
        row = tx.execute("SELECT max(ingested_ms) AS last FROM log_streams").fetchone()
        return max(((row["last"] or 0) + 1) << COUNTER_BITS, self._taken())

    # --- reading ---------------------------------------------------------------------------

    def after(
        self, stream_id: int, position: Position, end_ms: int, limit: int, most_bytes: int = PAGE_BYTES
    ) -> list[Event]:
        """Return the first events beyond `position` with a time before `end_ms`, oldest first.

        As many as are `most_bytes` together, at least one: there may be more although fewer than `limit`
        came.
        """
        return self._page(
            "SELECT * FROM log_events WHERE stream_id = ? AND (at_ms, sequence) > (?, ?) AND at_ms < ?"
            " ORDER BY at_ms, sequence LIMIT ?",
            (stream_id, position.at_ms, position.sequence, end_ms, limit),
            most_bytes,
        )

    def _page(self, sql: str, parameters: Sequence[int], most_bytes: int) -> list[Event]:
        rows, _ = self._database.within(sql, parameters, most_bytes=most_bytes, size=_size)
        return [_event(row) for row in rows]

    def run_of(self, entry: Entry) -> list[Event]:
        """Return the events that an outbox entry names, in order of arrival. Blocking."""
        rows = self._database.all(
            "SELECT * FROM log_events WHERE stream_id = ? AND at_ms BETWEEN ? AND ?"
            " AND sequence BETWEEN ? AND ? ORDER BY sequence",
            (entry.stream_id, entry.first_ms, entry.last_ms, entry.first_sequence, entry.last_sequence),
        )
        return [_event(row) for row in rows]

    def before(
        self, stream_id: int, position: Position, start_ms: int, limit: int, most_bytes: int = PAGE_BYTES
    ) -> list[Event]:
        """Return the last events short of `position` with a time from `start_ms` on, newest first.

        As many as are `most_bytes` together, like `after`.
        """
        return self._page(
            "SELECT * FROM log_events WHERE stream_id = ? AND (at_ms, sequence) < (?, ?) AND at_ms >= ?"
            " ORDER BY at_ms DESC, sequence DESC LIMIT ?",
            (stream_id, position.at_ms, position.sequence, start_ms, limit),
            most_bytes,
        )

    def walk(
        self,
        stream_id: int,
        position: Position,
        bound_ms: int,
        *,
        descending: bool,
        most_bytes: Callable[[], int],
    ) -> Iterator[Ahead]:
        """Yield a stream's events from `position` on, read in pages.

        Args:
            bound_ms: The exclusive end when ascending, and the inclusive start when descending.
            most_bytes: What a page that is read now may hold.
        """
        beyond, way, bound = ("<", "DESC", ">=") if descending else (">", "ASC", "<")
        sql = (
            "SELECT at_ms, sequence, CASE WHEN size <= :most THEN message END AS message,"
            " min(size, :most) AS held FROM"
            " (SELECT *, length(CAST(message AS BLOB)) AS size FROM log_events WHERE stream_id = :stream"
            f" AND (at_ms, sequence) {beyond} (:at_ms, :sequence) AND at_ms {bound} :bound_ms)"
            f" ORDER BY at_ms {way}, sequence {way} LIMIT {_WALK_ROWS}"
        )
        while True:
            most = most_bytes()
            rows, _ = self._database.within(
                sql,
                {
                    "most": most,
                    "stream": stream_id,
                    "at_ms": position.at_ms,
                    "sequence": position.sequence,
                    "bound_ms": bound_ms,
                },
                most_bytes=most,
                size=lambda row: int(row["held"]),
            )
            if not rows:
                return
            page = [Ahead(Position(row["at_ms"], row["sequence"]), row["message"]) for row in rows]
            position = page[-1].position
            # Let go one by one: a merge holds each stream's page until it is through.
            page.reverse()
            while page:
                yield page.pop()

    def each(self, stream_id: int, start_ms: int, end_ms: int) -> Iterator[Row]:
        """Yield a stream's events from `start_ms` until before `end_ms`: at_ms, sequence, message.

        Read in pages, so that no statement stays open while the caller works.
        """
        at_ms, sequence = start_ms, -1
        while True:
            rows, _ = self._database.within(
                "SELECT at_ms, sequence, message FROM log_events WHERE stream_id = ?"
                " AND (at_ms, sequence) > (?, ?) AND at_ms < ? ORDER BY at_ms, sequence LIMIT ?",
                (stream_id, at_ms, sequence, end_ms, _EACH_ROWS),
                most_bytes=PAGE_BYTES,
                size=lambda row: len(row["message"]),
            )
            if not rows:
                return
            yield from rows
            at_ms, sequence = rows[-1]["at_ms"], rows[-1]["sequence"]

    def message(self, stream_id: int, position: Position) -> str | None:
        """Return an event's message; None where it was swept."""
        row = self._database.one(
            "SELECT message FROM log_events WHERE stream_id = ? AND at_ms = ? AND sequence = ?",
            (stream_id, position.at_ms, position.sequence),
        )
        return None if row is None else str(row["message"])


def _ensure_stream(tx: Transaction, scope: Scope, group: str, stream: str, now_ms: int) -> tuple[int, int]:
    key = (scope.account_id, scope.region, group)
    find = "SELECT id FROM log_groups WHERE account_id = ? AND region = ? AND name = ?"
    row = tx.execute(find, key).fetchone()
    if row is None:
        tx.execute(
            "INSERT INTO log_groups (account_id, region, name, created_ms) VALUES (?, ?, ?, ?)",
            (*key, now_ms),
        )
        row = tx.execute(find, key).fetchone()
    group_id = int(row["id"])
    find = "SELECT id FROM log_streams WHERE group_id = ? AND name = ?"
    row = tx.execute(find, (group_id, stream)).fetchone()
    if row is None:
        tx.execute(
            "INSERT INTO log_streams (group_id, name, created_ms) VALUES (?, ?, ?)",
            (group_id, stream, now_ms),
        )
        row = tx.execute(find, (group_id, stream)).fetchone()
    return group_id, int(row["id"])
