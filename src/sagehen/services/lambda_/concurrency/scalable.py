"""ScalableConcurrency: provisioned concurrency as Application Auto Scaling sees it; the port
ScalableResources.
"""

from __future__ import annotations

from sagehen.domain.ports.compute.scaling import ScalableResource
from sagehen.domain.scope import Scope
from sagehen.services.lambda_.concurrency.provisioned import ProvisionedConcurrency
from sagehen.services.lambda_.concurrency.provisioning import Provisioning
from sagehen.services.lambda_.concurrency.records import ConcurrencyRecords
from sagehen.services.lambda_.errors import LambdaError
from sagehen.services.lambda_.names import FunctionReference


class ScalableConcurrency:
    """Reads and changes provisioned concurrency, as PutProvisionedConcurrencyConfig does."""

    def __init__(
        self, configs: ProvisionedConcurrency, records: ConcurrencyRecords, provisioning: Provisioning
    ) -> None:
        self._configs = configs
        self._records = records
        self._provisioning = provisioning

    def find(self, scope: Scope, resource_id: str, dimension: str) -> ScalableResource | None:
        """See the port. `resource_id` is `function:NAME:QUALIFIER`. Without a configuration the capacity is
        0.
        """
        reference = _reference(scope, resource_id)
        try:
            self._configs.require_published(reference)
        except LambdaError:
            return None
        config = self._records.provisioned(reference)
        if config is None:
            return ScalableResource(0, fulfilled=True, scalable=True)
        allocation = self._provisioning.allocation(reference)
        ready = allocation is not None and (allocation.status, allocation.wanted) == (
            "READY",
            config.requested,
        )
        return ScalableResource(config.requested, fulfilled=ready, scalable=True)

    async def set_desired(self, scope: Scope, resource_id: str, dimension: str, capacity: int) -> None:
        """See the port; a capacity of 0 deletes the configuration.

        Raises:
            ServiceError: As PutProvisionedConcurrencyConfig.
        """
        reference = _reference(scope, resource_id)
        self._configs.require_published(reference)
        if capacity:
            await self._configs.put(reference, capacity)
        else:
            await self._configs.delete(reference)


def _reference(scope: Scope, resource_id: str) -> FunctionReference:
    _, name, qualifier = resource_id.split(":")
    return FunctionReference(scope, name, qualifier)
