"""Scalable targets, their scheduled actions and policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sagehen.export.graph.node import Node
from sagehen.export.graph.values import Key, Named, Text
from sagehen.export.reading.asking import Asked
from sagehen.export.reading.hosting import ENDPOINT
from sagehen.export.reading.reverse import properties, trimmed

TARGET, POLICY = (f"AWS::ApplicationAutoScaling::{noun}" for noun in ("ScalableTarget", "ScalingPolicy"))
_SERVICE = "application-autoscaling"
_NAMESPACES = ("sagemaker", "lambda")
_SERVICES_ROLE = ":role/aws-service-role/"


def scaling(asked: Asked) -> Iterator[Node]:
    """Yield targets and policies of every namespace that is here."""
    for namespace in _NAMESPACES:
        request = {"ServiceNamespace": namespace}
        actions = asked.all(_SERVICE, "describe_scheduled_actions", "ScheduledActions", **request)
        for target in asked.all(_SERVICE, "describe_scalable_targets", "ScalableTargets", **request):
            yield _target(asked, target, [one for one in actions if _same(one, target)])
        for policy in asked.all(_SERVICE, "describe_scaling_policies", "ScalingPolicies", **request):
            yield _policy(asked, policy)


def _identity(one: Mapping[str, Any]) -> str:
    return f"{one['ResourceId']}|{one['ScalableDimension']}|{one['ServiceNamespace']}"


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return _identity(one) == _identity(other)


def _label(one: Mapping[str, Any]) -> str:
    return (
        str(one["ResourceId"]).removeprefix("endpoint/").removeprefix("function:").replace("/variant/", " ")
    )


def _resource(one: Mapping[str, Any]) -> tuple[Any, tuple[Key, ...]]:
    """Return a target's ResourceId, and whose chain it is part of."""
    kind, _, rest = str(one["ResourceId"]).partition("/")
    if kind == "endpoint":
        name, _, variant = rest.partition("/")
        key = Key(ENDPOINT, name)
        return Text(("endpoint/", Named(key, "EndpointName", name), f"/{variant}")), (key,)
    if str(one["ResourceId"]).startswith("function:"):
        name, _, qualifier = str(one["ResourceId"]).removeprefix("function:").partition(":")
        key = Key("AWS::Lambda::Function", name)
        return Text(("function:", Named(key, "", name), f":{qualifier}")), (key,)
    return one["ResourceId"], ()


def _target(asked: Asked, target: Mapping[str, Any], actions: list[Mapping[str, Any]]) -> Node:
    shape = asked.input_shape(_SERVICE, "RegisterScalableTarget")
    found = properties(TARGET, target, shape)
    if _SERVICES_ROLE in str(found.get("RoleARN", "")):
        del found["RoleARN"]
    resource, part_of = _resource(target)
    found["ResourceId"] = resource
    if actions:
        of_action = asked.input_shape(_SERVICE, "PutScheduledAction")
        beside = ("ServiceNamespace", "ResourceId", "ScalableDimension")
        found["ScheduledActions"] = [
            {name: value for name, value in trimmed(of_action, one).items() if name not in beside}
            for one in actions
        ]
    return Node(Key(TARGET, _identity(target)), _label(target), found, part_of=part_of)


def _policy(asked: Asked, policy: Mapping[str, Any]) -> Node:
    target = Key(TARGET, _identity(policy))
    found = properties(POLICY, policy, asked.input_shape(_SERVICE, "PutScalingPolicy"))
    for name in ("ServiceNamespace", "ResourceId", "ScalableDimension"):
        found.pop(name, None)
    found["ScalingTargetId"] = Named(target, "", target.identity)
    label = f"{_label(policy)} {policy['PolicyName']}"
    key = Key(POLICY, f"{target.identity}|{policy['PolicyName']}")
    return Node(key, label, found, {policy["PolicyARN"]: ""}, generated=True, part_of=(target,))
