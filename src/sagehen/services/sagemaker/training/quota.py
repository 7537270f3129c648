"""Quotas of training jobs: how many instances of a type an account's jobs may have at once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, Protocol

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.instances.supply import quotas
from sagehen.services.sagemaker.instances.supply.offer import Offer
from sagehen.services.sagemaker.instances.supply.supply import Supply
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.training.pools.matching import may_reuse
from sagehen.services.sagemaker.training.pools.records import waiting_instances
from sagehen.store.database import Database, Row, Transaction

# Not the whole request: hyperparameters and environments are long.
_ACTIVE = (
    "SELECT json_extract(request, '$.ResourceConfig') AS resources,"
    " json_extract(request, '$.EnableManagedSpotTraining') AS spot FROM sagemaker_training_jobs"
    " WHERE status IN ('InProgress', 'Stopping') AND account_id = ? AND region = ?"
)


class _Reads(Protocol):
    def __call__(self, sql: str, parameters: tuple[Any, ...]) -> list[Row]: ...


def instance_counts(resources: Mapping[str, Any]) -> Counter[str]:
    """Return how many instances of each type a ResourceConfig asks for."""
    counts: Counter[str] = Counter()
    for group in resources.get("InstanceGroups") or (resources,):
        if name := group.get("InstanceType"):
            counts[name] += group.get("InstanceCount", 1)
    return counts


class TrainingQuota:
    """Counts what the jobs of an account and region have, and knows what the operator allows."""

    def __init__(self, database: Database, supply: Supply) -> None:
        self._database = database
        self._supply = supply

    def limits_of(self, request: Mapping[str, Any]) -> dict[str, Offer]:
        """Return the types of a request that have a quota."""
        return self._supply.limited(instance_counts(request["ResourceConfig"]))

    def require(self, scope: Scope, request: Mapping[str, Any], jobs: int = 1) -> None:
        """Check that so many jobs of a request could begin now.

        Raises:
            ResourceLimitExceeded
        """
        limits = self.limits_of(request)
        if limits:
            _require(limits, self._database.all, scope, request, jobs)

    @staticmethod
    def require_within(tx: Transaction, limits: Mapping[str, Offer], job: TrainingJob) -> None:
        """Check it within the transaction that is to store a job: of two at once, one is the first.

        Raises:
            ResourceLimitExceeded
        """

        def read(sql: str, parameters: tuple[Any, ...]) -> list[Row]:
            return tx.execute(sql, parameters).fetchall()

        if limits:
            _require(limits, read, job.scope, job.request, 1)


def _require(
    limits: Mapping[str, Offer], read: _Reads, scope: Scope, request: Mapping[str, Any], jobs: int
) -> None:
    spot = bool(request.get("EnableManagedSpotTraining"))
    # Documented (Request a warm pool quota increase): what waits in warm pools counts as training does. A job
    # that takes a pool over needs no other instances.
    used = Counter() if spot else waiting_instances(read, scope, may_reuse(scope, request), jobs)
    for row in read(_ACTIVE, (scope.account_id, scope.region)):
        if bool(row["spot"]) == spot:
            used += instance_counts(json.loads(row["resources"]))
    wanted = {name: count * jobs for name, count in instance_counts(request["ResourceConfig"]).items()}
    quotas.require_all(limits, quotas.SPOT_TRAINING if spot else quotas.TRAINING, used, wanted)
