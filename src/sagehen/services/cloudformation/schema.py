"""The tables of CloudFormation."""

from __future__ import annotations

MIGRATIONS = (
    """
    CREATE TABLE cloudformation_stacks (
        account_id TEXT NOT NULL, region TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL,
        created_at REAL NOT NULL, status TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (account_id, region, id)
    ) WITHOUT ROWID;
    CREATE INDEX cloudformation_stacks_by_name ON cloudformation_stacks (account_id, region, name);
    CREATE INDEX cloudformation_stacks_by_status ON cloudformation_stacks (status);
    CREATE TABLE cloudformation_resources (
        stack_id TEXT NOT NULL, logical_id TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (stack_id, logical_id)
    ) WITHOUT ROWID;
    CREATE TABLE cloudformation_events (
        number INTEGER PRIMARY KEY, stack_id TEXT NOT NULL, body TEXT NOT NULL
    );
    CREATE INDEX cloudformation_events_by_stack ON cloudformation_events (stack_id, number);
    CREATE TABLE cloudformation_exports (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
        value TEXT NOT NULL, stack_id TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID;
    CREATE TABLE cloudformation_change_sets (
        stack_id TEXT NOT NULL, name TEXT NOT NULL, created_at REAL NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (stack_id, name)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE cloudformation_signals (
        stack_id TEXT NOT NULL, logical_id TEXT NOT NULL, unique_id TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (stack_id, logical_id, unique_id)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE cloudformation_macros (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, function TEXT NOT NULL,
        stack_id TEXT NOT NULL, logical_id TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE cloudformation_drifts (
        stack_id TEXT NOT NULL, logical_id TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (stack_id, logical_id)
    ) WITHOUT ROWID;
    """,
    """
    CREATE INDEX cloudformation_change_sets_by_parent
    ON cloudformation_change_sets (json_extract(body, '$.parent'));
    """,
)
