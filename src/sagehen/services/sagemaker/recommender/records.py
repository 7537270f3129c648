"""The SQL of recommendation jobs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.instances.supply import quotas
from sagehen.services.sagemaker.recommender.job import UNFINISHED, RecommendationJob
from sagehen.services.sagemaker.recommender.schema import TABLE
from sagehen.services.sagemaker.resources.errors import ResourceInUse, ResourceNotFound
from sagehen.services.sagemaker.resources.listing import page
from sagehen.services.sagemaker.resources.named_records import NamedRecords
from sagehen.services.sagemaker.resources.rows import key, scope_of, to_json
from sagehen.store.database import Database, Row, Transaction

_PROGRESS = ("ended_at", "failure_reason", "steps")


# Ours, of an account in a region: each holds its payloads, and keeps an instance busy.
MOST_AT_ONCE = 5


class RecommendationRecords(NamedRecords[RecommendationJob]):
    """Reads and writes."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, TABLE, values=_values, read=_read, taken=_taken)

    async def add(
        self,
        record: RecommendationJob,
        tags: Sequence[Mapping[str, str]],
        require: Callable[[Transaction], None] | None = None,
    ) -> None:
        """See NamedRecords; ResourceLimitExceeded also where too many have not ended."""

        def fits(tx: Transaction) -> None:
            if require is not None:
                require(tx)
            _require_turn(tx, record.scope)

        await super().add(record, tags, fits)

    def page(self, scope: Scope, request: Mapping[str, Any]) -> tuple[list[RecommendationJob], str | None]:
        """See NamedRecords; also by what is tried."""
        filters = {
            f"{member}Equals": f"json_extract(request, '$.InputConfig.{member}') = ?"
            for member in ("ModelName", "ModelPackageVersionArn")
        }
        rows, token = page(self._database, TABLE, scope, request, "Descending", more_filters=filters)
        return [_read(row) for row in rows], token

    def require(self, scope: Scope, name: str) -> RecommendationJob:
        """Return a job. ResourceNotFound where there is none (the model lists it; the words from memory)."""
        job = self.get(scope, name)
        if job is None:
            raise ResourceNotFound(f"Inference recommendations job {name} does not exist.")
        return job

    def require_ended(self, scope: Scope, name: str) -> RecommendationJob:
        """Return a job that has recommendations.

        Raises:
            ResourceNotFound: There is none of that name.
            ValidationException: It is not COMPLETED.
        """
        job = self.require(scope, name)
        if job.status != "COMPLETED":
            raise ValidationException(f"Inference recommendations job {name} is {job.status}, not COMPLETED.")
        return job

    def unfinished(self) -> list[RecommendationJob]:
        """Return every job, of every account, that has not ended."""
        holes = ", ".join("?" * len(UNFINISHED))
        rows = self._database.all(f"SELECT * FROM {TABLE} WHERE status IN ({holes})", UNFINISHED)
        return [_read(row) for row in rows]


def _require_turn(tx: Transaction, scope: Scope) -> None:
    holes = ", ".join("?" * len(UNFINISHED))
    (count,) = tx.execute(
        f"SELECT count(*) FROM {TABLE} WHERE account_id = ? AND region = ? AND status IN ({holes})",
        (scope.account_id, scope.region, *UNFINISHED),
    ).fetchone()
    if count >= MOST_AT_ONCE:
        raise quotas.exceeded_in_all(
            "Maximum number of concurrent inference recommendations jobs", MOST_AT_ONCE, "Jobs", count, 1
        )


def _taken(job: RecommendationJob) -> ResourceInUse:
    return ResourceInUse(f"An inference recommendations job with the name {job.name} already exists.")


def _values(job: RecommendationJob) -> tuple[str | float, ...]:
    progress = {name: getattr(job, name) for name in _PROGRESS}
    return (
        *key(job.scope, job.name), job.created_at, job.modified_at, job.status,
        to_json(job.request), to_json(progress),
    )  # fmt: skip


def _read(row: Row) -> RecommendationJob:
    return RecommendationJob(
        scope=scope_of(row),
        name=row["name"],
        created_at=row["created_at"],
        modified_at=row["modified_at"],
        status=row["status"],
        request=json.loads(row["request"]),
        **json.loads(row["progress"]),
    )
