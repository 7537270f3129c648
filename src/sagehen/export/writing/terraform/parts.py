"""Parts: the resources of Terraform's that a node is; most are one, some keep what is set apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.export.graph.node import Node
from sagehen.export.graph.values import Key, Package, Ref, Text
from sagehen.export.writing.terraform.kinds import KINDS


@dataclass(frozen=True, slots=True)
class Part:
    """One resource.

    Args:
        resource: Terraform's type.
        suffix: Of its name; '' for the node itself.
        properties: Named as CloudFormation's.
    """

    resource: str
    suffix: str
    properties: Mapping[str, Any]


def parts(node: Node, published: frozenset[Key] = frozenset()) -> Iterator[Part]:
    """Yield the resources of a node, its own first.

    Args:
        published: Functions that have versions.
    """
    found = dict(node.properties)
    rest = list(_APART[node.type](found)) if node.type in _APART else []
    if node.key in published:
        found["Publish"] = True
    yield Part(KINDS[node.type], "", found)
    me = Ref(node.key)
    for resource, suffix, properties in rest:
        yield Part(resource, suffix, {name: me if one is _ME else one for name, one in properties.items()})


_ME = object()
_Apart = Iterator[tuple[str, str, dict[str, Any]]]


def _bucket(found: dict[str, Any]) -> _Apart:
    bucket = {"Bucket": _ME}
    if one := found.pop("VersioningConfiguration", None):
        yield "aws_s3_bucket_versioning", "versioning", {**bucket, "VersioningConfiguration": one}
    if one := found.pop("PublicAccessBlockConfiguration", None):
        yield "aws_s3_bucket_public_access_block", "access", {**bucket, **one}
    if one := found.pop("OwnershipControls", None):
        yield "aws_s3_bucket_ownership_controls", "ownership", {**bucket, **one}
    if one := found.pop("BucketEncryption", None):
        yield "aws_s3_bucket_server_side_encryption_configuration", "encryption", {**bucket, **one}
    if one := found.pop("CorsConfiguration", None):
        yield "aws_s3_bucket_cors_configuration", "cors", {**bucket, **one}


def _role(found: dict[str, Any]) -> _Apart:
    for place, policy in enumerate(found.pop("Policies", ()), 1):
        yield "aws_iam_role_policy", f"policy_{place}", {"Role": _ME, **policy}
    for place, arn in enumerate(found.pop("ManagedPolicyArns", ()), 1):
        yield "aws_iam_role_policy_attachment", f"attachment_{place}", {"Role": _ME, "PolicyArn": arn}


def _code(found: dict[str, Any]) -> _Apart:
    name = "Code" if "Code" in found else "Content"
    code = found.pop(name)
    if isinstance(code, Package):
        found |= {"Filename": code, "SourceCodeHash": code}
    else:
        found |= {"ImageUri": code["ImageUri"], "PackageType": "Image"}
    yield from ()


def _target(found: dict[str, Any]) -> _Apart:
    beside = {name: found[name] for name in ("ServiceNamespace", "ResourceId", "ScalableDimension")}
    for place, action in enumerate(found.pop("ScheduledActions", ()), 1):
        yield "aws_appautoscaling_scheduled_action", f"action_{place}", {**beside, **action}


def _policy(found: dict[str, Any]) -> _Apart:
    target = found.pop("ScalingTargetId")
    if isinstance(target, Ref):
        _, dimension, namespace = target.key.identity.split("|")
        found |= {"ServiceNamespace": namespace, "ScalableDimension": dimension}
        found["ResourceId"] = Ref(target.key, "ResourceId")
    yield from ()


def _alias(found: dict[str, Any]) -> _Apart:
    if weights := (found.get("RoutingConfig") or {}).get("AdditionalVersionWeights"):
        pairs = {one["FunctionVersion"]: one["FunctionWeight"] for one in weights}
        found["RoutingConfig"] = {"AdditionalVersionWeights": pairs}
    if one := found.pop("ProvisionedConcurrencyConfig", None):
        beside = {"FunctionName": found["FunctionName"], "Qualifier": found["Name"]}
        yield "aws_lambda_provisioned_concurrency_config", "provisioned", {**beside, **one}


def _method(found: dict[str, Any]) -> _Apart:
    method = {name: found[name] for name in ("RestApiId", "ResourceId", "HttpMethod")}
    for one in found.pop("MethodResponses", ()):
        yield "aws_api_gateway_method_response", f"response_{one['StatusCode']}", {**method, **one}
    integration = dict(found.pop("Integration", None) or {})
    responses = integration.pop("IntegrationResponses", ())
    if "RequestTemplates" in integration:  # documented: it is required then, also where it is the usual one
        integration.setdefault("PassthroughBehavior", "WHEN_NO_MATCH")
    if integration:
        yield "aws_api_gateway_integration", "integration", {**method, **integration}
    for one in responses:
        name = f"integration_response_{one['StatusCode']}"
        yield "aws_api_gateway_integration_response", name, {**method, **one}


def _stage(found: dict[str, Any]) -> _Apart:
    for place, setting in enumerate(found.pop("MethodSettings", ()), 1):
        said = {name: one for name, one in setting.items() if name not in ("ResourcePath", "HttpMethod")}
        # The provider's documentation: without the slash at the beginning.
        resource = setting["ResourcePath"].replace("~1", "/").lstrip("/") or "~1"
        path = f"{resource}/{setting['HttpMethod']}"
        settings = {"RestApiId": found["RestApiId"], "StageName": _ME, "MethodPath": path, "Settings": said}
        yield "aws_api_gateway_method_settings", f"settings_{place}", settings


def _permission(found: dict[str, Any]) -> _Apart:
    function = found["FunctionName"]
    if isinstance(function, Text):  # an ARN with an alias behind it
        target, alias = function.parts
        found |= {"FunctionName": Ref(target.key) if isinstance(target, Ref) else target}
        found["Qualifier"] = str(alias).removeprefix(":")
    yield from ()


def _alarm(found: dict[str, Any]) -> _Apart:
    if dimensions := found.get("Dimensions"):
        found["Dimensions"] = {one["Name"]: one["Value"] for one in dimensions}
    if queries := found.get("Metrics"):
        found["Metrics"] = [_query(one) for one in queries]
    yield from ()


def _query(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return a query whose metric says its period and statistic itself."""
    stat = dict(told.get("MetricStat") or {})
    if not stat:
        return dict(told)
    metric = dict(stat.pop("Metric"))
    if dimensions := metric.pop("Dimensions", None):
        metric["Dimensions"] = {one["Name"]: one["Value"] for one in dimensions}
    rest = {name: one for name, one in told.items() if name != "MetricStat"}
    return {**rest, "Metric": {**metric, **stat}}


_APART = {
    "AWS::S3::Bucket": _bucket,
    "AWS::IAM::Role": _role,
    "AWS::Lambda::Function": _code,
    "AWS::Lambda::LayerVersion": _code,
    "AWS::Lambda::Alias": _alias,
    "AWS::ApplicationAutoScaling::ScalableTarget": _target,
    "AWS::ApplicationAutoScaling::ScalingPolicy": _policy,
    "AWS::ApiGateway::Method": _method,
    "AWS::ApiGateway::Stage": _stage,
    "AWS::Lambda::Permission": _permission,
    "AWS::CloudWatch::Alarm": _alarm,
}
