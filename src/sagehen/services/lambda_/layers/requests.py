"""How requests name layers and their versions, and the rights that they need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import AccessRule, Request
from sagehen.domain.access import Access
from sagehen.services.lambda_.errors import InvalidParameterValueException
from sagehen.services.lambda_.names import LayerReference, parse_layer


def on_layer(*, version: bool) -> AccessRule:
    """Make the access rule of an operation on a layer, or on one version of it."""

    def rule(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
        number = request.get("VersionNumber") if version else None
        reference = parse_layer(context.scope, request["LayerName"], number)
        yield Access(f"lambda:{context.operation}", reference.arn)

    return rule


def on_arn(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """The access rule of GetLayerVersionByArn, which needs GetLayerVersion (documented)."""
    yield Access("lambda:GetLayerVersion", parse_layer(context.scope, request["Arn"]).arn)


def version_named(context: RequestContext, request: Request) -> LayerReference:
    """Return the version that LayerName and VersionNumber name.

    Raises:
        InvalidParameterValueException: The number, or the name, is none.
    """
    if request["VersionNumber"] < 1:
        # From memory.
        raise InvalidParameterValueException("Layer Version Cannot be less than 1")
    return parse_layer(context.scope, request["LayerName"], request["VersionNumber"])
