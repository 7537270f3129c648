"""The SQL of asynchronous events and of their configuration."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.lambda_.names import FunctionReference
from sagehen.services.lambda_.storage.rows import OF_NAME, key, moment
from sagehen.services.lambda_.storage.tables import Tables
from sagehen.store.database import Row, Transaction

_CONFIG = f"SELECT * FROM lambda_event_invoke_configs {OF_NAME} AND qualifier = ?"


@dataclass(frozen=True, slots=True)
class QueuedEvent:
    """One event that was acknowledged and has not come to its end.

    Args:
        number: Its place in the queue; 0 until stored.
        accepted_at, due_at: Seconds since the epoch, of the platform's clock.
        attempts: Times that the function ran and failed.
        throttles: Times in a row that it was not let run.
        trace_header: Of the chain of requests that it belongs to.
    """

    reference: FunctionReference
    request_id: str
    payload: bytes = field(repr=False)
    accepted_at: float
    due_at: float
    client_context: str | None = None
    attempts: int = 0
    throttles: int = 0
    number: int = 0
    trace_header: str | None = None


@dataclass(frozen=True, slots=True)
class EventInvokeConfig:
    """How asynchronous invocations of one qualifier are treated; `settings` are the request's members."""

    reference: FunctionReference
    modified_at: datetime
    settings: Mapping[str, Any]

    @property
    def maximum_retries(self) -> int:
        """How often a function that failed is run again."""
        retries = self.settings.get("MaximumRetryAttempts")
        # Documented: "How Lambda handles errors and retries ...": two retries, six hours.
        return 2 if retries is None else retries

    @property
    def maximum_age_s(self) -> int:
        """How old an event may become, in seconds."""
        age = self.settings.get("MaximumEventAgeInSeconds")
        return 21_600 if age is None else age

    def destination(self, outcome: str) -> str | None:
        """Return the ARN for `OnSuccess` or `OnFailure`, or None."""
        arn: str | None = (self.settings.get("DestinationConfig", {}).get(outcome) or {}).get("Destination")
        return arn


class EventRecords:
    """Reads and writes of the queue and of how it treats a qualifier's events."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._database = tables.database

    # --- the queue -------------------------------------------------------------------------------
    # Events are not remembered anywhere, so that these writes forget nothing either.

    async def add(self, event: QueuedEvent) -> int:
        """Store an event and return its number; numbers grow in the order of arrival."""
        return await self._database.write(lambda tx: _insert(tx, event))

    def waiting(self) -> list[tuple[float, int, FunctionReference]]:
        """Return (due, number, function) of every event."""
        rows = self._database.all("SELECT id, due_at, account_id, region, name, qualifier FROM lambda_events")
        return [(row["due_at"], row["id"], _reference(row)) for row in rows]

    def get(self, number: int) -> QueuedEvent | None:
        """Return an event with its payload; None where it has come to its end."""
        row = self._database.one("SELECT * FROM lambda_events WHERE id = ?", (number,))
        return None if row is None else _event_of(row)

    async def postpone(self, event: QueuedEvent) -> None:
        """Store when an event is due again, and how often it was tried."""
        await self._database.execute(
            "UPDATE lambda_events SET due_at = ?, attempts = ?, throttles = ? WHERE id = ?",
            (event.due_at, event.attempts, event.throttles, event.number),
        )

    async def settle(self, event: QueuedEvent, following: QueuedEvent | None) -> int | None:
        """End an event; what goes to its destination is queued in the same transaction."""

        def work(tx: Transaction) -> int | None:
            gone = tx.execute("DELETE FROM lambda_events WHERE id = ?", (event.number,)).rowcount
            return _insert(tx, following) if following is not None and gone else None

        return await self._database.write(work)

    # --- configuration -----------------------------------------------------------------------------

    def config(self, reference: FunctionReference) -> EventInvokeConfig | None:
        """Return the configuration of exactly this qualifier; `$LATEST` is one."""
        row = self._database.one(_CONFIG, (*key(reference), reference.qualifier))
        return None if row is None else _config_of(row)

    def configs(self, reference: FunctionReference) -> list[EventInvokeConfig]:
        """Return those of a function's qualifiers, in the order of listings."""
        rows = self._database.all(
            f"SELECT * FROM lambda_event_invoke_configs {OF_NAME} ORDER BY qualifier",
            key(reference),
        )
        return [_config_of(row) for row in rows]

    async def put_config(
        self, config: EventInvokeConfig, merge: Callable[[EventInvokeConfig | None], EventInvokeConfig]
    ) -> EventInvokeConfig:
        """Store what `merge` makes of the present configuration."""

        def work(tx: Transaction) -> EventInvokeConfig:
            full = (*key(config.reference), config.reference.qualifier)
            row = tx.execute(_CONFIG, full).fetchone()
            merged = merge(None if row is None else _config_of(row))
            tx.execute(
                "INSERT OR REPLACE INTO lambda_event_invoke_configs VALUES (?, ?, ?, ?, ?, ?)",
                (*full, merged.modified_at.timestamp(), json.dumps(dict(merged.settings))),
            )
            return merged

        return await self._tables.change(work)

    async def delete_config(self, reference: FunctionReference) -> bool:
        """Delete one; False where there was none."""
        full = (*key(reference), reference.qualifier)
        return await self._tables.change(
            lambda tx: (
                tx.execute(
                    f"DELETE FROM lambda_event_invoke_configs {OF_NAME} AND qualifier = ?", full
                ).rowcount
                > 0
            )
        )


def _insert(tx: Transaction, event: QueuedEvent) -> int:
    number = tx.execute(
        "INSERT INTO lambda_events (account_id, region, name, qualifier, request_id, payload,"
        " client_context, accepted_at, due_at, attempts, throttles, trace_header)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *key(event.reference),
            event.reference.qualifier,
            event.request_id,
            event.payload,
            event.client_context,
            event.accepted_at,
            event.due_at,
            event.attempts,
            event.throttles,
            event.trace_header,
        ),
    ).lastrowid
    assert number is not None
    return number


def _reference(row: Row) -> FunctionReference:
    return FunctionReference(Scope(row["account_id"], row["region"]), row["name"], row["qualifier"])


def _event_of(row: Row) -> QueuedEvent:
    return QueuedEvent(
        reference=_reference(row),
        request_id=row["request_id"],
        payload=row["payload"],
        accepted_at=row["accepted_at"],
        due_at=row["due_at"],
        client_context=row["client_context"],
        attempts=row["attempts"],
        throttles=row["throttles"],
        number=row["id"],
        trace_header=row["trace_header"],
    )


def _config_of(row: Row) -> EventInvokeConfig:
    return EventInvokeConfig(_reference(row), moment(row["modified_at"]), json.loads(row["document"]))
