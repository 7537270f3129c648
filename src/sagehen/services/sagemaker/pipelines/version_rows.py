"""The rows of pipelines' versions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sagehen.services.sagemaker.pipelines.executions import records as executions
from sagehen.services.sagemaker.pipelines.pipeline import Pipeline, Version
from sagehen.services.sagemaker.resources.listing import in_order
from sagehen.services.sagemaker.resources.rows import key
from sagehen.store.database import Database, Row, Transaction

VERSIONS = "sagemaker_pipeline_versions"
OF_PIPELINE = "account_id = ? AND region = ? AND pipeline = ?"
# Ours: older ones that no execution is of make room.
_MOST_VERSIONS = 100


def page_of_versions(
    database: Database,
    where: str,
    values: Sequence[Any],
    request: Mapping[str, Any],
    listing: str = VERSIONS,
) -> tuple[list[Row], str | None]:
    """Return one page of versions, the newest first where the request does not say, and the next token.

    Args:
        where: Whose, with the `values` that it asks for.
        request: Its CreationTimeAfter, CreationTimeBefore, SortOrder, MaxResults, NextToken.
        listing: What tokens are of.

    Raises:
        ValidationException: The token is not one of ours.
    """
    conditions, values = [where], [*values]
    for member, condition in (
        ("CreationTimeAfter", "created_at >= ?"),
        ("CreationTimeBefore", "created_at <= ?"),
    ):
        if (at := request.get(member)) is not None:
            conditions.append(condition)
            values.append(at.timestamp())
    return in_order(
        database,
        f"SELECT rowid, pipeline, version, created_at, record FROM {VERSIONS}",
        conditions,
        values,
        request,
        order=("created_at", "rowid"),
        kinds=(float, int),
        ascending=request.get("SortOrder") == "Ascending",
        listing=listing,
    )


def add_version(tx: Transaction, pipeline: Pipeline, definition: str, aliases: Sequence[str]) -> None:
    """Store a pipeline's present version."""
    made = Version(pipeline.version, pipeline.modified_at)
    tx.execute(
        f"INSERT INTO {VERSIONS} VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            *key(pipeline.scope, pipeline.name), made.number, made.created_at, definition,
            _version_record(made),
        ),
    )  # fmt: skip
    if aliases:
        change_version(tx, pipeline, made.number, lambda one: replace(one, aliases=tuple(aliases)))


def change_version(
    tx: Transaction, pipeline: Pipeline, number: int, change: Callable[[Version], Version]
) -> Version | None:
    """Change a version; an alias that it takes is taken from the one that had it."""
    rows = tx.execute(
        f"SELECT version, created_at, record FROM {VERSIONS} WHERE {OF_PIPELINE}",
        key(pipeline.scope, pipeline.name),
    ).fetchall()
    found = {one.number: one for one in map(version_of, rows)}
    if number not in found:
        return None
    changed = change(found[number])
    for one in found.values():
        left = tuple(alias for alias in one.aliases if alias not in changed.aliases)
        after = changed if one.number == number else replace(one, aliases=left)
        if after != one:
            tx.execute(
                f"UPDATE {VERSIONS} SET record = ? WHERE {OF_PIPELINE} AND version = ?",
                (_version_record(after), *key(pipeline.scope, pipeline.name), one.number),
            )
    return changed


def forget_old(tx: Transaction, pipeline: Pipeline) -> None:
    """Make room: the oldest go, but those that executions are of."""
    where = key(pipeline.scope, pipeline.name)
    rows = tx.execute(
        f"SELECT version FROM {VERSIONS} WHERE {OF_PIPELINE} ORDER BY version DESC LIMIT -1 OFFSET ?",
        (*where, _MOST_VERSIONS),
    ).fetchall()
    used = executions.versions_in_use(tx, pipeline.scope, pipeline.name) if rows else set()
    for row in rows:
        if row["version"] not in used:
            tx.execute(
                f"DELETE FROM {VERSIONS} WHERE {OF_PIPELINE} AND version = ?", (*where, row["version"])
            )


def _version_record(version: Version) -> str:
    return json.dumps(
        {
            "display_name": version.display_name,
            "description": version.description,
            "aliases": version.aliases,
        }
    )


def version_of(row: Row) -> Version:
    """Return the version that a row is."""
    given = json.loads(row["record"])
    return Version(
        row["version"],
        row["created_at"],
        given["display_name"],
        given["description"],
        tuple(given["aliases"]),
    )
