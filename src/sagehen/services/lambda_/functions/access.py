"""What rights it takes to make a function, and to change its configuration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request
from sagehen.domain.access import Access, ConditionValue
from sagehen.services.lambda_.functions.tags import tag_conditions
from sagehen.services.lambda_.names import parse_layer, parse_reference, reference_of


def _layer_accesses(context: RequestContext, request: Request) -> Iterator[Access]:
    for arn in request.get("Layers") or ():
        # Documented: "Granting users access to a Lambda layer": who adds one needs GetLayerVersion on it.
        yield Access("lambda:GetLayerVersion", parse_layer(context.scope, arn).arn)


def _chosen(request: Request) -> dict[str, ConditionValue]:
    """Return the condition keys of what a configuration chooses: its layers and its network."""
    network = request.get("VpcConfig") or {}
    lists = {
        # Documented: Service Authorization Reference, condition keys for AWS Lambda.
        "lambda:Layer": request.get("Layers"),
        "lambda:SecurityGroupIds": network.get("SecurityGroupIds"),
        "lambda:SubnetIds": network.get("SubnetIds"),
    }
    return {key: tuple(values) for key, values in lists.items() if values}


def creation(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """The access rule of CreateFunction: the function, its tags, each layer."""
    reference = parse_reference(context.scope, request["FunctionName"])
    keys = tag_conditions(request.get("Tags"))
    yield Access("lambda:CreateFunction", reference.unqualified_arn, {**keys, **_chosen(request)})
    # Documented: "Using tags on Lambda functions": who makes one with tags needs TagResource as well.
    if keys:
        yield Access("lambda:TagResource", reference.unqualified_arn, keys)
    yield from _layer_accesses(context, request)


def reconfiguration(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """The access rule of UpdateFunctionConfiguration: the function, each layer."""
    arn = reference_of(context, request).unqualified_arn
    yield Access("lambda:UpdateFunctionConfiguration", arn, _chosen(request))
    yield from _layer_accesses(context, request)
