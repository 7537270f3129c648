"""The tables of alarms, of their history and of the actions that they asked for."""

from __future__ import annotations

# Kept apart from the metrics' own migrations: both grow. The tables of history and actions are here as well:
# they came with the alarms.
MIGRATIONS = (
    """
    CREATE TABLE alarms (
        id INTEGER PRIMARY KEY,
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
        kind TEXT NOT NULL, configuration TEXT NOT NULL, tags TEXT NOT NULL, query_id TEXT NOT NULL,
        tick_s INTEGER NOT NULL, namespace TEXT, metric_name TEXT, configured_ms INTEGER NOT NULL,
        state_value TEXT NOT NULL, state_reason TEXT NOT NULL, state_reason_data TEXT NOT NULL,
        updated_ms INTEGER NOT NULL, transitioned_ms INTEGER NOT NULL, version INTEGER NOT NULL,
        UNIQUE (account_id, region, name));
    CREATE INDEX alarms_by_tick ON alarms (tick_s);
    CREATE INDEX alarms_by_metric ON alarms (account_id, region, namespace, metric_name);
    CREATE TABLE alarm_children (
        parent_id INTEGER NOT NULL REFERENCES alarms (id) ON DELETE CASCADE,
        child TEXT NOT NULL, PRIMARY KEY (parent_id, child)) WITHOUT ROWID;
    CREATE INDEX alarm_children_by_child ON alarm_children (child);
    CREATE TABLE alarm_history (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
        at_ms INTEGER NOT NULL, type TEXT NOT NULL, summary TEXT NOT NULL, data TEXT NOT NULL);
    CREATE INDEX alarm_history_by_alarm ON alarm_history (account_id, region, name, at_ms);
    CREATE INDEX alarm_history_by_age ON alarm_history (at_ms);
    CREATE TABLE alarm_actions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
        action_arn TEXT NOT NULL, event TEXT NOT NULL, updated_ms INTEGER NOT NULL,
        attempts INTEGER NOT NULL, due_ms INTEGER NOT NULL);
    """,
)
