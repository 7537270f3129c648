"""The room of experiments, put together."""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.domain.clock import Clock
from sagehen.services.sagemaker.experiments.components import TrialComponents
from sagehen.services.sagemaker.experiments.metric_records import MetricRecords
from sagehen.services.sagemaker.experiments.metrics import Metrics
from sagehen.services.sagemaker.experiments.operations import Experiments, Trials
from sagehen.services.sagemaker.experiments.records import ExperimentRecords, Forgotten
from sagehen.services.sagemaker.experiments.schema import MIGRATIONS
from sagehen.services.sagemaker.experiments.sources import SourceRecords
from sagehen.services.sagemaker.experiments.told import Told
from sagehen.store.database import Database


@dataclass(frozen=True, slots=True)
class ExperimentParts:
    """What the service needs of it.

    Args:
        metrics: The operations of `sagemaker-metrics`.
    """

    operations: tuple[object, ...]
    metrics: Metrics


def experiment_parts(
    database: Database, clock: Clock, forgotten: Forgotten = lambda *_: None
) -> ExperimentParts:
    """Make the tables and the operations.

    Args:
        forgotten: See `ExperimentRecords`.
    """
    database.migrate("sagemaker_experiments", MIGRATIONS)
    records, points = ExperimentRecords(database, forgotten), MetricRecords(database)
    operations = (
        Experiments(records, clock),
        Trials(records, clock),
        TrialComponents(records, SourceRecords(database), Told(database), clock),
    )
    return ExperimentParts(operations, Metrics(records, points))
