"""ScalableVariants: endpoints' variants as Application Auto Scaling sees them; the port ScalableResources."""

from __future__ import annotations

from sagehen.domain.clock import Clock
from sagehen.domain.ports.compute.scaling import ScalableResource
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.endpoints.endpoint import Endpoint, EndpointVariant
from sagehen.services.sagemaker.endpoints.loops import EndpointLoops
from sagehen.services.sagemaker.endpoints.records import EndpointRecords
from sagehen.services.sagemaker.endpoints.scaling import scaled
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.errors import could_not_find

# Documented: SageMaker Developer Guide, Configure model auto scaling with the console: no burstable ones,
# such as T2.
_BURSTABLE = ("ml.t2.", "ml.t3.")
# Application Auto Scaling's name of a serverless variant's provisioned concurrency.
PROVISIONED = "sagemaker:variant:DesiredProvisionedConcurrency"


class ScalableVariants:
    """Reads and changes the desired counts of variants, as UpdateEndpointWeightsAndCapacities does."""

    def __init__(self, records: EndpointRecords, loops: EndpointLoops, clock: Clock) -> None:
        self._records = records
        self._loops = loops
        self._clock = clock

    def find(self, scope: Scope, resource_id: str, dimension: str) -> ScalableResource | None:
        """See the port. `resource_id` is `endpoint/NAME/variant/NAME`."""
        _, name, _, variant = resource_id.split("/")
        endpoint = self._records.get(scope, name)
        found = _variant(endpoint, variant)
        if endpoint is None or found is None:
            return None
        # An endpoint is InService again when as many instances serve as are wanted, and none is left over.
        settled = endpoint.status == "InService"
        if dimension == PROVISIONED:
            serverless = found.serverless
            reason = None if serverless else f"{resource_id} is not a serverless variant."
            return ScalableResource(
                serverless.provisioned if serverless else 0, settled, settled, reason, least=1
            )
        # Documented: only asynchronous endpoints scale to zero (Autoscale an asynchronous endpoint).
        least = 0 if found.concurrency else 1
        return ScalableResource(
            found.desired_count, settled, settled, _unscalable(resource_id, found), least=least
        )

    async def set_desired(self, scope: Scope, resource_id: str, dimension: str, capacity: int) -> None:
        """See the port.

        Raises:
            ValidationException: No such endpoint or variant, it is not InService, or the capacity is 0
                and it is not asynchronous.
        """
        _, name, _, variant = resource_id.split("/")
        now = self._clock.now()

        def change(endpoint: Endpoint) -> Endpoint:
            found = _variant(endpoint, variant)
            if dimension == PROVISIONED:
                if found is not None and found.serverless and found.serverless.provisioned == capacity:
                    return endpoint
                update = {"ProvisionedConcurrency": capacity}
                return scaled(endpoint, [{"VariantName": variant, "ServerlessUpdateConfig": update}], now)
            if found is not None and found.desired_count == capacity:
                return endpoint  # done before a restart, or by hand
            return scaled(endpoint, [{"VariantName": variant, "DesiredInstanceCount": capacity}], now)

        changed = await self._records.change(scope, name, change)
        if changed is None:
            raise could_not_find("endpoint", arns.endpoint_arn(scope, name))
        self._loops.poke(scope, changed.name)


def resource_id_of(endpoint: str, variant: str = "") -> str:
    """Return Application Auto Scaling's id of a variant; without one, what all ids of an endpoint begin
    with.
    """
    return f"endpoint/{endpoint}/variant/{variant}"


def _variant(endpoint: Endpoint | None, name: str) -> EndpointVariant | None:
    if endpoint is None or endpoint.status == "Deleting" or endpoint.shown is None:
        return None
    return endpoint.shown.variant(name)


def _unscalable(resource_id: str, variant: EndpointVariant) -> str | None:
    if variant.serverless is not None:  # wording: from memory
        return f"{resource_id} is serverless: it has no instances to scale."
    if variant.instance_type.startswith(_BURSTABLE):  # wording: from memory
        return (
            f"{resource_id} has the instance type {variant.instance_type}, which is burstable:"
            " automatic scaling does not support it."
        )
    return None
