"""Invoked: who a request is for, by the names in it: an endpoint's variants, or one of its components."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ServiceError
from sagehen.api.operation import Request
from sagehen.services.sagemaker_runtime import components
from sagehen.services.sagemaker_runtime.errors import ValidationError
from sagehen.services.sagemaker_runtime.failures import NOT_DIRECT, NOT_MULTI_MODEL, error_of, not_found
from sagehen.services.sagemaker_runtime.invocation_metrics import OfComponent, OfVariant, Subject
from sagehen.serving.directory import EndpointDirectory, ServedComponent, ServedEndpoint
from sagehen.serving.errors import InvocationFailed
from sagehen.serving.router import Router


@dataclass(frozen=True, slots=True)
class Invoked:
    """Args:
    router: Of the component where there is one, else of the endpoint.
    component: None: it is for the endpoint's own models.
    """

    endpoint: ServedEndpoint
    router: Router
    component: ServedComponent | None = None

    @property
    def log_group(self) -> str:
        """Where its container's log is; empty for the endpoint's own."""
        return components.log_group(self.component) if self.component else ""

    def subject(self, variant: str) -> Subject:
        """Return whose metrics the request counts for."""
        return OfComponent(self.component.name) if self.component else OfVariant(self.endpoint.name, variant)

    def error(
        self, context: RequestContext, failure: InvocationFailed, request: Mapping[str, Any]
    ) -> ServiceError:
        """Return what the caller is told where the data plane has no answer."""
        if self.component is not None:
            return components.error_of_component(context, self.component, failure, request)
        return error_of(context, self.endpoint.name, failure, request)


def find(context: RequestContext, directory: EndpointDirectory, request: Request) -> Invoked:
    """Return who a request is for.

    Raises:
        ValidationError: There is no such endpoint, it answers later, or the request has a header of another
            kind of endpoint, or lacks one of this.
    """
    name = request["EndpointName"]
    endpoint = directory.find(context.scope, name)
    if endpoint is None or endpoint.router is None:
        raise not_found(context, name)
    if endpoint.asynchronous is not None:  # the words are ours
        raise ValidationError(
            f"Endpoint {name} of account {context.scope.account_id} is asynchronous. Use InvokeEndpointAsync."
        )
    if request.get("EnableExplanations"):  # worded after what AWS says of TargetModel
        raise ValidationError(
            f"Endpoint {name} has no explainer and does not support enable explanations header."
        )
    component = components.component_of(context, directory, endpoint, request)
    if component is not None:
        return Invoked(endpoint, component.router, component)
    _require_kind(context, name, endpoint.router, request)
    return Invoked(endpoint, endpoint.router)


def _require_kind(context: RequestContext, name: str, router: Router, request: Request) -> None:
    """Check that a request names a model, or a container, where it must, and only there.

    Raises:
        ValidationError: The second text is seen, cut off, in aws/sagemaker-tensorflow-serving-container issue
            166; the others are worded after it.
    """
    has_several = any(variant.replicas.multi_model for variant in router.variants.values())
    if request.get("TargetModel") and not has_several:
        raise ValidationError(NOT_MULTI_MODEL.format(name))
    if has_several and not request.get("TargetModel"):
        raise ValidationError(f"Request {context.request_id} is missing a target model header.")
    is_direct = any(variant.replicas.is_direct for variant in router.variants.values())
    if request.get("TargetContainerHostname") and not is_direct:
        raise ValidationError(NOT_DIRECT.format(name))
    if is_direct and not request.get("TargetContainerHostname"):
        raise ValidationError(f"Request {context.request_id} is missing a target container hostname header.")
    if has_several and request.get("SessionId"):
        raise ValidationError(f"Endpoint {name} is a multi-model endpoint and does not support sessions.")
