"""What the caller is told where the data plane has no answer: an AWS error for each failure. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ServiceError
from sagehen.services.sagemaker_runtime.errors import (
    ModelNotReadyException,
    ServiceUnavailable,
    ThrottlingException,
    ValidationError,
)
from sagehen.services.sagemaker_runtime.model_error import BROKEN_OFF, TIMED_OUT, model_error
from sagehen.serving.errors import (
    EndpointGone,
    InvocationFailed,
    InvocationTimeout,
    ModelNotLoaded,
    ModelUnavailable,
    NoHealthyReplica,
    NoSuchContainer,
    NoSuchVariant,
    NotMultiModel,
    NotReady,
    Overloaded,
    ReplicaLost,
    SessionElsewhere,
    SessionLost,
    SessionRefused,
    Throttled,
    TooManySessions,
)

# Seen in aws/amazon-sagemaker-examples issue 1026.
NOT_MULTI_MODEL = "Endpoint {} is not a multi-model endpoint and does not support target model header."

NOT_DIRECT = (
    "Endpoint {} is not a multi-container endpoint with direct invocation mode "
    "and does not support target container hostname header."
)


def error_of(
    context: RequestContext,
    endpoint: str,
    failure: InvocationFailed,
    request: Mapping[str, Any],
    group: str = "",
) -> ServiceError:
    """Return the error; all words but those of ModelError and of a missing endpoint are from memory.

    Args:
        endpoint: Its name as it was created.
        request: Of InvokeEndpoint, for the names that it gave.
        group: Where the container's log is, if not in the endpoint's.
    """
    match failure:
        case SessionLost():
            return ValidationError(
                f"Session {request['SessionId']} not found for endpoint {endpoint}: it was closed "
                "or has expired, or the instance that held it is gone."
            )
        case SessionElsewhere():
            return ValidationError(
                f"Session {request['SessionId']} of endpoint {endpoint} is held by variant "
                f"{failure.variant}, not by target variant {request['TargetVariant']}."
            )
        case SessionRefused():
            return model_error(
                context.scope, endpoint, 200, f"Invalid session header: {failure}.", group=group
            )
        case EndpointGone():
            return not_found(context, request["EndpointName"])
        case Throttled():
            # The status is documented (Deploy models with serverless inference: 429), the words from memory.
            return ThrottlingException("Rate exceeded")
        case NotReady():
            return ModelNotReadyException(
                f"Endpoint {endpoint} is not ready: its resources are still being provisioned, or the "
                "target model is still being downloaded or loaded. Wait and try again."
            )
        case ModelUnavailable():
            return ValidationError(str(failure))
        case ModelNotLoaded():
            return model_error(context.scope, endpoint, failure.status, str(failure), group=group)
        case NoSuchContainer():
            return ValidationError(f"Container {failure} not found for endpoint {endpoint}.")
        case NotMultiModel():
            return ValidationError(NOT_MULTI_MODEL.format(endpoint))
        case NoSuchVariant():
            return ValidationError(f"Variant {failure} not found for endpoint {endpoint}.")
        case InvocationTimeout():
            return model_error(context.scope, endpoint, 0, TIMED_OUT, group=group)
        case ReplicaLost():
            return model_error(context.scope, endpoint, 0, BROKEN_OFF, group=group)
        case NoHealthyReplica() | Overloaded() | TooManySessions():
            return ServiceUnavailable(f"The endpoint cannot take the request: {failure}.")
    return ServiceUnavailable(str(failure))


def not_found(context: RequestContext, name: str) -> ValidationError:
    """Return AWS's answer for an endpoint that is not there, or not yet, or no longer.

    Recorded: aws/amazon-sagemaker-examples issue 293.
    """
    return ValidationError(f"Endpoint {name} of account {context.scope.account_id} not found.")
