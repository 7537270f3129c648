"""Nested stacks: made with the stack around them, changed, taken back to exactly what was, deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.cloudformation.stacks import ended, failures, new_name, outputs, physical

INNER = """
Parameters: {Name: {Type: String}, Days: {Type: Number, Default: 3}}
Resources:
  Group: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Ref Name, RetentionInDays: !Ref Days}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
Outputs: {Group: {Value: !GetAtt Group.Arn}}
"""
OUTER = """
Parameters:
  Name: {Type: String}
  Inner: {Type: Number, Default: 3}
  Beside: {Type: Number, Default: 3}
  Secret: {Type: String, Default: hushhush, NoEcho: true}
Resources:
  Nested:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: INNER-URL
      Parameters: {Name: !Ref Name, Days: !Ref Inner}
      Tags: [{Key: secret, Value: !Ref Secret}]
  Beside:
    Type: AWS::Logs::LogGroup
    DependsOn: Nested
    Properties: {RetentionInDays: !Ref Beside}
Outputs: {Group: {Value: !GetAtt Nested.Outputs.Group}}
"""


@pytest.fixture(scope="module")
def cloudformation(client: Any) -> Any:
    return client("cloudformation")


@pytest.fixture(scope="module")
def outer(client: Any) -> Iterator[str]:
    """The outer template, whose inner one lies in a bucket."""
    s3, bucket = client("s3"), new_name()
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="inner.yaml", Body=INNER.encode())
    yield OUTER.replace("INNER-URL", f"https://{bucket}.s3.amazonaws.com/inner.yaml")


def request(name: str, template: str, **parameters: Any) -> dict[str, Any]:
    values = [{"ParameterKey": key, "ParameterValue": str(value)} for key, value in parameters.items()]
    return {
        "StackName": name,
        "TemplateBody": template,
        "Parameters": values,
        "Capabilities": ["CAPABILITY_IAM"],
        "Tags": [{"Key": "team", "Value": "dogs"}],
    }


def test_a_nested_stack_lives_with_the_one_around_it(cloudformation: Any, client: Any, outer: str) -> None:
    logs, name = client("logs"), new_name()
    stack = cloudformation.create_stack(**request(name, outer, Name=f"/{name}/a"))["StackId"]
    told = ended(cloudformation, stack)
    assert told["StackStatus"] == "CREATE_COMPLETE", failures(cloudformation, stack)
    nested = physical(cloudformation, stack)["Nested"]
    [inner] = cloudformation.describe_stacks(StackName=nested)["Stacks"]
    assert (inner["ParentId"], inner["RootId"]) == (stack, stack)
    assert {"Key": "team", "Value": "dogs"} in inner["Tags"]
    assert outputs(told)["Group"] == outputs(inner)["Group"]

    # What was replaced inside is kept until all is done outside: so it can be taken back.
    before = physical(cloudformation, nested)
    cloudformation.update_stack(**request(name, outer, Name=f"/{name}/b", Inner=7, Beside=4))
    assert ended(cloudformation, stack)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert ended(cloudformation, nested)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert physical(cloudformation, nested) == before
    [group] = logs.describe_log_groups(logGroupNamePrefix=f"/{name}/")["logGroups"]
    assert (group["logGroupName"], group["retentionInDays"]) == (f"/{name}/a", 3)

    # What fails inside is told outside, in its words.
    cloudformation.update_stack(**request(name, outer, Name=f"/{name}/a", Inner=4))
    assert ended(cloudformation, stack)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    words = f"Embedded stack {nested} was not successfully updated. Currently in UPDATE_ROLLBACK_COMPLETE"
    assert any(words in one and "[Group]" in one for one in failures(cloudformation, stack))

    cloudformation.update_stack(**request(name, outer, Name=f"/{name}/b", Inner=7))
    told = ended(cloudformation, stack)
    assert told["StackStatus"] == "UPDATE_COMPLETE", failures(cloudformation, stack)
    assert ended(cloudformation, nested)["StackStatus"] == "UPDATE_COMPLETE"
    [group] = logs.describe_log_groups(logGroupNamePrefix=f"/{name}/")["logGroups"]
    assert (group["logGroupName"], group["retentionInDays"]) == (f"/{name}/b", 7)
    assert f":/{name}/b:" in outputs(told)["Group"]

    cloudformation.delete_stack(StackName=name)
    assert ended(cloudformation, stack)["StackStatus"] == "DELETE_COMPLETE"
    assert ended(cloudformation, nested)["StackStatus"] == "DELETE_COMPLETE"
    assert not logs.describe_log_groups(logGroupNamePrefix=f"/{name}/")["logGroups"]


def test_what_fails_inside_takes_all_back(cloudformation: Any, client: Any, outer: str) -> None:
    name = new_name()
    stack = cloudformation.create_stack(**request(name, outer, Name=f"/{name}/a", Inner=4))["StackId"]
    assert ended(cloudformation, stack)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any(
        "was not successfully created: The following resource(s) failed to create: [Group]" in reason
        for reason in failures(cloudformation, stack)
    )
    assert physical(cloudformation, stack) == {}
    # A template without end: deep, but not without bound.
    s3, bucket = client("s3"), new_name()
    s3.create_bucket(Bucket=bucket)
    url = f"https://{bucket}.s3.amazonaws.com/self.json"
    itself = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}
    endless = json.dumps({"Resources": {"Itself": itself}})
    s3.put_object(Bucket=bucket, Key="self.json", Body=endless.encode())
    stack = cloudformation.create_stack(**request(new_name(), endless))["StackId"]
    assert ended(cloudformation, stack)["StackStatus"] == "ROLLBACK_COMPLETE"
    made = cloudformation.create_change_set(
        **request(new_name(), endless), **{**ALL, "ChangeSetType": "CREATE"}
    )
    told = cloudformation.describe_change_set(ChangeSetName=made["Id"])
    assert told["Status"] == "FAILED" and "nested 10 deep at most" in told["StatusReason"]


ALL = {"ChangeSetName": "all", "IncludeNestedStacks": True}


def changes_of(cloudformation: Any, change_set: str) -> dict[str, Any]:
    found = cloudformation.describe_change_set(ChangeSetName=change_set)["Changes"]
    return {one["ResourceChange"]["LogicalResourceId"]: one["ResourceChange"] for one in found}


def test_change_sets_of_nested_stacks_are_made_executed_and_deleted_with_the_root_s(
    cloudformation: Any, client: Any, outer: str
) -> None:
    s3, name = client("s3"), new_name()
    values = request(name, outer, Name=f"/{name}/a")
    made = cloudformation.create_change_set(**values, **ALL, ChangeSetType="CREATE")
    nested = changes_of(cloudformation, made["Id"])["Nested"]
    assert nested["Action"] == "Add"
    told = cloudformation.describe_change_set(ChangeSetName=nested["ChangeSetId"])
    assert (told["ParentChangeSetId"], told["RootChangeSetId"]) == (made["Id"], made["Id"])
    assert told["StackId"] == nested["PhysicalResourceId"]
    assert {one["ResourceChange"]["LogicalResourceId"] for one in told["Changes"]} == {"Group", "Role"}
    for call in (cloudformation.execute_change_set, cloudformation.delete_change_set):
        with pytest.raises(ClientError, match="only the root change set can be executed or deleted"):
            call(ChangeSetName=nested["ChangeSetId"])
    # Deleted with the root's, and with it the stack that was never there.
    cloudformation.delete_change_set(ChangeSetName=made["Id"])
    for call, key in (("describe_change_set", "ChangeSetId"), ("describe_stacks", "PhysicalResourceId")):
        member = {"describe_change_set": "ChangeSetName", "describe_stacks": "StackName"}[call]
        with pytest.raises(ClientError, match="does not exist"):
            getattr(cloudformation, call)(**{member: nested[key]})

    made = cloudformation.create_change_set(**values, **ALL, ChangeSetType="CREATE")
    nested = changes_of(cloudformation, made["Id"])["Nested"]
    cloudformation.execute_change_set(ChangeSetName=made["Id"])
    told = ended(cloudformation, made["StackId"])
    assert told["StackStatus"] == "CREATE_COMPLETE", failures(cloudformation, name)
    assert physical(cloudformation, name)["Nested"] == nested["PhysicalResourceId"]

    # Of two that are the same to the stack around it, what lies at the URL when it is looked at counts.
    bucket, key = outer.partition("https://")[2].split(".")[0], "inner.yaml"
    s3.put_object(Bucket=bucket, Key=key, Body=INNER.replace("!Ref Days}", "30}").encode())
    made = cloudformation.create_change_set(**values, **ALL)
    s3.put_object(Bucket=bucket, Key=key, Body=INNER.encode())
    changes = changes_of(cloudformation, made["Id"])
    assert list(changes) == ["Nested"] and changes["Nested"]["Action"] == "Modify"
    told = cloudformation.describe_change_set(ChangeSetName=made["Id"], IncludePropertyValues=True)
    assert "AfterContext" in json.dumps(told, default=str) and "hushhush" not in str(told)
    inside = changes_of(cloudformation, changes["Nested"]["ChangeSetId"])
    assert {key: one["Action"] for key, one in inside.items()} == {"Group": "Modify"}
    cloudformation.execute_change_set(ChangeSetName=made["Id"])
    told = ended(cloudformation, made["StackId"])
    assert told["StackStatus"] == "UPDATE_COMPLETE", failures(cloudformation, name)
    [group] = client("logs").describe_log_groups(logGroupNamePrefix=f"/{name}/")["logGroups"]
    assert group["retentionInDays"] == 30
    assert not cloudformation.list_change_sets(StackName=nested["PhysicalResourceId"])["Summaries"]
    made = cloudformation.create_change_set(**request(name, outer, Name=f"/{name}/a"), **ALL)
    cloudformation.delete_stack(StackName=name)
    assert ended(cloudformation, made["StackId"])["StackStatus"] == "DELETE_COMPLETE"


def test_an_update_looks_at_what_lies_at_an_unchanged_url(
    cloudformation: Any, client: Any, outer: str
) -> None:
    s3, logs, name = client("s3"), client("logs"), new_name()
    bucket, key = outer.partition("https://")[2].split(".")[0], "inner.yaml"

    def becomes(inner_days: int) -> None:
        told = ended(cloudformation, name)
        assert told["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), failures(cloudformation, name)
        [group] = logs.describe_log_groups(logGroupNamePrefix=f"/{name}/")["logGroups"]
        assert group["retentionInDays"] == inner_days

    cloudformation.create_stack(**request(name, outer, Name=f"/{name}/a"))
    becomes(3)
    # A change set that looked inside and found nothing changes nothing there, whatever lies there by then.
    values = request(name, outer, Name=f"/{name}/a", Beside=5)
    made = cloudformation.create_change_set(**values, **ALL)
    assert list(changes_of(cloudformation, made["Id"])) == ["Beside"]
    s3.put_object(Bucket=bucket, Key=key, Body=INNER.replace("!Ref Days}", "30}").encode())
    cloudformation.execute_change_set(ChangeSetName=made["Id"])
    becomes(3)
    # One that does not look tells that there may be something, and an update without one does not ask.
    made = cloudformation.create_change_set(**values, ChangeSetName="flat")
    nested = changes_of(cloudformation, made["Id"])["Nested"]
    assert [one["Evaluation"] for one in nested["Details"]] == ["Dynamic"] and "ChangeSetId" not in nested
    cloudformation.execute_change_set(ChangeSetName=made["Id"])
    becomes(30)
    s3.put_object(Bucket=bucket, Key=key, Body=INNER.encode())
    cloudformation.update_stack(**values)
    becomes(3)
    cloudformation.delete_stack(StackName=name)
    assert ended(cloudformation, made["StackId"])["StackStatus"] == "DELETE_COMPLETE"
