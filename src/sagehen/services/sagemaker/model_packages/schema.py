"""The tables of model package groups and of model packages."""

from __future__ import annotations

GROUPS = "sagemaker_model_package_groups"
PACKAGES = "sagemaker_model_packages"

# `name` of a package is what its ARN ends with: `group/3`, or a name of its own; `label` is that without the
# version, as it was given. Names are told apart without regard to case, since ARNs carry them lower-cased.
MIGRATIONS = (
    f"""
    CREATE TABLE {GROUPS} (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
        created_at REAL NOT NULL, description TEXT NOT NULL, created_by TEXT NOT NULL,
        last_version INTEGER NOT NULL, policy TEXT NOT NULL, policy_text TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX {GROUPS}_lowered ON {GROUPS} (account_id, region, lower(name));
    CREATE TABLE {PACKAGES} (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
        label TEXT NOT NULL, version INTEGER NOT NULL,
        created_at REAL NOT NULL, modified_at REAL NOT NULL,
        approval TEXT NOT NULL, client_token TEXT NOT NULL, fingerprint TEXT NOT NULL,
        members TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID;
    CREATE INDEX {PACKAGES}_by_creation ON {PACKAGES} (account_id, region, created_at, name);
    CREATE INDEX {PACKAGES}_of_group ON {PACKAGES} (account_id, region, lower(label), version);
    CREATE INDEX {PACKAGES}_by_token ON {PACKAGES} (account_id, region, client_token);
    """,
)
