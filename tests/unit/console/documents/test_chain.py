"""The chain of the story, from a bucket to an API, and what breaks in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from sagehen.console.documents.chain.chain import Chain
from sagehen.console.documents.chain.graph import Health, Link, Node, worst
from sagehen.console.documents.chain.health import Traffic, nodes
from sagehen.console.documents.chain.links import lets_in, links, s3_parts
from sagehen.console.documents.chain.scene import Scene
from sagehen.domain.access import Access
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.domain.ports.identity.access_journal import RefusedAccess, UsedAction

from .asked import ACCOUNT, DENIED, NOW, Table

HERE = f"us-east-1:{ACCOUNT}"
TRAINER, ASKER = f"arn:aws:iam::{ACCOUNT}:role/trainer", f"arn:aws:iam::{ACCOUNT}:role/service-role/asker"
ENDPOINT = f"arn:aws:sagemaker:{HERE}:endpoint/dogs"
FUNCTION = f"arn:aws:lambda:{HERE}:function:ask"
POLICY = f"arn:aws:autoscaling:{HERE}:scalingPolicy:1"
ARTIFACT = "s3://dogs/out/dogs-1/output/model.tar.gz"
PERMISSION = {
    "Effect": "Allow",
    "Principal": {"Service": "apigateway.amazonaws.com"},
    "Action": "lambda:InvokeFunction",
    "Resource": FUNCTION,
    "Condition": {"ArnLike": {"AWS:SourceArn": f"arn:aws:execute-api:{HERE}:api1/*/POST/*"}},
}
METHOD = {
    "methodIntegration": {
        "type": "AWS_PROXY",
        "uri": f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations",
    }
}
TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/dogs/variant/v",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    "MinCapacity": 1,
    "MaxCapacity": 3,
}
SCENE = Scene(
    buckets=[{"Name": "dogs"}],
    notifications={"dogs": {}},
    jobs=[
        {
            "TrainingJobName": "dogs-1",
            "TrainingJobArn": f"arn:aws:sagemaker:{HERE}:training-job/dogs-1",
            "TrainingJobStatus": "Completed",
            "RoleArn": TRAINER,
            "InputDataConfig": [{"DataSource": {"S3DataSource": {"S3Uri": "s3://dogs/train"}}}],
            "OutputDataConfig": {"S3OutputPath": "s3://dogs/out"},
            "ModelArtifacts": {"S3ModelArtifacts": ARTIFACT},
        }
    ],
    models=[
        {
            "ModelName": "dogs",
            "ModelArn": "arn:m",
            "ExecutionRoleArn": TRAINER,
            "PrimaryContainer": {"ModelDataUrl": ARTIFACT},
        }
    ],
    endpoints=[
        {
            "EndpointName": "dogs",
            "EndpointArn": ENDPOINT,
            "EndpointConfigName": "c",
            "EndpointStatus": "InService",
            "ProductionVariants": [
                {"VariantName": "v", "CurrentInstanceCount": 1, "DesiredInstanceCount": 1}
            ],
        }
    ],
    configurations={"c": {"ProductionVariants": [{"VariantName": "v", "ModelName": "dogs"}]}},
    functions=[
        {
            "FunctionName": "ask",
            "FunctionArn": FUNCTION,
            "Role": ASKER,
            "Environment": {"Variables": {"ENDPOINT": "dogs"}},
        }
    ],
    function_policies={"ask": json.dumps({"Statement": [PERMISSION]})},
    apis=[{"id": "api1", "name": "dogs-api"}],
    methods={"api1": [("/", "POST", METHOD)]},
    stages={"api1": ["prod"]},
    alarms=[
        {
            "AlarmName": "high",
            "AlarmArn": "arn:a",
            "StateValue": "ALARM",
            "StateReason": "Threshold Crossed",
            "AlarmActions": [POLICY],
            "Dimensions": [{"Name": "EndpointName", "Value": "dogs"}],
        }
    ],
    targets=[TARGET],
    policies=[{**TARGET, "PolicyARN": POLICY}],
)
REFUSED = RefusedAccess(
    Principal(PrincipalKind.ASSUMED_ROLE, "arn:s", ACCOUNT, name="asker", role_arn=ASKER),
    Access("sagemaker:InvokeEndpoint", ENDPOINT),
    "User: …",
    False,
    "identity-based policy",
    (),
    NOW,
    NOW,
    4,
)


def allow(role: str, action: str, resource: str) -> bool | None:
    return True


def lines(found: list[Link]) -> list[str]:
    return [f"{link.source} {link.relation} {link.target}" for link in found]


def test_who_calls_whom() -> None:
    found = links(SCENE, allow, ())
    assert lines(found) == [
        "role/trainer acts as training-job/dogs-1",
        "bucket/dogs is read by training-job/dogs-1",
        "training-job/dogs-1 writes bucket/dogs",
        "role/trainer acts as model/dogs",
        "training-job/dogs-1 made model/dogs",
        "bucket/dogs is read by model/dogs",
        "model/dogs is served by endpoint/dogs",
        "role/asker acts as function/ask",
        "function/ask invokes endpoint/dogs",
        "api/api1 invokes function/ask",
        "scaling-target/sagemaker/endpoint/dogs/variant/v scales endpoint/dogs",
        "endpoint/dogs is watched by alarm/high",
        "alarm/high tells scaling-target/sagemaker/endpoint/dogs/variant/v",
    ]
    by_relation = {(link.source, link.relation): link for link in found}
    reads = by_relation["bucket/dogs", "is read by"]
    assert (reads.action, reads.resource) == (
        "s3:GetObject",
        "arn:aws:s3:::dogs/out/dogs-1/output/model.tar.gz",
    )
    writes = by_relation["training-job/dogs-1", "writes"]
    assert (writes.action, writes.resource, writes.role) == (
        "s3:PutObject",
        "arn:aws:s3:::dogs/out/*",
        TRAINER,
    )
    assert by_relation["api/api1", "invokes"].allowed is True
    assert by_relation["function/ask", "invokes"].told()["from"] == "function/ask"


def test_a_function_that_does_not_say_whom_it_calls() -> None:
    silent = replace(SCENE, functions=[{**SCENE.functions[0], "Environment": {}}])
    edge = "function/ask invokes endpoint/dogs"
    assert edge not in lines(links(silent, allow, ()))
    assert edge in lines(links(silent, allow, (ASKER,)))  # its role has called endpoints, and may this one
    assert edge not in lines(links(silent, lambda role, action, resource: False, (ASKER,)))


def test_processing_and_transform_jobs_stand_between_buckets() -> None:
    scene = Scene(
        buckets=[{"Name": "dogs"}],
        models=SCENE.models,
        processing=[
            {
                "ProcessingJobName": "p",
                "ProcessingJobArn": "arn:p",
                "ProcessingJobStatus": "InProgress",
                "RoleArn": TRAINER,
                "ProcessingInputs": [{"S3Input": {"S3Uri": "s3://dogs/raw"}}, {"InputName": "own"}],
                "ProcessingOutputConfig": {"Outputs": [{"S3Output": {"S3Uri": "s3://dogs/clean/"}}]},
                "ProcessingResources": {"ClusterConfig": {"InstanceType": "ml.m5.large"}},
            }
        ],
        transforms=[
            {
                "TransformJobName": "t",
                "TransformJobArn": "arn:t",
                "TransformJobStatus": "Failed",
                "FailureReason": "why",
                "ModelName": "dogs",
                "TransformInput": {"DataSource": {"S3DataSource": {"S3Uri": "s3://dogs/asked"}}},
                "TransformOutput": {"S3OutputPath": "s3://dogs/said"},
                "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 2},
            }
        ],
    )
    found = links(scene, allow, ())
    drawn = set(lines(found))
    for job in ("processing-job/p", "transform-job/t"):
        assert {f"bucket/dogs is read by {job}", f"{job} writes bucket/dogs"} <= drawn
    assert "model/dogs answers transform-job/t" in drawn
    resources = {link.resource for link in found if link.relation == "writes"}
    assert resources == {"arn:aws:s3:::dogs/clean/*", "arn:aws:s3:::dogs/said/*"}
    by_id = {node.id: node for node in nodes(scene, found, {}, [])}
    assert by_id["processing-job/p"].health is Health.BUSY
    assert (by_id["transform-job/t"].health, by_id["transform-job/t"].why) == (Health.ERROR, "why")


def test_what_is_not_allowed_is_broken() -> None:
    def judge(role: str, action: str, resource: str) -> bool | None:
        return action != "sagemaker:InvokeEndpoint"

    broken = replace(SCENE, function_policies={"ask": ""})
    found = links(broken, judge, ())
    by_id = {node.id: node for node in nodes(broken, found, {}, [REFUSED])}
    assert by_id["function/ask"].health is Health.ERROR
    assert by_id["function/ask"].why == f"the role asker may not sagemaker:InvokeEndpoint on {ENDPOINT}"
    assert by_id["api/api1"].health is Health.ERROR and "AddPermission is missing" in by_id["api/api1"].why
    role = by_id["role/asker"]
    assert (role.health, role.arn) == (Health.WARNING, ASKER)
    assert role.why.startswith("refused 4 times in the last hour, the latest: sagemaker:InvokeEndpoint on")
    assert by_id["endpoint/dogs"].health is Health.OK
    # Who may not ask what roles may is told nothing of it.
    unknown = links(SCENE, lambda role, action, resource: None, ())
    assert {link.allowed for link in unknown if link.role} == {None}


@pytest.mark.parametrize(
    ("change", "health", "why"),
    [
        ({"EndpointStatus": "Creating"}, Health.BUSY, ""),
        ({"EndpointStatus": "Failed", "FailureReason": "no such image"}, Health.ERROR, "no such image"),
        (
            {
                "ProductionVariants": [
                    {"VariantName": "v", "CurrentInstanceCount": 1, "DesiredInstanceCount": 3}
                ]
            },
            Health.BUSY,
            "v has 1 of 3 instances",
        ),
    ],
)
def test_colours_of_endpoints(change: Mapping[str, Any], health: Health, why: str) -> None:
    scene = replace(SCENE, endpoints=[{**SCENE.endpoints[0], **change}])
    (node,) = [node for node in nodes(scene, [], {}, []) if node.kind == "endpoint"]
    assert (node.health, node.why) == (health, why)


def test_traffic_and_alarms() -> None:
    traffic = {"endpoint/dogs": Traffic(120, 3, 0, 60), "function/ask": Traffic(60, 0, 7, 60)}
    by_id = {node.id: node for node in nodes(SCENE, [], traffic, [])}
    assert by_id["endpoint/dogs"].per_second == 2 and by_id["endpoint/dogs"].health is Health.WARNING
    assert by_id["endpoint/dogs"].why == "3 of 120 requests failed"
    assert by_id["function/ask"].why == "7 requests were throttled"
    assert (by_id["alarm/high"].health, by_id["alarm/high"].why) == (Health.WARNING, "Threshold Crossed")
    assert by_id["api/api1"].per_second is None
    assert worst(Health.BUSY, Health.ERROR, Health.OK) is Health.ERROR
    assert Node("bucket", "b").told()["perSecond"] is None


def test_what_points_at_nothing() -> None:
    gone = replace(SCENE, models=[], buckets=[])
    by_id = {node.id: node for node in nodes(gone, links(gone, allow, ()), {}, [])}
    assert by_id["model/dogs"].status == by_id["bucket/dogs"].status == "unknown"
    assert by_id["model/dogs"].health is Health.WARNING


@pytest.mark.parametrize(
    ("pattern", "call", "allowed"),
    [
        ("api1/*", "api1/prod/POST/", True),
        ("api1/*/*/*", "api1/prod/GET/a/b", True),
        ("api1/prod/POST/a", "api1/prod/POST/a", True),
        ("api1/test/POST/a", "api1/prod/POST/a", False),
        ("api1/*/GET/", "api1/prod/POST/", False),
        ("api2/*", "api1/prod/POST/", False),
    ],
)
def test_whom_a_function_lets_in(pattern: str, call: str, allowed: bool) -> None:
    condition = {"ArnLike": {"AWS:SourceArn": f"arn:aws:execute-api:{HERE}:{pattern}"}}
    policy = json.dumps({"Statement": {**PERMISSION, "Condition": condition}})
    assert lets_in(policy, "apigateway.amazonaws.com", (call,)) is allowed
    assert not lets_in(policy, "s3.amazonaws.com", (call,))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"Statement": []}', '{"Statement": {"Effect": "Deny"}}'])
def test_policies_that_let_nobody_in(text: str) -> None:
    assert not lets_in(text, "apigateway.amazonaws.com", ("api1/prod/GET/",))


def test_uris() -> None:
    assert s3_parts("s3://b/k/l") == ("b", "k/l") and s3_parts("s3://b") == ("b", "")
    assert s3_parts("https://b/k") == s3_parts("") == ("", "")


class Rights:
    began = NOW

    def may(self, role_arn: str, access: Access) -> bool | None:
        return True

    def refusals(self, account_id: str) -> list[RefusedAccess]:
        return [REFUSED]

    def called(self, account_id: str, kind: str, name: str) -> list[UsedAction]:
        return [UsedAction("sagemaker:InvokeEndpoint", 3, NOW)]


def metric_data(request: Mapping[str, Any]) -> Mapping[str, Any]:
    assert (request["EndTime"] - request["StartTime"]).total_seconds() == 60
    return {
        "MetricDataResults": [
            {"Id": query["Id"], "Values": [30.0]}
            for query in request["MetricDataQueries"]
            if query["MetricStat"]["Metric"]["MetricName"] in ("Invocations", "Count")
        ]
    }


ANSWERS: dict[str, Any] = {
    "s3:ListBuckets": {"Buckets": SCENE.buckets},
    "s3:GetBucketNotificationConfiguration": {},
    "sagemaker:ListTrainingJobs": {"TrainingJobSummaries": SCENE.jobs},
    "sagemaker:DescribeTrainingJob": SCENE.jobs[0],
    "sagemaker:ListModels": {"Models": SCENE.models},
    "sagemaker:DescribeModel": SCENE.models[0],
    "sagemaker:ListEndpoints": {"Endpoints": SCENE.endpoints},
    "sagemaker:DescribeEndpoint": SCENE.endpoints[0],
    "sagemaker:DescribeEndpointConfig": SCENE.configurations["c"],
    "lambda:ListFunctions": {"Functions": SCENE.functions},
    "lambda:GetPolicy": {"Policy": SCENE.function_policies["ask"]},
    "apigateway:GetRestApis": {"items": SCENE.apis},
    "apigateway:GetResources": {"items": [{"path": "/", "resourceMethods": {"POST": METHOD}}]},
    "apigateway:GetStages": {"item": [{"stageName": "prod"}]},
    "cloudwatch:DescribeAlarms": {"MetricAlarms": SCENE.alarms},
    "cloudwatch:GetMetricData": metric_data,
    "application-autoscaling:DescribeScalableTargets": lambda request: {
        "ScalableTargets": [TARGET] if request["ServiceNamespace"] == "sagemaker" else []
    },
    "application-autoscaling:DescribeScalingPolicies": lambda request: {
        "ScalingPolicies": SCENE.policies if request["ServiceNamespace"] == "sagemaker" else []
    },
}


async def test_the_document() -> None:
    document = await Chain(Rights(), Rights())(Table(ANSWERS), {})
    assert len(document["links"]) == len(links(SCENE, allow, ())) == 13
    by_id = {node["id"]: node for node in document["nodes"]}
    assert len(by_id) == len(document["nodes"]) == 10
    assert {by_id[name]["perSecond"] for name in ("endpoint/dogs", "function/ask", "api/api1")} == {0.5}
    assert document["hidden"] == [] and by_id["role/asker"]["health"] == "warning"
    json.dumps(document)


async def test_of_who_may_see_little() -> None:
    little = {name: DENIED for name in ANSWERS} | {"s3:ListBuckets": ANSWERS["s3:ListBuckets"]}
    document = await Chain(Rights(), Rights())(Table(little), {})
    assert [node["id"] for node in document["nodes"]] == ["bucket/dogs"]
    assert "sagemaker:ListEndpoints" in document["hidden"]
    blind = {**ANSWERS, "iam:SimulatePrincipalPolicy": DENIED, "sagehen:ListRefusals": DENIED}
    document = await Chain(Rights(), Rights())(Table(blind), {})
    assert {link["allowed"] for link in document["links"] if link["role"]} == {None}
    assert all(node["why"] == "" for node in document["nodes"] if node["kind"] == "role")
    assert {"iam:SimulatePrincipalPolicy", "sagehen:ListRefusals"} <= set(document["hidden"])
