"""The tables of API Gateway, made when the platform first starts with them."""

from __future__ import annotations

# An API's id is unique over all accounts: callers of its URL name nothing else.
# apigateway_items holds what is a document under a key and belongs to an account and region:
# API keys, usage plans and the account settings.
MIGRATIONS = (
    """
    CREATE TABLE apigateway_rest_apis (
        id TEXT PRIMARY KEY, account_id TEXT NOT NULL, region TEXT NOT NULL, created_at REAL NOT NULL,
        settings BLOB NOT NULL, content BLOB NOT NULL) WITHOUT ROWID;
    CREATE INDEX apigateway_rest_apis_by_scope ON apigateway_rest_apis (account_id, region, created_at);
    CREATE TABLE apigateway_deployments (
        api_id TEXT NOT NULL REFERENCES apigateway_rest_apis (id) ON DELETE CASCADE,
        id TEXT NOT NULL, created_at REAL NOT NULL, description TEXT,
        settings BLOB NOT NULL, content BLOB NOT NULL,
        PRIMARY KEY (api_id, id)) WITHOUT ROWID;
    CREATE TABLE apigateway_stages (
        api_id TEXT NOT NULL REFERENCES apigateway_rest_apis (id) ON DELETE CASCADE,
        name TEXT NOT NULL, document BLOB NOT NULL,
        PRIMARY KEY (api_id, name)) WITHOUT ROWID;
    CREATE TABLE apigateway_items (
        account_id TEXT NOT NULL, region TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
        created_at REAL NOT NULL, document BLOB NOT NULL,
        PRIMARY KEY (account_id, region, kind, id)) WITHOUT ROWID;
    CREATE TABLE apigateway_key_values (
        account_id TEXT NOT NULL, region TEXT NOT NULL, value TEXT NOT NULL, key_id TEXT NOT NULL,
        PRIMARY KEY (account_id, region, value)) WITHOUT ROWID;
    CREATE TABLE apigateway_plan_keys (
        account_id TEXT NOT NULL, region TEXT NOT NULL, plan_id TEXT NOT NULL, key_id TEXT NOT NULL,
        added_at REAL NOT NULL,
        PRIMARY KEY (account_id, region, plan_id, key_id)) WITHOUT ROWID;
    CREATE TABLE apigateway_usage (
        plan_id TEXT NOT NULL, key_id TEXT NOT NULL, day TEXT NOT NULL,
        used INTEGER NOT NULL DEFAULT 0, granted INTEGER NOT NULL DEFAULT 0, remaining INTEGER,
        PRIMARY KEY (plan_id, key_id, day)) WITHOUT ROWID;
    """,
)
