"""Finding a scalable target by the members of a request, and the rights that a request on it needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import AccessRule, Request
from sagehen.domain.access import Access, ConditionValue
from sagehen.domain.scope import Scope
from sagehen.services.application_autoscaling.errors import ObjectNotFoundException, ValidationException
from sagehen.services.application_autoscaling.targets.dimensions import DIMENSIONS
from sagehen.services.application_autoscaling.targets.records import TargetRecords
from sagehen.services.application_autoscaling.targets.target import ScalableTarget, TargetKey


def key_of_request(context: RequestContext, request: Request) -> TargetKey:
    """Return what a request names, checked for its form.

    Raises:
        ValidationException: The resource id does not belong to the dimension, or that not to the namespace.
        NotImplementedOperation: A dimension of AWS's that is not scaled here.
    """
    name, namespace = request["ScalableDimension"], request["ServiceNamespace"]
    dimension = DIMENSIONS.get(name)
    if dimension is None:
        built = ", ".join(DIMENSIONS)
        raise NotImplementedOperation(f"{context.operation}: {name} does not exist here. There are: {built}.")
    if dimension.namespace != namespace:
        raise ValidationException(
            f"The scalable dimension {name} does not belong to the service namespace {namespace}."
        )
    if not dimension.resource_id.fullmatch(request["ResourceId"]):
        # Recorded: AWS's word for a resource id of another form. What follows is ours: people try it.
        hint = ": provisioned concurrency cannot be put on $LATEST, but on a version or an alias"
        raise ValidationException(
            "Unsupported service namespace, resource type or scalable dimension"
            + (hint if request["ResourceId"].endswith(":$LATEST") else "")
        )
    return TargetKey(context.scope, request["ResourceId"], name)


def registered(records: TargetRecords, key: TargetKey) -> ScalableTarget:
    """Return the target.

    Raises:
        ObjectNotFoundException: It is not registered (recorded wording).
    """
    target = records.get(key)
    if target is None:
        raise ObjectNotFoundException(
            f"No scalable target registered for service namespace: {key.namespace}, resource ID:"
            f" {key.resource_id}, scalable dimension: {key.dimension}"
        )
    return target


def on_target(action: str) -> AccessRule:
    """Make the access rule of an operation on one target: on its ARN, `*` where it is not registered yet."""

    def rule(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
        records: TargetRecords = owner.targets
        key = TargetKey(context.scope, request["ResourceId"], request["ScalableDimension"])
        found = records.get(key)
        arn = found.arn if found else _any_target(context.scope)
        conditions: dict[str, ConditionValue] = {
            "application-autoscaling:service-namespace": request["ServiceNamespace"],
            "application-autoscaling:scalable-dimension": request["ScalableDimension"],
        }
        tags = request.get("Tags") or {}
        conditions |= {f"aws:RequestTag/{name}": value for name, value in tags.items()}
        if tags:
            conditions["aws:TagKeys"] = tuple(tags)
        yield Access(f"application-autoscaling:{action}", arn, conditions)

    return rule


def _any_target(scope: Scope) -> str:
    return scope.arn("application-autoscaling", "scalable-target/*")
