"""What is told of a trial component: its record, what it comes from, and what its metrics come to."""

from __future__ import annotations

from typing import Any

from sagehen.services.sagemaker.experiments.entity import JOB_METRICS, Entity, describe
from sagehen.services.sagemaker.experiments.metric_records import MetricRecords
from sagehen.services.sagemaker.experiments.sources import SourceRecords
from sagehen.services.sagemaker.jobs.metric_series import MetricSeries
from sagehen.store.database import Database


class Told:
    """Tells of components."""

    def __init__(self, database: Database) -> None:
        self._sources = SourceRecords(database)
        self._metrics = MetricRecords(database)

    def component(self, component: Entity) -> dict[str, Any]:
        """Return what Describe tells, and Search. Some 0.2 s of thousands of points: for a thread."""
        sources = self._sources.of(component)
        arn = (sources.get("Source") or {}).get("SourceArn", component.arn)
        of_job = [
            MetricSeries.read(stored).summary(name, arn)
            for name, stored in (component.members.get(JOB_METRICS) or {}).items()
        ]
        return {**describe(component), **sources, "Metrics": of_job + self._metrics.summaries(component)}
