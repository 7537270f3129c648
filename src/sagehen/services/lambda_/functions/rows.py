"""Versions of functions, `$LATEST` among them, as rows: read and written within anybody's transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.lambda_.errors import function_not_found
from sagehen.services.lambda_.names import LATEST, FunctionReference
from sagehen.services.lambda_.shown import shown_sha
from sagehen.services.lambda_.storage.rows import OF_NAME, key, moment
from sagehen.store.database import Row, Transaction


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """`$LATEST` or a published version.

    Args:
        reference: With the version as its qualifier.
        revision_id: Changes with every change that a client can see.
        revision: Changes with code and configuration: environments of another one are outdated.
        code_sha: Hexadecimal SHA-256 of the package.
        configuration: CreateFunction's members that an update may replace.
        state: `Pending`, `Active` or `Failed`.
        update_status: `InProgress`, `Successful` or `Failed`.
        reason: Why it failed.
    """

    reference: FunctionReference
    revision_id: str
    revision: str
    modified_at: datetime
    code_sha: str
    code_size: int
    unzipped_size: int
    configuration: Mapping[str, Any] = field(repr=False)
    state: str = "Active"
    update_status: str = "Successful"
    reason: str = ""

    @property
    def version(self) -> str:
        return self.reference.qualifier

    @property
    def is_image(self) -> bool:
        """Whether it is a container image; `code_sha` is its digest then."""
        return "Image" in self.configuration

    @property
    def shown_code_sha(self) -> str:
        """CodeSha256: of a package in base64, of an image its digest as it is (documented: GetFunction)."""
        return self.code_sha if self.is_image else shown_sha(self.code_sha)

    @property
    def is_ready(self) -> bool:
        """Whether it can run as it is: nothing is being prepared, and nothing failed."""
        return self.state == "Active" and self.update_status != "InProgress"


def version_of(row: Row) -> VersionRecord:
    """Return a row as a record."""
    scope = Scope(row["account_id"], row["region"])
    return VersionRecord(
        reference=FunctionReference(scope, row["name"], row["version"]),
        revision_id=row["revision_id"],
        revision=row["revision"],
        modified_at=moment(row["modified_at"]),
        code_sha=row["code_sha"],
        code_size=row["code_size"],
        unzipped_size=row["unzipped_size"],
        configuration=json.loads(row["configuration"]),
        state=row["state"],
        update_status=row["update_status"],
        reason=row["reason"],
    )


def put_version(tx: Transaction, record: VersionRecord) -> None:
    """Store a version in place of what its number had."""
    tx.execute(
        "INSERT OR REPLACE INTO lambda_versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *key(record.reference),
            record.version,
            record.revision_id,
            record.revision,
            record.modified_at.timestamp(),
            record.code_sha,
            record.code_size,
            record.unzipped_size,
            record.state,
            record.update_status,
            record.reason,
            json.dumps(record.configuration, separators=(",", ":")),
        ),
    )


def touch_version(tx: Transaction, reference: FunctionReference, revision_id: str) -> None:
    """Give the version that the reference is qualified with a new RevisionId."""
    tx.execute(
        f"UPDATE lambda_versions SET revision_id = ? {OF_NAME} AND version = ?",
        (revision_id, *key(reference), reference.qualifier),
    )


def version_row(tx: Transaction, reference: FunctionReference, version: str) -> Row | None:
    """Return a version's row, read within a transaction."""
    row: Row | None = tx.execute(
        f"SELECT * FROM lambda_versions {OF_NAME} AND version = ?",
        (*key(reference), version),
    ).fetchone()
    return row


def read_version(tx: Transaction, reference: FunctionReference, version: str) -> VersionRecord:
    """Return a version within a transaction.

    Raises:
        ResourceNotFoundException: There is none.
    """
    row = version_row(tx, reference, version)
    if row is None:
        raise function_not_found(reference.arn)
    return version_of(row)


def update_version(
    tx: Transaction,
    reference: FunctionReference,
    version: str,
    change: Callable[[VersionRecord], VersionRecord],
) -> VersionRecord:
    """Replace a version by what `change` makes of it; `change` may refuse by raising.

    Raises:
        ResourceNotFoundException: There is none.
    """
    updated = change(read_version(tx, reference, version))
    put_version(tx, updated)
    return updated


def delete_qualified(tx: Transaction, reference: FunctionReference) -> None:
    """Delete what is configured on one version or alias alone: it goes with it."""
    for table in ("lambda_policies", "lambda_provisioned", "lambda_event_invoke_configs", "lambda_urls"):
        tx.execute(f"DELETE FROM {table} {OF_NAME} AND qualifier = ?", (*key(reference), reference.qualifier))


def last_published(tx: Transaction, reference: FunctionReference) -> VersionRecord | None:
    """Return the published version of the highest number."""
    row = tx.execute(
        f"SELECT * FROM lambda_versions {OF_NAME} AND version <> ?"
        " ORDER BY CAST(version AS INTEGER) DESC LIMIT 1",
        (*key(reference), LATEST),
    ).fetchone()
    return None if row is None else version_of(row)


def next_version(tx: Transaction, reference: FunctionReference) -> str:
    """Draw the next number; numbers of deleted versions are never used again."""
    row = tx.execute(f"SELECT next_version FROM lambda_functions {OF_NAME}", key(reference)).fetchone()
    if row is None:
        raise function_not_found(reference.arn)
    tx.execute(f"UPDATE lambda_functions SET next_version = next_version + 1 {OF_NAME}", key(reference))
    return str(row["next_version"])
