"""The tables of CloudWatch Logs, and how they came to be as they are."""

from __future__ import annotations

# log_events is clustered by (stream, time, arrival): a page of a stream is one range of the tree.
# It has no foreign key: the events of a deleted stream are swept later, in bites (log_garbage),
# so that deleting a large group does not hold every other writer up. AUTOINCREMENT, because a
# stream's id must not come back while events of its former owner are still there.
MIGRATIONS = (
    """
    CREATE TABLE log_groups (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
        created_ms INTEGER NOT NULL, retention_days INTEGER,
        class TEXT NOT NULL DEFAULT 'STANDARD', kms_key_id TEXT,
        deletion_protection INTEGER NOT NULL DEFAULT 0,
        stored_bytes INTEGER NOT NULL DEFAULT 0,
        UNIQUE (account_id, region, name));
    CREATE TABLE log_streams (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        group_id INTEGER NOT NULL REFERENCES log_groups (id) ON DELETE CASCADE,
        name TEXT NOT NULL, created_ms INTEGER NOT NULL,
        first_ms INTEGER, last_ms INTEGER, ingested_ms INTEGER,
        UNIQUE (group_id, name));
    CREATE TABLE log_tags (
        group_id INTEGER NOT NULL REFERENCES log_groups (id) ON DELETE CASCADE,
        key TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (group_id, key)) WITHOUT ROWID;
    CREATE TABLE log_events (
        stream_id INTEGER NOT NULL, at_ms INTEGER NOT NULL, sequence INTEGER NOT NULL,
        message TEXT NOT NULL,
        PRIMARY KEY (stream_id, at_ms, sequence)) WITHOUT ROWID;
    CREATE TABLE log_garbage (stream_id INTEGER PRIMARY KEY);
    """,
    """
    CREATE TABLE log_metric_filters (
        group_id INTEGER NOT NULL REFERENCES log_groups (id) ON DELETE CASCADE,
        name TEXT NOT NULL, created_ms INTEGER NOT NULL, pattern TEXT NOT NULL,
        transformation TEXT NOT NULL,
        PRIMARY KEY (group_id, name)) WITHOUT ROWID;
    CREATE TABLE log_subscription_filters (
        group_id INTEGER NOT NULL REFERENCES log_groups (id) ON DELETE CASCADE,
        name TEXT NOT NULL, created_ms INTEGER NOT NULL, pattern TEXT NOT NULL,
        destination_arn TEXT NOT NULL, distribution TEXT NOT NULL,
        PRIMARY KEY (group_id, name)) WITHOUT ROWID;
    CREATE TABLE log_outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        group_id INTEGER NOT NULL, stream_id INTEGER NOT NULL,
        first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,
        first_sequence INTEGER NOT NULL, last_sequence INTEGER NOT NULL);
    """,
    # Events lie plain on the disk, so that a key never had an effect.
    "ALTER TABLE log_groups DROP COLUMN kms_key_id;",
    """
    CREATE TABLE log_queries (
        id TEXT PRIMARY KEY, account_id TEXT NOT NULL, region TEXT NOT NULL,
        groups TEXT NOT NULL, query TEXT NOT NULL,
        start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, row_limit INTEGER NOT NULL,
        created_ms INTEGER NOT NULL, asked_by TEXT NOT NULL,
        status TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, duration_ms INTEGER NOT NULL DEFAULT 0,
        matched INTEGER NOT NULL DEFAULT 0, scanned INTEGER NOT NULL DEFAULT 0,
        scanned_bytes INTEGER NOT NULL DEFAULT 0, scanned_groups INTEGER NOT NULL DEFAULT 0,
        row_count INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
    CREATE INDEX log_queries_by_time ON log_queries (account_id, region, created_ms, id);
    CREATE TABLE log_query_pages (
        query_id TEXT NOT NULL REFERENCES log_queries (id) ON DELETE CASCADE,
        page INTEGER NOT NULL, rows BLOB NOT NULL,
        PRIMARY KEY (query_id, page));
    CREATE TABLE log_query_definitions (
        id TEXT PRIMARY KEY, account_id TEXT NOT NULL, region TEXT NOT NULL,
        name TEXT NOT NULL, definition TEXT NOT NULL, modified_ms INTEGER NOT NULL, token TEXT) WITHOUT ROWID;
    CREATE INDEX log_query_definitions_by_name ON log_query_definitions (account_id, region, name, id);
    """,
)
