"""Which inference component a request is for, and what its caller is told where it has none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ServiceError
from sagehen.services.sagemaker_runtime.errors import ValidationError
from sagehen.services.sagemaker_runtime.failures import error_of
from sagehen.serving.directory import EndpointDirectory, ServedComponent, ServedEndpoint
from sagehen.serving.errors import EndpointGone, InvocationFailed, NoHealthyReplica

# Recorded: aws-samples/amazon-kendra-langchain-extensions issue 64; the other in AWS's notebooks of scaling
# to zero.
_NOT_NAMED = (
    "Inference Component Name header is required for endpoints to which you plan to deploy inference "
    "components. Please include Inference Component Name header or consider using SageMaker models."
)
NO_CAPACITY = (
    "Inference Component has no capacity to process this request. ApplicationAutoScaling may be in-progress "
    "(if configured) or try to increase the capacity by invoking UpdateInferenceComponentRuntimeConfig API."
)
# Worded after what AWS says of TargetModel.
_NO_COMPONENTS = (
    "Endpoint {} does not host inference components and does not support inference component header."
)
# Members that go with models, or containers, of an endpoint's own.
_OF_MODELS = ("TargetModel", "TargetContainerHostname", "TargetVariant")


def component_of(
    context: RequestContext,
    directory: EndpointDirectory,
    endpoint: ServedEndpoint,
    request: Mapping[str, Any],
) -> ServedComponent | None:
    """Return the component that a request names; None where the endpoint hosts none, and none is named.

    Raises:
        ValidationError: It names one that is not the endpoint's, or none where it must.
    """
    name = request.get("InferenceComponentName")
    if not endpoint.hosts_components:
        if name:
            raise ValidationError(_NO_COMPONENTS.format(request["EndpointName"]))
        return None
    if not name:
        raise ValidationError(_NOT_NAMED)
    for member in _OF_MODELS:
        if request.get(member):  # the words are ours
            raise ValidationError(f"{member} is not supported for inference components.")
    component = directory.component(context.scope, name)
    if component is None or component.endpoint != endpoint.name:
        raise _not_found(context, name)
    if component.status in ("Creating", "Failed"):  # the words are ours
        raise ValidationError(f"Inference component {name} is not in service: it is {component.status}.")
    return component


def log_group(component: ServedComponent) -> str:
    """Return where the logs of a component's containers are."""
    return f"/aws/sagemaker/InferenceComponents/{component.name}"


def error_of_component(
    context: RequestContext,
    component: ServedComponent,
    failure: InvocationFailed,
    request: Mapping[str, Any],
) -> ServiceError:
    """Return what the caller is told; see `failures.error_of`."""
    if isinstance(failure, NoHealthyReplica):
        return ValidationError(NO_CAPACITY)
    if isinstance(failure, EndpointGone):
        return _not_found(context, component.name)
    return error_of(context, component.endpoint, failure, request, log_group(component))


def _not_found(context: RequestContext, name: str) -> ValidationError:
    # Worded after what AWS says of endpoints.
    return ValidationError(f"Inference component {name} of account {context.scope.account_id} not found.")
