"""The SQL of pipelines and their versions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.pipelines.errors import ConflictException
from sagehen.services.sagemaker.pipelines.executions import records as executions
from sagehen.services.sagemaker.pipelines.pipeline import Pipeline, Version
from sagehen.services.sagemaker.pipelines.version_rows import (
    OF_PIPELINE,
    VERSIONS,
    add_version,
    change_version,
    forget_old,
    page_of_versions,
    version_of,
)
from sagehen.services.sagemaker.resources.listing import page
from sagehen.services.sagemaker.resources.rows import KEY, key, require_room, scope_of
from sagehen.services.sagemaker.tags.records import delete_all_tags, insert_tags
from sagehen.store.database import Database, Row, Transaction

_TABLE = "sagemaker_pipelines"
_COLUMNS = ("scope", "name", "created_at", "modified_at")
_IN_RECORD = tuple(one.name for one in fields(Pipeline) if one.name not in _COLUMNS)
# Documented: Pipelines quotas.
_MOST = 500
_PREFIX = {"PipelineNamePrefix": r"name LIKE ? || '%' ESCAPE '\'"}
_TIMES = {"CreatedAfter": "CreationTimeAfter", "CreatedBefore": "CreationTimeBefore"}


class PipelineRecords:
    """Reads and writes of pipelines."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, scope: Scope, name: str) -> Pipeline | None:
        """Return a pipeline by its name, in whatever case, or None."""
        row = self._database.one(f"SELECT * FROM {_TABLE} WHERE {KEY}", key(scope, name))
        return _pipeline(row) if row else None

    def page(self, scope: Scope, request: Mapping[str, Any]) -> tuple[list[Pipeline], str | None]:
        """Return one page for ListPipelines, the newest first where it does not say, and the next token.

        Raises:
            ValidationException: The token is not one of ours.
        """
        asked = {_TIMES.get(name, name): value for name, value in request.items()}
        rows, token = page(self._database, _TABLE, scope, asked, "Descending", more_filters=_PREFIX)
        return [_pipeline(row) for row in rows], token

    def definition(self, scope: Scope, name: str, version: int) -> str | None:
        """Return the text of a version's definition, or None."""
        row = self._database.one(
            f"SELECT definition FROM {VERSIONS} WHERE {OF_PIPELINE} AND version = ?",
            (*key(scope, name), version),
        )
        return None if row is None else str(row["definition"])

    def version(self, scope: Scope, name: str, version: int) -> Version | None:
        """Return a version, or None."""
        row = self._database.one(
            f"SELECT version, created_at, record FROM {VERSIONS} WHERE {OF_PIPELINE} AND version = ?",
            (*key(scope, name), version),
        )
        return version_of(row) if row else None

    def by_alias(self, scope: Scope, name: str, alias: str) -> Version | None:
        """Return the version that has an alias, or None."""
        rows = self._database.all(
            f"SELECT version, created_at, record FROM {VERSIONS} WHERE {OF_PIPELINE}", key(scope, name)
        )
        return next((one for one in map(version_of, rows) if alias in one.aliases), None)

    def versions(
        self, scope: Scope, name: str, request: Mapping[str, Any]
    ) -> tuple[list[Version], str | None]:
        """Return one page for ListPipelineVersions, the newest first where it does not say.

        Raises:
            ValidationException: The token is not one of ours.
        """
        asked = {_TIMES.get(member, member): value for member, value in request.items()}
        where, listing = OF_PIPELINE, f"{VERSIONS} {name}"
        rows, token = page_of_versions(self._database, where, key(scope, name), asked, listing)
        return [version_of(row) for row in rows], token

    async def add(
        self,
        pipeline: Pipeline,
        definition: str,
        aliases: Sequence[str],
        token: str,
        tags: Sequence[Mapping[str, str]],
    ) -> None:
        """Store a new pipeline; nothing is done where the same was stored with the same token.

        Raises:
            ValidationException: The name is taken.
            ResourceLimitExceeded: There are too many.
        """

        def insert(tx: Transaction) -> None:
            where = key(pipeline.scope, pipeline.name)
            row = tx.execute(f"SELECT token FROM {_TABLE} WHERE {KEY}", where).fetchone()
            if row is not None:
                if row["token"] == token:
                    return
                # Recorded: the SDK looks for "already exists" in a ValidationException.
                raise ValidationException(
                    "Pipeline names must be unique within an AWS account and region. Pipeline with name "
                    f"({pipeline.name}) already exists."
                )
            require_room(tx, _TABLE, pipeline.scope, _MOST, "Maximum number of pipelines", " Pipelines")
            values = (*where, pipeline.created_at, pipeline.modified_at, token, _record(pipeline))
            tx.execute(f"INSERT INTO {_TABLE} VALUES (?, ?, ?, ?, ?, ?, ?)", values)
            add_version(tx, pipeline, definition, aliases)
            insert_tags(tx, pipeline.arn, tags)

        await self._database.write(insert)

    async def update(
        self,
        scope: Scope,
        name: str,
        change: Callable[[Pipeline], Pipeline],
        definition: str | None,
        aliases: Sequence[str],
    ) -> Pipeline | None:
        """Change a pipeline, and give it a new version where there is a definition; None where it is gone."""

        def apply(tx: Transaction) -> Pipeline | None:
            row = tx.execute(f"SELECT * FROM {_TABLE} WHERE {KEY}", key(scope, name)).fetchone()
            if row is None:
                return None
            changed = change(_pipeline(row))
            if definition is not None:
                changed = replace(changed, version=changed.version + 1)
                add_version(tx, changed, definition, aliases)
                forget_old(tx, changed)
            elif aliases:
                change_version(tx, changed, changed.version, lambda one: replace(one, aliases=tuple(aliases)))
            tx.execute(
                f"UPDATE {_TABLE} SET modified_at = ?, record = ? WHERE {KEY}",
                (changed.modified_at, _record(changed), *key(scope, name)),
            )
            return changed

        return await self._database.write(apply)

    async def change_version(
        self, pipeline: Pipeline, number: int, change: Callable[[Version], Version]
    ) -> Version | None:
        """Replace a version by what `change` makes of it; None where there is none."""
        return await self._database.write(lambda tx: change_version(tx, pipeline, number, change))

    async def remove(self, pipeline: Pipeline) -> None:
        """Forget a pipeline with its versions, executions and tags.

        Raises:
            ConflictException: An execution goes on.
        """

        def delete(tx: Transaction) -> None:
            if executions.goes_on(tx, pipeline.scope, pipeline.name):
                raise ConflictException(
                    f"Pipeline '{pipeline.arn}' has executions that have not ended, and cannot be deleted."
                )
            executions.delete_of(tx, pipeline.scope, pipeline.name)
            where = key(pipeline.scope, pipeline.name)
            tx.execute(f"DELETE FROM {VERSIONS} WHERE {OF_PIPELINE}", where)
            tx.execute(f"DELETE FROM {_TABLE} WHERE {KEY}", where)
            delete_all_tags(tx, pipeline.arn)

        await self._database.write(delete)


def _record(pipeline: Pipeline) -> str:
    given = asdict(pipeline)
    return json.dumps({name: given[name] for name in _IN_RECORD}, separators=(",", ":"))


def _pipeline(row: Row) -> Pipeline:
    given = {name: value for name, value in json.loads(row["record"]).items() if name in _IN_RECORD}
    return Pipeline(scope_of(row), row["name"], row["created_at"], row["modified_at"], **given)
