"""Scalable dimensions: what is counted of which resource, in which words, and by which metrics.

Sources: the API reference (resource ids, dimensions, defaults), the SageMaker and Lambda Developer Guides
(metrics), and activities that people have published (their words: "desired instance"
                                                                   " count", "desired concurrency").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sagehen.autoscaling.policy import PROVISIONED_CONCURRENCY_COOLDOWN_S, VARIANT_COOLDOWN_S
from sagehen.domain.scope import Scope


@dataclass(frozen=True, slots=True)
class MetricSource:
    """The CloudWatch metric behind a predefined metric type.

    Args:
        namespace: CloudWatch's.
        name: CloudWatch's.
        statistic: Over one period.
        period_s: Seconds.
    """

    namespace: str
    name: str
    statistic: str
    period_s: int = 60


@dataclass(frozen=True, slots=True)
class Dimension:
    """One scalable dimension.

    Args:
        name: AWS's (`sagemaker:variant:DesiredInstanceCount`).
        resource_id: The form of its resource ids.
        noun: What activities call the capacity.
        linked_role: The service whose role acts.
        cooldown_s: Of policies that name none: documented in the API reference.
        steps: Whether step policies exist for it; for Lambda they do not (User Guide, Limitations).
        metrics: Predefined metric type -> metric.
        metric_dimensions: Resource id -> the metric's dimensions.
        rights: Scope, resource id -> what its caller must be allowed to do, as (action, ARN).
    """

    name: str
    resource_id: re.Pattern[str]
    noun: str
    linked_role: str
    cooldown_s: float
    steps: bool
    metrics: Mapping[str, MetricSource]
    metric_dimensions: Callable[[str], Mapping[str, str]]
    rights: Callable[[Scope, str], list[tuple[str, str]]] = field(repr=False)

    @property
    def namespace(self) -> str:
        """The service namespace, with which dimensions begin."""
        return self.name.partition(":")[0]


def variant_of(resource_id: str) -> tuple[str, str]:
    """Return the endpoint and the variant of `endpoint/e/variant/v`."""
    _, endpoint, _, variant = resource_id.split("/")
    return endpoint, variant


def function_of(resource_id: str) -> tuple[str, str]:
    """Return the function and the qualifier of `function:f:q`."""
    _, function, qualifier = resource_id.split(":")
    return function, qualifier


def _variant_dimensions(resource_id: str) -> dict[str, str]:
    endpoint, variant = variant_of(resource_id)
    return {"EndpointName": endpoint, "VariantName": variant}


def _variant_rights(scope: Scope, resource_id: str) -> list[tuple[str, str]]:
    arn = scope.arn("sagemaker", f"endpoint/{variant_of(resource_id)[0].lower()}")
    return [
        (f"sagemaker:{action}", arn) for action in ("DescribeEndpoint", "UpdateEndpointWeightsAndCapacities")
    ]


def _component_dimensions(resource_id: str) -> dict[str, str]:
    return {"InferenceComponentName": resource_id.partition("/")[2]}


def _component_rights(scope: Scope, resource_id: str) -> list[tuple[str, str]]:
    arn = scope.arn("sagemaker", resource_id.lower())
    actions = ("DescribeInferenceComponent", "UpdateInferenceComponentRuntimeConfig")
    return [(f"sagemaker:{action}", arn) for action in actions]


def _function_dimensions(resource_id: str) -> dict[str, str]:
    function, qualifier = function_of(resource_id)
    return {"FunctionName": function, "Resource": f"{function}:{qualifier}"}


def _function_rights(scope: Scope, resource_id: str) -> list[tuple[str, str]]:
    arn = scope.arn("lambda", resource_id)
    actions = ("Get", "Put", "Delete")
    return [(f"lambda:{action}ProvisionedConcurrencyConfig", arn) for action in actions]


VARIANT = Dimension(
    name="sagemaker:variant:DesiredInstanceCount",
    resource_id=re.compile(
        r"endpoint/[A-Za-z0-9](-*[A-Za-z0-9]){0,62}/variant/[A-Za-z0-9](-*[A-Za-z0-9]){0,62}"
    ),
    noun="desired instance count",
    linked_role="sagemaker.application-autoscaling.amazonaws.com",
    cooldown_s=VARIANT_COOLDOWN_S,
    steps=True,
    # Invocations per instance and minute, not at once: SageMaker Developer Guide, Define a scaling policy.
    metrics={
        "SageMakerVariantInvocationsPerInstance": MetricSource(
            "AWS/SageMaker", "InvocationsPerInstance", "Sum"
        )
    },
    metric_dimensions=_variant_dimensions,
    rights=_variant_rights,
)
# Documented: SageMaker Developer Guide, Autoscale provisioned concurrency of a serverless endpoint.
SERVERLESS_VARIANT = replace(
    VARIANT,
    name="sagemaker:variant:DesiredProvisionedConcurrency",
    noun="desired provisioned concurrency",
    steps=True,
    metrics={
        "SageMakerVariantProvisionedConcurrencyUtilization": MetricSource(
            "AWS/SageMaker", "ServerlessProvisionedConcurrencyUtilization", "Average"
        )
    },
)
PROVISIONED_CONCURRENCY = Dimension(
    name="lambda:function:ProvisionedConcurrency",
    resource_id=re.compile(r"function:[A-Za-z0-9-_]{1,64}:(?!\$LATEST)[A-Za-z0-9-_]{1,128}"),
    noun="desired concurrency",
    linked_role="lambda.application-autoscaling.amazonaws.com",
    cooldown_s=PROVISIONED_CONCURRENCY_COOLDOWN_S,
    steps=False,
    metrics={
        "LambdaProvisionedConcurrencyUtilization": MetricSource(
            "AWS/Lambda", "ProvisionedConcurrencyUtilization", "Average"
        )
    },
    metric_dimensions=_function_dimensions,
    rights=_function_rights,
)
# Documented: SageMaker Developer Guide, Define a scaling policy: the high-resolution metric is one each 10 s.
COMPONENT = Dimension(
    name="sagemaker:inference-component:DesiredCopyCount",
    resource_id=re.compile(r"inference-component/[A-Za-z0-9](-*[A-Za-z0-9]){0,62}"),
    noun="desired copy count",
    linked_role=VARIANT.linked_role,
    cooldown_s=VARIANT_COOLDOWN_S,
    steps=True,
    metrics={
        "SageMakerInferenceComponentInvocationsPerCopy": MetricSource(
            "AWS/SageMaker", "InvocationsPerCopy", "Sum"
        ),
        "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution": MetricSource(
            "AWS/SageMaker", "ConcurrentRequestsPerCopy", "Maximum", 10
        ),
    },
    metric_dimensions=_component_dimensions,
    rights=_component_rights,
)
DIMENSIONS: Mapping[str, Dimension] = {
    one.name: one for one in (VARIANT, SERVERLESS_VARIANT, COMPONENT, PROVISIONED_CONCURRENCY)
}


def alarm_settings(dimension: Dimension, resource_id: str, source: MetricSource) -> dict[str, Any]:
    """Return what a predefined metric is in PutMetricAlarm's members."""
    dimensions = dimension.metric_dimensions(resource_id)
    return {
        "Namespace": source.namespace,
        "MetricName": source.name,
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        "Statistic": source.statistic,
        "Period": source.period_s,
    }
