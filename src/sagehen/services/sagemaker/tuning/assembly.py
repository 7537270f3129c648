"""The room of tuning jobs, put together."""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.tags.records import TagRecords
from sagehen.services.sagemaker.training.quota import TrainingQuota
from sagehen.services.sagemaker.training.records import TrainingJobRecords
from sagehen.services.sagemaker.training.requests.admission import Admission
from sagehen.services.sagemaker.training.runs import TrainingRuns
from sagehen.services.sagemaker.tuning.operations import TuningJobs
from sagehen.services.sagemaker.tuning.records import TuningJobRecords
from sagehen.services.sagemaker.tuning.run import Parts
from sagehen.services.sagemaker.tuning.runs import TuningRuns
from sagehen.services.sagemaker.tuning.schema import MIGRATIONS
from sagehen.services.sagemaker.tuning.search.strategies import Strategies
from sagehen.services.sagemaker.tuning.trials.records import TrialRecords
from sagehen.store.database import Database


@dataclass(frozen=True, slots=True)
class TuningParts:
    """What the service needs of it."""

    operations: TuningJobs
    runs: TuningRuns
    trials: TrialRecords


def tuning_parts(
    database: Database,
    means: Means,
    training: TrainingJobRecords,
    training_runs: TrainingRuns,
    tags: TagRecords,
    admission: Admission,
    quota: TrainingQuota | None = None,
) -> TuningParts:
    """Make the tables, the operations, and what goes on by itself."""
    database.migrate("sagemaker_tuning", MIGRATIONS)
    records, trials = TuningJobRecords(database), TrialRecords(database, training.insert)
    runs = TuningRuns(
        Parts(
            clock=means.clock,
            ids=means.ids,
            jobs=records,
            trials=trials,
            training=training,
            training_runs=training_runs,
            tags=tags,
            strategies=Strategies(),
        )
    )
    operations = TuningJobs(records, trials, runs, means.clock, means.ids, admission, quota)
    return TuningParts(operations, runs, trials)
