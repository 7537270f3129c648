"""Inference components: models that share an endpoint's instances, and their life."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.api.operation import Request, on, operation
from sagehen.domain.clock import Clock
from sagehen.domain.ports.compute.scaling import ScalableTargets
from sagehen.domain.ports.observing.alarm_states import AlarmStates
from sagehen.services.sagemaker.endpoints.deployments.alarm_watch import require_alarms
from sagehen.services.sagemaker.inference_components import changes, specification
from sagehen.services.sagemaker.inference_components.admission import Admission
from sagehen.services.sagemaker.inference_components.component import KIND, InferenceComponent
from sagehen.services.sagemaker.inference_components.condition_keys import of_creation
from sagehen.services.sagemaker.inference_components.description import describe, summary
from sagehen.services.sagemaker.inference_components.loops import ComponentLoops
from sagehen.services.sagemaker.inference_components.records import ComponentRecords
from sagehen.services.sagemaker.inference_components.scalable import resource_id_of
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.errors import could_not_find

_ARN = "inference-component/{InferenceComponentName}"


class InferenceComponents:
    """CreateInferenceComponent, DescribeInferenceComponent, ListInferenceComponents,
    UpdateInferenceComponent, UpdateInferenceComponentRuntimeConfig, DeleteInferenceComponent.

    Args:
        records: Where components are.
        admission: What they may name and where they may be.
        loops: Told of every change.
        clock: The platform's clock.
        alarms: Those that may roll an update back.
    """

    def __init__(
        self,
        records: ComponentRecords,
        admission: Admission,
        loops: ComponentLoops,
        clock: Clock,
        alarms: AlarmStates | None,
    ) -> None:
        self._records = records
        self._admission = admission
        self._loops = loops
        self._clock = clock
        self._alarms = alarms
        # Application Auto Scaling; None until it is wired.
        self.scaling_targets: ScalableTargets | None = None

    @operation("CreateInferenceComponent", access=of_creation)
    async def create_inference_component(self, context: RequestContext, request: Request) -> Request:
        """Put copies of a model on an endpoint's instances; it is Creating until all are in service.

        Raises:
            ValidationException: The name is taken, there is no such endpoint, variant or model, or the
                endpoint hosts models of its own.
            ResourceLimitExceeded: Too many copies, or components.
            NotImplementedOperation: Adapters, several instance types, and others by name.
        """
        specification.check("CreateInferenceComponent", request)
        asked: Mapping[str, Any] = request.get("Specification") or {}
        specification.require_whole(asked)
        copies = (request.get("RuntimeConfig") or {}).get("CopyCount", 0)
        if copies < 1:
            # Recorded, as far as it goes (github.com/stdapi-ai/stdapi.ai/issues/43).
            raise ValidationException("Inference components copy count must be an integer larger than 0.")
        changes.require_count(copies)
        endpoint, host = self._admission.host(context.scope, request)
        now = self._clock.now()
        component = InferenceComponent(
            scope=context.scope,
            name=request["InferenceComponentName"],
            status="Creating",
            created_at=now,
            modified_at=now,
            endpoint=endpoint.name,
            endpoint_created_at=endpoint.created_at.timestamp(),
            variant=host.name,
            copies=copies,
            live=self._admission.revision(context.scope, request["InferenceComponentName"], asked, host),
        )
        await self._records.add_to_endpoint(component, request.get("Tags") or ())
        self._loops.poke(context.scope, component.endpoint)
        return {"InferenceComponentArn": component.arn}

    @operation("DescribeInferenceComponent", access=on(_ARN, lower=True))
    async def describe_inference_component(self, context: RequestContext, request: Request) -> Request:
        """Tell a component's state.

        Raises:
            ValidationException: No such component.
        """
        component = self._existing(context, request)
        return describe(component, self._loops.ready(component))

    @operation("ListInferenceComponents")
    async def list_inference_components(self, context: RequestContext, request: Request) -> Request:
        """Return one page of components, newest first where the request does not say."""
        components, token = self._records.page(context.scope, request)
        return {"InferenceComponents": [summary(one) for one in components], "NextToken": token}

    @operation("UpdateInferenceComponent", access=on(_ARN, lower=True))
    async def update_inference_component(self, context: RequestContext, request: Request) -> Request:
        """Replace its copies by those of another specification, batch by batch, or change their count.

        Raises:
            ValidationException: No such component, model or alarm, it is not InService, the endpoint is
                gone, or the policy is odd.
            ResourceLimitExceeded: Too many copies.
            NotImplementedOperation: As for creation; a rollback in batches.
        """
        component = self._existing(context, request)
        specification.check("UpdateInferenceComponent", request)
        asked = request.get("Specification")
        if not asked and not request.get("RuntimeConfig"):
            raise ValidationException("Specification or RuntimeConfig must be specified.")
        require_alarms(self._alarms, component.scope, request.get("DeploymentConfig") or {})
        revision = None
        if asked:
            _, host = self._admission.host(
                context.scope, {"EndpointName": component.endpoint, "VariantName": component.variant}
            )
            whole = specification.merged(component.live.specification, asked)
            specification.require_whole(whole)
            revision = self._admission.revision(context.scope, component.name, whole, host)
        now = self._clock.now()
        return await self._change(
            context, request, lambda found: changes.updated(found, revision, request, now)
        )

    @operation("UpdateInferenceComponentRuntimeConfig", access=on(_ARN, lower=True))
    async def update_inference_component_runtime_config(
        self, context: RequestContext, request: Request
    ) -> Request:
        """Change how many copies there are.

        Raises:
            ValidationException: No such component, or it is not InService.
            ResourceLimitExceeded: Too many.
        """
        self._existing(context, request)
        now, copies = self._clock.now(), request["DesiredRuntimeConfig"]["CopyCount"]
        return await self._change(context, request, lambda found: changes.recounted(found, copies, now))

    @operation("DeleteInferenceComponent", access=on(_ARN, lower=True))
    async def delete_inference_component(self, context: RequestContext, request: Request) -> None:
        """End a component: it takes no more requests from now on, and is gone when its copies are.

        Raises:
            ValidationException: No such component, or it is being created, changed or deleted.
        """
        self._existing(context, request)
        now = self._clock.now()
        await self._change(context, request, lambda found: changes.deleting(found, now))
        if self.scaling_targets is not None:
            resource_id = resource_id_of(request["InferenceComponentName"])
            if self.scaling_targets.is_registered(context.scope, resource_id):
                await self.scaling_targets.deregister(context.scope, resource_id)

    # --- shared ------------------------------------------------------------------------------

    def _existing(self, context: RequestContext, request: Mapping[str, Any]) -> InferenceComponent:
        component = self._records.get(context.scope, request["InferenceComponentName"])
        if component is None:
            raise _no_component(context, request)
        return component

    async def _change(
        self,
        context: RequestContext,
        request: Mapping[str, Any],
        change: Callable[[InferenceComponent], InferenceComponent],
    ) -> Request:
        changed = await self._records.change(context.scope, request["InferenceComponentName"], change)
        if changed is None:
            raise _no_component(context, request)
        self._loops.poke(context.scope, changed.endpoint)
        return {"InferenceComponentArn": changed.arn}


def _no_component(context: RequestContext, request: Mapping[str, Any]) -> ValidationException:
    name = request["InferenceComponentName"]
    # Recorded: the SDK's ModelBuilder looks for "Could not find inference component".
    return could_not_find(KIND, arns.resource_arn(context.scope, "inference-component", name))
