"""The tables of types: every operation and member in them is AWS's; and what is made of them."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

import pytest

from sagehen.domain.identity import Principal, PrincipalKind, service_principal
from sagehen.domain.ports.calls.late_calls import LateCalls
from sagehen.domain.ports.calls.shapes import NoSuchMember
from sagehen.domain.scope import Scope
from sagehen.protocol.models.catalog import Catalog
from sagehen.protocol.validation.shaping import ModelShapes
from sagehen.services.cloudformation.change_sets.foreseen import changes_of
from sagehen.services.cloudformation.running.calling import Actor, StepFailed
from sagehen.services.cloudformation.running.evaluating import plan_of
from sagehen.services.cloudformation.running.naming import is_drawn, named
from sagehen.services.cloudformation.running.steps import Steps
from sagehen.services.cloudformation.running.walking import reversed_needs, walk
from sagehen.services.cloudformation.stacks import callers
from sagehen.services.cloudformation.stacks.stack import Resource, Stack, Version
from sagehen.services.cloudformation.types.conversions import CONVERSIONS
from sagehen.services.cloudformation.types.known import Known
from sagehen.services.cloudformation.types.requests import request_of
from sagehen.services.cloudformation.types.resource_type import ResourceType, resource_types
from sagehen.services.cloudformation.types.tagging import with_stack_tags

TYPES = resource_types()
SHAPES = ModelShapes(Catalog(sorted({"s3control", *(kind.service for kind in TYPES.values())})))
PLACES = {"region": "us-east-1", "account": "123456789012"}


def every_step(kind: ResourceType) -> Iterator[Mapping[str, Any]]:
    tagging = [kind.tags[name] for name in ("set", "unset") if kind.tags]
    for step in (*kind.create, *kind.update, *kind.delete, *kind.restore, *kind.read, *tagging):
        yield step
        if "undo" in step:
            yield step["undo"]
        if "wait" in step:
            yield step["wait"]
        if "only" in step:
            yield step["only"]


@pytest.mark.parametrize("name", sorted(TYPES))
def test_every_call_and_member_of_a_table_is_aws_s(name: str) -> None:
    kind = TYPES[name]
    for step in every_step(kind):
        members = SHAPES.members(step.get("service", kind.service), step["call"])
        wanted = {member.lower() for member in step["with"] if member not in ("*", "_")}
        assert wanted <= members, (step["call"], wanted - members)
        for value in _texts(step["with"]):
            conversion, _, _ = value.removeprefix("$").rpartition(":")
            assert not value.startswith("$") or not conversion or conversion in CONVERSIONS, value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for one in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _texts(one)


def made(name: str, properties: Mapping[str, Any], number: int = 0, **more: Any) -> dict[str, Any]:
    kind = TYPES[name]
    known = Known(properties, places=PLACES, **more)
    return SHAPES.shaped(
        kind.service, kind.create[number]["call"], request_of(kind, kind.create[number], known)
    )


def test_properties_become_requests_in_the_model_s_spelling_and_types() -> None:
    alarm = {
        "AlarmName": "a",
        "Period": "60",
        "Threshold": "1",
        "ActionsEnabled": "true",
        "Dimensions": [{"Name": "n", "Value": 1}],
    }
    assert made("AWS::CloudWatch::Alarm", alarm) == {
        "AlarmName": "a", "Period": 60, "Threshold": 1.0, "ActionsEnabled": True,
        "Dimensions": [{"Name": "n", "Value": "1"}],
    }  # fmt: skip
    api = {
        "Name": "n",
        "EndpointConfiguration": {"Types": ["REGIONAL"]},
        "Tags": [{"Key": "k", "Value": "v"}],
    }
    assert made("AWS::ApiGateway::RestApi", api) == {
        "name": "n", "endpointConfiguration": {"types": ["REGIONAL"]}, "tags": {"k": "v"},
    }  # fmt: skip
    integration = {
        "Type": "AWS_PROXY",
        "IntegrationHttpMethod": "POST",
        "IntegrationResponses": [{"StatusCode": 200}],
    }
    method = {
        "RestApiId": "r",
        "ResourceId": "s",
        "HttpMethod": "GET",
        "AuthorizationType": "NONE",
        "Integration": integration,
    }
    assert made("AWS::ApiGateway::Method", method, 2) == {
        "restApiId": "r", "resourceId": "s", "httpMethod": "GET", "type": "AWS_PROXY",
        "integrationHttpMethod": "POST",
    }  # fmt: skip
    assert made("AWS::S3::Bucket", {"BucketName": "b"}) == {"Bucket": "b"}
    with pytest.raises(NoSuchMember, match="Bogus"):
        made("AWS::CloudWatch::Alarm", {"AlarmName": "a", "Bogus": 1})
    with pytest.raises(NoSuchMember, match="Period: 'soon' is not of type integer"):
        made("AWS::CloudWatch::Alarm", {"AlarmName": "a", "Period": "soon"})


def test_rules_of_a_security_group_name_the_group_on_their_own_side() -> None:
    rule = {"IpProtocol": -1, "Description": "w"}
    inward = {"GroupId": "sg-1", **rule, "SourceSecurityGroupId": "sg-2"}
    pairs = [{"GroupId": "sg-2", "Description": "w"}]
    assert made("AWS::EC2::SecurityGroupIngress", inward) == {
        "GroupId": "sg-1", "IpPermissions": [{"IpProtocol": "-1", "UserIdGroupPairs": pairs}],
    }  # fmt: skip
    outward = [{**rule, "DestinationSecurityGroupId": "sg-2"}]
    group = {"GroupDescription": "d", "SecurityGroupEgress": outward}
    by_call = {step["call"]: number for number, step in enumerate(TYPES["AWS::EC2::SecurityGroup"].create)}
    egress = by_call["AuthorizeSecurityGroupEgress"]
    assert made("AWS::EC2::SecurityGroup", group, egress)["IpPermissions"] == [
        {"IpProtocol": "-1", "UserIdGroupPairs": pairs}
    ]
    with pytest.raises(ValueError, match="unsupported property SourceSecurityGroupId"):
        made(
            "AWS::EC2::SecurityGroup",
            {**group, "SecurityGroupEgress": [{**rule, "SourceSecurityGroupId": "sg-2"}]},
            egress,
        )


def test_code_of_a_template_becomes_a_package() -> None:
    function = {"FunctionName": "f", "Runtime": "python3.12", "Role": "r", "Code": {"ZipFile": "x = 1\n"}}
    package = made("AWS::Lambda::Function", function)["Code"]["ZipFile"]
    assert zipfile.ZipFile(BytesIO(package)).read("index.py") == b"x = 1\n"
    assert package == made("AWS::Lambda::Function", function)["Code"]["ZipFile"]
    with pytest.raises(ValueError, match="not java21"):
        made("AWS::Lambda::Function", {**function, "Runtime": "java21"})


def test_scaling_policies_take_their_target_apart() -> None:
    policy = {
        "PolicyName": "p",
        "ScalingTargetId": "endpoint/e/variant/v|sagemaker:variant:DesiredInstanceCount|sagemaker",
    }
    assert made("AWS::ApplicationAutoScaling::ScalingPolicy", policy) == {
        "PolicyName": "p", "ServiceNamespace": "sagemaker", "ResourceId": "endpoint/e/variant/v",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }  # fmt: skip


def test_names_are_drawn_within_what_services_take() -> None:
    bucket = named(TYPES["AWS::S3::Bucket"], "A-Stack", "TheBucket", "draw", {})["BucketName"]
    assert bucket.startswith("a-stack-thebucket-") and bucket == bucket.lower()
    assert named(TYPES["AWS::S3::Bucket"], "A-Stack", "TheBucket", "draw", {}) == {"BucketName": bucket}
    assert named(TYPES["AWS::S3::Bucket"], "A-Stack", "TheBucket", "other", {}) != {"BucketName": bucket}
    role = named(TYPES["AWS::IAM::Role"], "s" * 100, "Role", "draw", {})["RoleName"]
    assert len(role) == 64
    assert named(TYPES["AWS::S3::Bucket"], "s", "B", "d", {"BucketName": "own"}) == {"BucketName": "own"}
    assert is_drawn(TYPES["AWS::S3::Bucket"], "A-Stack", "TheBucket", bucket)
    assert not is_drawn(TYPES["AWS::S3::Bucket"], "A-Stack", "TheBucket", "somebody-elsesbucket12")
    assert not is_drawn(TYPES["AWS::EC2::KeyPair"], "s", "Pair", "s-Pair-ABCDEFGHIJKL")


async def test_work_is_done_in_order_and_nothing_is_begun_after_a_failure() -> None:
    needs = {"a": frozenset[str](), "b": frozenset(("a",)), "c": frozenset(("b",)), "d": frozenset(("a",))}
    begun: list[str] = []

    async def work(name: str) -> None:
        begun.append(name)
        await asyncio.sleep(0)
        if name == "b":
            raise ValueError("no b")

    failed, never = await walk(needs, work)
    assert failed == {"b": "no b"} and never == {"c"} and begun[0] == "a" and set(begun) == {"a", "b", "d"}
    begun.clear()
    assert reversed_needs(needs)["a"] == {"b", "d"}
    failed, _ = await walk(reversed_needs({**needs, "b": frozenset()}), work)
    assert "b" in failed and begun[0] in ("c", "d")


BEFORE = """
Parameters: {Days: {Type: Number}}
Resources:
  Group: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: !Ref Days}}
  Stream: {Type: AWS::Logs::LogStream, Properties: {LogGroupName: !Ref Group}}
"""


def test_a_change_set_tells_what_an_update_will_do() -> None:
    scope = Scope("123456789012", "us-east-1")
    stack = Stack(scope, "i", "s", 0.0, "CREATE_COMPLETE", Version(BEFORE, {"Days": "1"}))
    group = {"LogGroupName": "g", "RetentionInDays": "1"}
    resources = {
        "Group": Resource("Group", "AWS::Logs::LogGroup", "CREATE_COMPLETE", 0.0, "g", group),
        "Stream": Resource(
            "Stream",
            "AWS::Logs::LogStream",
            "CREATE_COMPLETE",
            0.0,
            "t",
            {"LogGroupName": "g", "LogStreamName": "t"},
        ),
    }

    def told(text: str, days: str) -> list[tuple[str, str, str | None]]:
        plan = plan_of(stack, Version(text, {"Days": days}), str)
        found = [change["ResourceChange"] for change in changes_of(plan, resources, PLACES)]
        return [(one["Action"], one["LogicalResourceId"], one["Replacement"]) for one in found]

    assert told(BEFORE, "1") == []
    assert told(BEFORE, "7") == [("Modify", "Group", "False")]
    renamed = BEFORE.replace("{RetentionInDays", "{LogGroupName: other, RetentionInDays")
    assert told(renamed, "1") == [("Modify", "Group", "True"), ("Modify", "Stream", "Conditional")]
    without = BEFORE[: BEFORE.index("  Stream")] + "  More: {Type: AWS::S3::Bucket}\n"
    assert sorted(told(without, "1")) == [("Add", "More", None), ("Remove", "Stream", None)]


def test_who_asked_is_known_after_a_restart() -> None:
    who = Principal(
        PrincipalKind.USER,
        "arn:aws:iam::123456789012:user/u",
        "123456789012",
        "AIDA",
        "u",
        session_policies=("{}",),
    )
    assert callers.of_kept(callers.kept(who)) == who


def test_tags_of_a_stack_are_its_resources_too_and_their_own_win() -> None:
    stack = [{"Key": "team", "Value": "dogs"}, {"Key": "stage", "Value": "test"}]
    own = {"Tags": [{"Key": "stage", "Value": "live"}]}
    merged = with_stack_tags(TYPES["AWS::S3::Bucket"], own, stack)
    assert merged["Tags"] == [*own["Tags"], {"Key": "team", "Value": "dogs"}]
    parameter = TYPES["AWS::SSM::Parameter"]
    assert with_stack_tags(parameter, {}, stack)["Tags"] == {"team": "dogs", "stage": "test"}
    assert with_stack_tags(TYPES["AWS::S3::BucketPolicy"], {}, stack) == {}
    assert with_stack_tags(TYPES["AWS::S3::Bucket"], {"Tags": "none"}, stack) == {"Tags": "none"}


@pytest.mark.parametrize("tags", ["none", [1], [{"Value": "v"}], {"Key": "k"}])
async def test_properties_of_the_wrong_form_fail_their_resource_with_words(tags: Any) -> None:
    kind = TYPES["AWS::Lambda::Function"]
    steps = Steps(LateCalls(), SHAPES)
    known = Known({"FunctionName": "f", "Role": "r", "Tags": tags}, places=PLACES)
    actor = Actor(service_principal("cloudformation.amazonaws.com"), Scope("123456789012", "us-east-1"))
    with pytest.raises(StepFailed, match=r"Properties validation failed|unsupported property"):
        await steps.create(actor, kind, known)
