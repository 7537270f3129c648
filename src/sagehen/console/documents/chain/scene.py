"""What there is, as AWS's operations tell it to who asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sagehen.console.documents.asking import Seen

Told = Mapping[str, Any]
# Of each kind, the latest: no picture shows more, and each is another question.
MOST = 50
_SCALED = ("sagemaker", "lambda")


@dataclass(frozen=True, slots=True)
class Scene:
    """Descriptions in AWS's words.

    Args:
        buckets: ListBuckets' items.
        notifications: Of buckets by name, GetBucketNotificationConfiguration.
        jobs, processing, transforms, models, endpoints: Described; `jobs` are those that train.
        configurations: Described endpoint configurations by name.
        functions: ListFunctions' items.
        function_policies: Text of resource policies by function; '' without one.
        apis: GetRestApis' items.
        methods: Of APIs by id: (path, HTTP method, method with its integration).
        stages: Names of stages by API id.
        alarms: DescribeAlarms' metric and composite alarms.
        targets: Scalable targets.
        policies: Scaling policies.
    """

    buckets: Sequence[Told] = ()
    notifications: Mapping[str, Told] = field(default_factory=dict)
    jobs: Sequence[Told] = ()
    processing: Sequence[Told] = ()
    transforms: Sequence[Told] = ()
    models: Sequence[Told] = ()
    endpoints: Sequence[Told] = ()
    configurations: Mapping[str, Told] = field(default_factory=dict)
    functions: Sequence[Told] = ()
    function_policies: Mapping[str, str] = field(default_factory=dict)
    apis: Sequence[Told] = ()
    methods: Mapping[str, Sequence[tuple[str, str, Told]]] = field(default_factory=dict)
    stages: Mapping[str, Sequence[str]] = field(default_factory=dict)
    alarms: Sequence[Told] = ()
    targets: Sequence[Told] = ()
    policies: Sequence[Told] = ()


async def look(seen: Seen) -> Scene:
    """Ask for everything."""
    buckets = (await seen.one("s3", "ListBuckets")).get("Buckets") or ()
    latest = {"SortBy": "CreationTime", "SortOrder": "Descending", "MaxResults": MOST}
    jobs = await _described(seen, "TrainingJob", "ListTrainingJobs", "TrainingJobSummaries", latest)
    endpoints = await _described(seen, "Endpoint", "ListEndpoints", "Endpoints", latest)
    names = dict.fromkeys(one["EndpointConfigName"] for one in endpoints)
    configurations = await seen.each(
        "sagemaker", "DescribeEndpointConfig", [{"EndpointConfigName": name} for name in names]
    )
    functions = (await seen.one("lambda", "ListFunctions", MaxItems=MOST)).get("Functions") or ()
    policies = await seen.each(
        "lambda", "GetPolicy", [{"FunctionName": one["FunctionName"]} for one in functions]
    )
    apis = (await seen.one("apigateway", "GetRestApis", limit=MOST)).get("items") or ()
    alarms = await seen.one("cloudwatch", "DescribeAlarms", MaxRecords=100)
    scaled = [
        (
            await seen.one("application-autoscaling", "DescribeScalableTargets", ServiceNamespace=space),
            await seen.one("application-autoscaling", "DescribeScalingPolicies", ServiceNamespace=space),
        )
        for space in _SCALED
    ]
    shown = buckets[:MOST]
    notified = await seen.each(
        "s3", "GetBucketNotificationConfiguration", [{"Bucket": one["Name"]} for one in shown]
    )
    return Scene(
        buckets=shown,
        notifications={one["Name"]: told for one, told in zip(shown, notified, strict=True)},
        jobs=jobs,
        processing=await _described(
            seen, "ProcessingJob", "ListProcessingJobs", "ProcessingJobSummaries", latest
        ),
        transforms=await _described(
            seen, "TransformJob", "ListTransformJobs", "TransformJobSummaries", latest
        ),
        models=await _described(seen, "Model", "ListModels", "Models", latest),
        endpoints=endpoints,
        configurations={name: told for name, told in zip(names, configurations, strict=True) if told},
        functions=functions,
        function_policies={
            one["FunctionName"]: str(told.get("Policy") or "")
            for one, told in zip(functions, policies, strict=True)
        },
        apis=apis,
        methods={one["id"]: await _methods(seen, one["id"]) for one in apis},
        stages={one["id"]: await _stages(seen, one["id"]) for one in apis},
        alarms=[*(alarms.get("MetricAlarms") or ()), *(alarms.get("CompositeAlarms") or ())],
        targets=[one for told, _ in scaled for one in told.get("ScalableTargets") or ()],
        policies=[one for _, told in scaled for one in told.get("ScalingPolicies") or ()],
    )


async def _described(
    seen: Seen, noun: str, listing: str, member: str, request: Mapping[str, Any]
) -> list[Told]:
    listed = (await seen.one("sagemaker", listing, **request)).get(member) or ()
    names = [{f"{noun}Name": one[f"{noun}Name"]} for one in listed]
    return [told for told in await seen.each("sagemaker", f"Describe{noun}", names) if told]


async def _methods(seen: Seen, api_id: str) -> list[tuple[str, str, Told]]:
    answer = await seen.one("apigateway", "GetResources", restApiId=api_id, embed=["methods"], limit=500)
    return [
        (resource["path"], verb, method)
        for resource in answer.get("items") or ()
        for verb, method in (resource.get("resourceMethods") or {}).items()
        if method.get("methodIntegration")
    ]


async def _stages(seen: Seen, api_id: str) -> list[str]:
    return [
        one["stageName"]
        for one in (await seen.one("apigateway", "GetStages", restApiId=api_id)).get("item") or ()
    ]
