"""The schema of every table of this service."""

from __future__ import annotations

MIGRATIONS = (
    """
    CREATE TABLE lambda_functions (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
        created_at REAL NOT NULL, next_version INTEGER NOT NULL,
        reserved INTEGER, tags TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID;
    CREATE TABLE lambda_versions (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL,
        revision_id TEXT NOT NULL, revision TEXT NOT NULL, modified_at REAL NOT NULL,
        code_sha TEXT NOT NULL, code_size INTEGER NOT NULL, unzipped_size INTEGER NOT NULL,
        state TEXT NOT NULL, update_status TEXT NOT NULL, reason TEXT NOT NULL,
        configuration TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name, version)
    ) WITHOUT ROWID;
    CREATE TABLE lambda_aliases (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, alias TEXT NOT NULL,
        version TEXT NOT NULL, weights TEXT NOT NULL, description TEXT NOT NULL,
        revision_id TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name, alias)
    ) WITHOUT ROWID;
    CREATE TABLE lambda_policies (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, qualifier TEXT NOT NULL,
        revision_id TEXT NOT NULL, statements TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name, qualifier)
    ) WITHOUT ROWID;
    CREATE TABLE lambda_provisioned (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, qualifier TEXT NOT NULL,
        requested INTEGER NOT NULL, modified_at REAL NOT NULL,
        PRIMARY KEY (account_id, region, name, qualifier)
    ) WITHOUT ROWID;
    CREATE TABLE lambda_event_invoke_configs (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, qualifier TEXT NOT NULL,
        modified_at REAL NOT NULL, document TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name, qualifier)
    ) WITHOUT ROWID;
    CREATE TABLE lambda_layers (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, next_version INTEGER NOT NULL,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID;
    CREATE TABLE lambda_layer_versions (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,
        created_at REAL NOT NULL, code_sha TEXT NOT NULL, code_size INTEGER NOT NULL,
        unzipped_size INTEGER NOT NULL, document TEXT NOT NULL, revision_id TEXT NOT NULL,
        statements TEXT NOT NULL, deleted INTEGER NOT NULL,
        PRIMARY KEY (account_id, region, name, version)
    ) WITHOUT ROWID;
    CREATE TABLE lambda_events (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, qualifier TEXT NOT NULL,
        request_id TEXT NOT NULL, payload BLOB NOT NULL, client_context TEXT,
        accepted_at REAL NOT NULL, due_at REAL NOT NULL,
        attempts INTEGER NOT NULL, throttles INTEGER NOT NULL
    );
    """,
    """
    CREATE TABLE lambda_urls (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, qualifier TEXT NOT NULL,
        url_id TEXT NOT NULL UNIQUE, auth_type TEXT NOT NULL, invoke_mode TEXT, cors TEXT,
        created_at REAL NOT NULL, modified_at REAL NOT NULL,
        PRIMARY KEY (account_id, region, name, qualifier)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE lambda_recursion (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, recursive_loop TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID;
    ALTER TABLE lambda_events ADD COLUMN trace_header TEXT;
    """,
)
