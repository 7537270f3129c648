"""Inference components as Application Auto Scaling sees them, beside variants; the port ScalableResources."""

from __future__ import annotations

from collections.abc import Callable

from sagehen.domain.clock import Clock
from sagehen.domain.ports.compute.scaling import ScalableResource, ScalableResources
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.inference_components import changes
from sagehen.services.sagemaker.inference_components.component import KIND, InferenceComponent
from sagehen.services.sagemaker.inference_components.records import ComponentRecords
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.errors import could_not_find

COPIES = "sagemaker:inference-component:DesiredCopyCount"


class ScalableComponents:
    """Reads and changes CopyCount, as UpdateInferenceComponentRuntimeConfig does.

    Args:
        poke: Told that the components of an endpoint have changed.
    """

    def __init__(self, records: ComponentRecords, poke: Callable[[Scope, str], None], clock: Clock) -> None:
        self._records = records
        self._poke = poke
        self._clock = clock

    def find(self, scope: Scope, resource_id: str, dimension: str) -> ScalableResource | None:
        """See the port. `resource_id` is `inference-component/NAME`."""
        component = self._records.get(scope, _name_of(resource_id))
        if component is None or component.status == "Deleting":
            return None
        settled = component.status == "InService"
        return ScalableResource(component.copies, settled, settled)

    async def set_desired(self, scope: Scope, resource_id: str, dimension: str, capacity: int) -> None:
        """See the port.

        Raises:
            ValidationException: No such component, or it is not InService.
            ResourceLimitExceeded: Too many copies.
        """
        name, now = _name_of(resource_id), self._clock.now()

        def change(component: InferenceComponent) -> InferenceComponent:
            if component.copies == capacity:
                return component  # done before a restart, or by hand
            return changes.recounted(component, capacity, now)

        changed = await self._records.change(scope, name, change)
        if changed is None:
            raise could_not_find(KIND, arns.resource_arn(scope, "inference-component", name))
        self._poke(scope, changed.endpoint)


class ScalableByDimension:
    """Components and variants: whichever a dimension counts."""

    def __init__(self, variants: ScalableResources, components: ScalableComponents) -> None:
        self._variants = variants
        self._components = components

    def _of(self, dimension: str) -> ScalableResources:
        return self._components if dimension == COPIES else self._variants

    def find(self, scope: Scope, resource_id: str, dimension: str) -> ScalableResource | None:
        """See the port."""
        return self._of(dimension).find(scope, resource_id, dimension)

    async def set_desired(self, scope: Scope, resource_id: str, dimension: str, capacity: int) -> None:
        """See the port."""
        await self._of(dimension).set_desired(scope, resource_id, dimension, capacity)


def resource_id_of(component: str) -> str:
    """Return Application Auto Scaling's id of a component."""
    return f"inference-component/{component}"


def _name_of(resource_id: str) -> str:
    return resource_id.partition("/")[2]
