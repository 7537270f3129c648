"""The SQL of transform jobs."""

from __future__ import annotations

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.jobs.records import JobRecords, name_taken
from sagehen.services.sagemaker.jobs.tracked import Tracker
from sagehen.services.sagemaker.transform.job import TransformJob
from sagehen.services.sagemaker.transform.schema import OF_MODEL, TABLE
from sagehen.services.sagemaker.transform.tracked import tracked
from sagehen.store.database import Database


class TransformJobRecords(JobRecords[TransformJob]):
    """Reads and writes of them, the newest first."""

    def __init__(self, database: Database, tracker: Tracker | None = None) -> None:
        super().__init__(
            database, TABLE, make=TransformJob, taken=name_taken, order="Descending",
            tracked=tracked, tracker=tracker,
        )  # fmt: skip

    def last_of_model(self, scope: Scope, model: str) -> TransformJob | None:
        """Return the job of a model that was begun last, or None."""
        row = self._database.one(
            f"SELECT * FROM {TABLE} WHERE account_id = ? AND region = ? AND {OF_MODEL} = ?"
            " ORDER BY created_at DESC LIMIT 1",
            (scope.account_id, scope.region, model),
        )
        return self._read(row) if row else None
