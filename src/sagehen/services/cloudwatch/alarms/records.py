"""Alarms as SQLite holds them, and the tables of all that belongs to them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.alarms.actions.pending import PendingAction
from sagehen.services.cloudwatch.alarms.actions.records import add_action
from sagehen.services.cloudwatch.alarms.alarm import INITIAL_REASON, Alarm, AlarmState, Kind
from sagehen.services.cloudwatch.alarms.history.items import HistoryItem
from sagehen.services.cloudwatch.alarms.history.records import add_history
from sagehen.services.cloudwatch.errors import ValidationError
from sagehen.store.database import LAST_CHARACTER, Database, Row, Transaction


class AlarmRecords:
    """All SQL about alarms, their rules' children and tags."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- alarms ----------------------------------------------------------------------------

    async def put(
        self,
        alarm: Alarm,
        tags: Mapping[str, str],
        tick_s: int,
        children: Sequence[str],
        history: Callable[[Alarm, Alarm | None], HistoryItem],
    ) -> bool:
        """Create the alarm, or replace the configuration of the one of its name; tell whether it is new.

        An existing alarm keeps its state and tags (documented: API_PutMetricAlarm).

        Args:
            tags: For a new alarm.
            tick_s: How often it is evaluated, in seconds; 0 for composite alarms.
            children: The names that a composite alarm's rule refers to.
            history: Makes the item of history from the alarm and what was there before, None where it is new.

        Raises:
            ValidationError: There is an alarm of the other kind of that name.
        """

        def change(tx: Transaction) -> bool:
            row = tx.execute(
                "SELECT * FROM alarms WHERE account_id = ? AND region = ? AND name = ?", _key(alarm)
            ).fetchone()
            before = _alarm(row) if row else None
            if before is not None and before.kind != alarm.kind:
                raise ValidationError(f"An alarm of another type with the name {alarm.name} exists.")
            if before is None:
                _insert(tx, alarm, tags)
            tx.execute(
                "UPDATE alarms SET configuration = ?, tick_s = ?, namespace = ?, metric_name = ?,"
                " configured_ms = ?, version = version + 1 WHERE account_id = ? AND region = ? AND name = ?",
                (
                    json.dumps(alarm.configuration),
                    tick_s,
                    alarm.configuration.get("Namespace"),
                    alarm.configuration.get("MetricName"),
                    alarm.configured_ms,
                    *_key(alarm),
                ),
            )
            parent = tx.execute(
                "SELECT id FROM alarms WHERE account_id = ? AND region = ? AND name = ?", _key(alarm)
            ).fetchone()["id"]
            tx.execute("DELETE FROM alarm_children WHERE parent_id = ?", (parent,))
            tx.executemany(
                "INSERT INTO alarm_children VALUES (?, ?)", [(parent, child) for child in children]
            )
            now = alarm if before is None else replace(alarm, state=before.state, query_id=before.query_id)
            add_history(tx, history(now, before))
            return before is None

        return await self._database.write(change)

    async def set_state(
        self,
        alarm: Alarm,
        state: AlarmState,
        history: Sequence[HistoryItem] = (),
        actions: Sequence[PendingAction] = (),
        *,
        any_version: bool = False,
    ) -> bool:
        """Store a state with its history and the actions it asks for, in one transaction.

        Args:
            any_version: Store it even if the alarm was changed since it was read.

        Returns:
            False, with nothing stored, if the alarm was changed since it was read, or is gone.
        """

        def change(tx: Transaction) -> bool:
            changed = tx.execute(
                "UPDATE alarms SET state_value = ?, state_reason = ?, state_reason_data = ?,"
                " updated_ms = ?, transitioned_ms = ?, version = version + 1"
                " WHERE account_id = ? AND region = ? AND name = ? AND (version = ? OR ?)",
                (
                    state.value,
                    state.reason,
                    state.reason_data,
                    state.updated_ms,
                    state.transitioned_ms,
                    *_key(alarm),
                    alarm.version,
                    any_version,
                ),
            ).rowcount
            if changed:
                for item in history:
                    add_history(tx, item)
                for action in actions:
                    add_action(tx, action)
            return bool(changed)

        return await self._database.write(change)

    async def delete(self, scope: Scope, names: Sequence[str], history: Sequence[HistoryItem]) -> None:
        """Delete alarms with their tags and children; `history` is added in the same transaction."""

        def change(tx: Transaction) -> None:
            for name in names:
                tx.execute(
                    "DELETE FROM alarms WHERE account_id = ? AND region = ? AND name = ?",
                    (scope.account_id, scope.region, name),
                )
            for item in history:
                add_history(tx, item)

        await self._database.write(change)

    def get(self, scope: Scope, name: str) -> Alarm | None:
        """Return an alarm; None where there is none."""
        row = self._database.one(
            "SELECT * FROM alarms WHERE account_id = ? AND region = ? AND name = ?",
            (scope.account_id, scope.region, name),
        )
        return _alarm(row) if row else None

    def behind(self, scope: Scope, name: str, prefix: str, limit: int) -> list[Alarm]:
        """Return up to `limit` alarms with names behind `name` that begin with `prefix`, in order."""
        rows = self._database.all(
            "SELECT * FROM alarms WHERE account_id = ? AND region = ? AND name > ? AND name >= ?"
            " AND name < ? || ? ORDER BY name LIMIT ?",
            (scope.account_id, scope.region, name, prefix, prefix, LAST_CHARACTER, limit),
        )
        return [_alarm(row) for row in rows]

    def of_metric(self, scope: Scope, namespace: str, metric_name: str) -> list[Alarm]:
        """Return the alarms on a metric, whatever its dimensions, by name; none on metric math."""
        rows = self._database.all(
            "SELECT * FROM alarms WHERE account_id = ? AND region = ? AND namespace = ? AND metric_name = ?"
            " ORDER BY name",
            (scope.account_id, scope.region, namespace, metric_name),
        )
        return [_alarm(row) for row in rows]

    def with_action(self, scope: Scope, action_arn: str, limit: int) -> list[str]:
        """Return the names of up to `limit` alarms whose configuration names an action, in order."""
        rows = self._database.all(
            "SELECT name FROM alarms WHERE account_id = ? AND region = ? AND instr(configuration, ?) > 0"
            " ORDER BY name LIMIT ?",
            (scope.account_id, scope.region, json.dumps(action_arn), limit),
        )
        return [row["name"] for row in rows]

    def of_tick(self, tick_s: int) -> list[Alarm]:
        """Return every metric alarm, of all accounts and regions, that is evaluated each `tick_s`."""
        return [_alarm(row) for row in self._database.all("SELECT * FROM alarms WHERE tick_s = ?", (tick_s,))]

    def ticks(self) -> set[int]:
        """Return the intervals that there are alarms for; 0 stands for composite alarms."""
        return {row["tick_s"] for row in self._database.all("SELECT DISTINCT tick_s FROM alarms")}

    def parents(self, scope: Scope, child: str) -> list[Alarm]:
        """Return the composite alarms whose rule refers to `child`."""
        rows = self._database.all(
            "SELECT alarms.* FROM alarm_children JOIN alarms ON alarms.id = parent_id"
            " WHERE child = ? AND account_id = ? AND region = ? ORDER BY name",
            (child, scope.account_id, scope.region),
        )
        return [_alarm(row) for row in rows]

    # --- tags ------------------------------------------------------------------------------

    def tags(self, scope: Scope, name: str) -> dict[str, str] | None:
        """Return the tags of an alarm, or None where there is no such alarm."""
        row = self._database.one(
            "SELECT tags FROM alarms WHERE account_id = ? AND region = ? AND name = ?",
            (scope.account_id, scope.region, name),
        )
        return dict(json.loads(row["tags"])) if row else None

    async def set_tags(self, scope: Scope, name: str, tags: Mapping[str, str]) -> None:
        """Replace an alarm's tags."""
        await self._database.execute(
            "UPDATE alarms SET tags = ? WHERE account_id = ? AND region = ? AND name = ?",
            (json.dumps(tags), scope.account_id, scope.region, name),
        )


def _key(alarm: Alarm) -> tuple[str, str, str]:
    return (alarm.scope.account_id, alarm.scope.region, alarm.name)


def _insert(tx: Transaction, alarm: Alarm, tags: Mapping[str, str]) -> None:
    tx.execute(
        "INSERT INTO alarms (account_id, region, name, kind, configuration, tags, query_id, tick_s,"
        " configured_ms, state_value, state_reason, state_reason_data, updated_ms, transitioned_ms, version)"
        " VALUES (?, ?, ?, ?, '', ?, ?, 0, ?, ?, ?, '', ?, ?, 0)",
        (
            *_key(alarm),
            alarm.kind,
            json.dumps(tags),
            alarm.query_id,
            alarm.configured_ms,
            alarm.state.value,
            INITIAL_REASON,
            alarm.configured_ms,
            alarm.configured_ms,
        ),
    )


def _alarm(row: Row) -> Alarm:
    kind: Kind = row["kind"]
    configuration: dict[str, Any] = json.loads(row["configuration"] or "{}")
    return Alarm(
        Scope(row["account_id"], row["region"]),
        row["name"],
        kind,
        configuration,
        row["query_id"],
        row["configured_ms"],
        AlarmState(
            row["state_value"],
            row["state_reason"],
            row["state_reason_data"],
            row["updated_ms"],
            row["transitioned_ms"],
        ),
        row["version"],
    )
