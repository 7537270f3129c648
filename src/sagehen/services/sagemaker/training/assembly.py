"""The room of training jobs, put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sagehen.domain.ports.calls.operator_acts import OperatorAct
from sagehen.services.sagemaker.images.prewarming import Prewarming
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.instances.networks import NamedNetworks
from sagehen.services.sagemaker.jobs.tracked import Tracker
from sagehen.services.sagemaker.training.operations import TrainingJobs
from sagehen.services.sagemaker.training.pools.pools import WarmPools
from sagehen.services.sagemaker.training.pools.records import MIGRATIONS as POOL_MIGRATIONS
from sagehen.services.sagemaker.training.pools.records import WarmPoolRecords
from sagehen.services.sagemaker.training.pools.updates import RetentionUpdate
from sagehen.services.sagemaker.training.quota import TrainingQuota
from sagehen.services.sagemaker.training.records import TrainingJobRecords
from sagehen.services.sagemaker.training.requests.admission import Admission
from sagehen.services.sagemaker.training.runs import TrainingRuns
from sagehen.services.sagemaker.training.spot.acts import SpotActs
from sagehen.services.sagemaker.training.updates.debugger import debugger_updates
from sagehen.services.sagemaker.training.updates.operation import TrainingJobUpdates
from sagehen.store.database import Database


@dataclass(frozen=True, slots=True)
class TrainingParts:
    """What the service and the tuning jobs need of it.

    Args:
        operator_acts: What the operator may do to jobs, by name.
    """

    operations: tuple[object, ...]
    records: TrainingJobRecords
    runs: TrainingRuns
    pools: WarmPools
    admission: Admission
    quota: TrainingQuota
    operator_acts: Mapping[str, OperatorAct]


def training_parts(
    database: Database,
    means: Means,
    prewarming: Prewarming,
    networks: NamedNetworks,
    tracker: Tracker | None = None,
) -> TrainingParts:
    """Make the tables, the operations, and what goes on by itself.

    Args:
        means: Its folder is the service's: there is one in it for jobs and one for warm pools.
    """
    database.migrate("sagemaker_warm_pools", POOL_MIGRATIONS)
    records, clock, folder = TrainingJobRecords(database, tracker), means.clock, means.folder
    pools = WarmPools(replace(means, folder=folder / "warm-pools"), WarmPoolRecords(database))
    runs = TrainingRuns(replace(means, folder=folder / "training-jobs"), records, pools)
    admission = Admission(means.roles, means.objects, prewarming, means.images, networks)
    quota = TrainingQuota(database, means.supply)
    updates = {"ResourceConfig": RetentionUpdate(pools), **debugger_updates(records, runs, clock)}
    operations = (
        TrainingJobs(records, runs, clock, admission, pools, quota),
        TrainingJobUpdates(records, updates),
    )
    acts = {"interrupt": SpotActs(records, runs.poke, clock).interrupt}
    return TrainingParts(operations, records, runs, pools, admission, quota, acts)
