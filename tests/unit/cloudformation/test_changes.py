"""What an update calls: every difference has its effect, or the resource is made anew."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.services.cloudformation.running.changes import changes
from sagehen.services.cloudformation.types.known import Known
from sagehen.services.cloudformation.types.requests import request_of
from sagehen.services.cloudformation.types.resource_type import resource_types

TYPES = resource_types()
PLACES = {"region": "us-east-1", "account": "123456789012"}
LAMBDA, BUCKET, ROLE = "AWS::Lambda::Function", "AWS::S3::Bucket", "AWS::IAM::Role"
GROUP, TARGET = "AWS::EC2::SecurityGroup", "AWS::ApplicationAutoScaling::ScalableTarget"
SCALING, API = "AWS::ApplicationAutoScaling::ScalingPolicy", "AWS::ApiGateway::RestApi"
PARAMETER = "AWS::SSM::Parameter"
ENABLED = {"Status": "Enabled"}
FIRST, SECOND = ([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": cidr}]}] for cidr in "12")
EVERYWHERE = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
POLICY = {"PolicyName": "p", "PolicyDocument": {"A": 1}}


@pytest.mark.parametrize(
    ("name", "old", "new", "called"),
    [
        (LAMBDA, {"MemorySize": 1}, {"MemorySize": 2}, ["UpdateFunctionConfiguration MemorySize=2"]),
        (LAMBDA, {"MemorySize": 1}, {}, ["UpdateFunctionConfiguration MemorySize=128"]),
        (
            LAMBDA,
            {"Environment": {"A": 1}},
            {},
            ["UpdateFunctionConfiguration Environment={'Variables': {}}"],
        ),
        (LAMBDA, {"FunctionName": "a"}, {"FunctionName": "b"}, None),
        (LAMBDA, {"Tags": []}, {"Tags": [{"Key": "k", "Value": "v"}]}, ["TagResource Tags={'k': 'v'}"]),
        (
            *(ROLE, {"Tags": [{"Key": "k", "Value": "v"}]}, {"Tags": [{"Key": "k", "Value": "w"}]}),
            ["TagRole Tags=[{'Key': 'k', 'Value': 'w'}]"],
        ),
        (ROLE, {"Tags": [{"Key": "k", "Value": "v"}]}, {}, ["UntagRole TagKeys=['k']"]),
        (
            PARAMETER,
            {"Tags": {"k": "v"}},
            {},
            ["RemoveTagsFromResource ResourceType=Parameter TagKeys=['k']"],
        ),
        (
            LAMBDA,
            {},
            {"ReservedConcurrentExecutions": 1},
            ["PutFunctionConcurrency ReservedConcurrentExecutions=1"],
        ),
        (LAMBDA, {"ReservedConcurrentExecutions": 1}, {}, ["DeleteFunctionConcurrency"]),
        (
            BUCKET,
            {},
            {"VersioningConfiguration": ENABLED},
            [f"PutBucketVersioning VersioningConfiguration={ENABLED}"],
        ),
        (
            *(BUCKET, {"VersioningConfiguration": ENABLED}, {}),
            ["PutBucketVersioning VersioningConfiguration={'Status': 'Suspended'}"],
        ),
        (BUCKET, {"BucketName": "a"}, {"BucketName": "b"}, None),
        ("AWS::CloudWatch::Alarm", {"Period": 1}, {}, ["PutMetricAlarm"]),
        ("AWS::CloudWatch::Alarm", {"AlarmName": "a"}, {"AlarmName": "b"}, None),
        ("AWS::SageMaker::EndpointConfig", {"ProductionVariants": [1]}, {"ProductionVariants": [2]}, None),
        (
            *("AWS::SageMaker::Endpoint", {"EndpointConfigName": "a"}, {"EndpointConfigName": "b"}),
            ["UpdateEndpoint EndpointConfigName=b"],
        ),
        (TARGET, {"MaxCapacity": 1}, {"MaxCapacity": 2}, ["RegisterScalableTarget MaxCapacity=2"]),
        (
            *(SCALING, {"ScalingTargetId": "a"}, {"ScalingTargetId": "b"}),
            None,
        ),
        (ROLE, {}, {"Policies": [POLICY]}, ['PutRolePolicy PolicyDocument={"A": 1} PolicyName=p']),
        (ROLE, {"Policies": [POLICY]}, {"Policies": []}, ["DeleteRolePolicy PolicyName=p"]),
        # Put over the old one: between a deletion and that a function would have no rights.
        (
            *(ROLE, {"Policies": [POLICY]}, {"Policies": [{**POLICY, "PolicyDocument": {"A": 2}}]}),
            ['PutRolePolicy PolicyDocument={"A": 2} PolicyName=p'],
        ),
        (ROLE, {"Description": "d"}, {}, ["UpdateRole Description="]),
        (
            *(
                GROUP,
                {"SecurityGroupIngress": [{"CidrIp": "1"}]},
                {"SecurityGroupIngress": [{"CidrIp": "2"}]},
            ),
            [
                f"RevokeSecurityGroupIngress IpPermissions={FIRST}",
                f"AuthorizeSecurityGroupIngress IpPermissions={SECOND}",
            ],
        ),
        (
            *(GROUP, {}, {"SecurityGroupEgress": [{"CidrIp": "1"}]}),
            [
                f"RevokeSecurityGroupEgress IpPermissions={EVERYWHERE}",
                f"AuthorizeSecurityGroupEgress IpPermissions={FIRST}",
            ],
        ),
        ("AWS::EC2::SecurityGroupIngress", {"FromPort": 1}, {"FromPort": 2}, None),
        ("AWS::IAM::AccessKey", {"Serial": 1}, {"Serial": 2}, None),
        ("AWS::ApiGateway::Method", {"Integration": {"Type": "A"}}, {"Integration": {"Type": "B"}}, None),
        ("AWS::ApiGateway::Stage", {"CanarySetting": {}}, {"CanarySetting": {"A": 1}}, None),
        (API, {"Body": {}}, {}, None),
        (
            *(API, {"Body": {"a": 1}}, {"Body": {"a": 2}}),
            ['PutRestApi body={"a": 2} mode=overwrite', "UpdateRestApi"],
        ),
        (API, {"Name": "n", "Description": "d"}, {"Name": "n"}, ["UpdateRestApi"]),
    ],
)
def test_a_change_is_whole_or_there_is_none_in_place(
    name: str, old: dict[str, Any], new: dict[str, Any], called: list[str] | None
) -> None:
    kind = TYPES[name]
    calls = changes(kind, Known(old, "i", places=PLACES), Known(new, "i", places=PLACES))
    if called is None:
        assert calls is None
        return
    assert calls is not None
    told = []
    for step, known in calls:
        request = request_of(kind, step, known)
        shown = {k: v for k, v in sorted(request.items()) if v != "i" and k not in ("patchOperations",)}
        told.append(" ".join((step["call"], *(f"{k}={v}" for k, v in shown.items()))))
    assert told == called


@pytest.mark.parametrize("name", sorted(TYPES))
def test_what_a_creation_adds_can_be_taken_back_or_the_resource_is_made_anew(name: str) -> None:
    kind = TYPES[name]
    parts = kind.create if kind.is_spread else kind.create[1:]
    for step in (part for part in parts if "keep" not in part):
        conversion, _, path = (step.get("each") or step.get("when") or step["unless"]).rpartition(":")
        about, *inner = path.split(".")
        lists = [{"B": 1, "Throttle": {"A": 1}}] if "each" in step else {"A": 1}
        special = {"if_true": True, "if_false": False, "pairs": {"A": 1}}
        value: Any = special.get(conversion, lists)
        there = {about: {inner[0]: value} if inner else value}
        calls = changes(kind, Known(there, "i", places=PLACES), Known({}, "i", places=PLACES))
        assert calls is None or calls, f"{about} of {name} would stay though the template has it no more"
        # What is of another form is refused when it is sent, not when changes are told.
        for wrong in (False, 5, "x", [[5]], {"B": "2"}):
            calls = changes(kind, Known(there, "i", places=PLACES), Known({about: wrong}, "i", places=PLACES))
            assert calls is None or calls or {about: wrong} == there
