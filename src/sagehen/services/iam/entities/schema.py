"""The tables of IAM and STS, of all sub-packages: each step is applied once, in order (`store.database`)."""

from __future__ import annotations

# IAM's names are unique without regard to case: hence NOCASE.
MIGRATIONS = (
    """
    CREATE TABLE iam_entities (
        account_id TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL COLLATE NOCASE,
        path TEXT NOT NULL, unique_id TEXT NOT NULL UNIQUE,
        created_at REAL NOT NULL, updated_at REAL NOT NULL, description TEXT,
        trust_policy TEXT NOT NULL, trust_principals TEXT NOT NULL, max_session_s INTEGER NOT NULL,
        boundary_arn TEXT, default_version INTEGER NOT NULL, tags TEXT NOT NULL,
        last_used_at REAL, last_used_region TEXT,
        PRIMARY KEY (account_id, kind, name)) WITHOUT ROWID;
    CREATE TABLE iam_members (
        container_id TEXT NOT NULL, member_id TEXT NOT NULL,
        PRIMARY KEY (container_id, member_id)) WITHOUT ROWID;
    CREATE INDEX iam_members_by_member ON iam_members (member_id);
    CREATE TABLE iam_inline_policies (
        owner_id TEXT NOT NULL, name TEXT NOT NULL COLLATE NOCASE, document TEXT NOT NULL,
        PRIMARY KEY (owner_id, name)) WITHOUT ROWID;
    CREATE TABLE iam_attachments (
        owner_id TEXT NOT NULL, policy_arn TEXT NOT NULL,
        PRIMARY KEY (owner_id, policy_arn)) WITHOUT ROWID;
    CREATE INDEX iam_attachments_by_policy ON iam_attachments (policy_arn);
    CREATE TABLE iam_policy_versions (
        policy_id TEXT NOT NULL, version INTEGER NOT NULL, document TEXT NOT NULL,
        created_at REAL NOT NULL, PRIMARY KEY (policy_id, version)) WITHOUT ROWID;
    CREATE TABLE iam_access_keys (
        access_key_id TEXT PRIMARY KEY, user_id TEXT NOT NULL, secret TEXT NOT NULL,
        active INTEGER NOT NULL, created_at REAL NOT NULL,
        last_used_at REAL, last_used_service TEXT, last_used_region TEXT) WITHOUT ROWID;
    CREATE INDEX iam_access_keys_by_user ON iam_access_keys (user_id);
    CREATE TABLE iam_account_aliases (account_id TEXT PRIMARY KEY, alias TEXT NOT NULL UNIQUE);
    CREATE TABLE iam_bootstrapped (account_id TEXT PRIMARY KEY, at REAL NOT NULL);
    CREATE TABLE iam_sessions (
        access_key_id TEXT PRIMARY KEY, secret TEXT NOT NULL, token TEXT NOT NULL,
        principal TEXT NOT NULL, expires_at REAL NOT NULL) WITHOUT ROWID;
    CREATE INDEX iam_sessions_by_expiry ON iam_sessions (expires_at);
    """,
    # Login profiles, MFA devices, password policies, identity providers, …: see `objects`.
    """
    CREATE TABLE iam_objects (
        account_id TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
        owner_id TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (account_id, kind, name)) WITHOUT ROWID;
    CREATE INDEX iam_objects_by_owner ON iam_objects (owner_id) WHERE owner_id <> '';
    """,
    # What each was let do, as `authorization/calls.py` writes it.
    """
    CREATE TABLE iam_calls (owner_id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
    """,
)
