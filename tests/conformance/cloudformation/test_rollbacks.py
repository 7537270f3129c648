"""Rollbacks that are asked for: of what failed and was left, and of a rollback that failed itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.cloudformation.stacks import ended, failures, new_name, physical
from tests.waiting import eventually


def template(days: int, bad: int | None = None, **more: Any) -> str:
    resources = {
        "Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": days}},
        **({"Bad": _group(bad, DependsOn="Group")} if bad is not None else {}),
        **more,
    }
    return json.dumps({"Resources": resources})


def _group(days: int, **more: Any) -> dict[str, Any]:
    return {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": days}, **more}


def test_what_failed_and_was_left_is_taken_back(client: Any) -> None:
    cloudformation, logs, name = client("cloudformation"), client("logs"), new_name()
    stack = cloudformation.create_stack(StackName=name, TemplateBody=template(3))["StackId"]
    assert ended(cloudformation, stack)["StackStatus"] == "CREATE_COMPLETE"
    group = physical(cloudformation, stack)["Group"]
    with pytest.raises(ClientError, match="CREATE_COMPLETE state and can not be rolled back"):
        cloudformation.rollback_stack(StackName=name)
    new = {"New": _group(1, DeletionPolicy="Retain")}
    cloudformation.update_stack(StackName=name, TemplateBody=template(7, 4, **new), DisableRollback=True)
    assert ended(cloudformation, stack)["StackStatus"] == "UPDATE_FAILED"
    left = physical(cloudformation, stack)["New"]
    cloudformation.rollback_stack(StackName=name, RetainExceptOnCreate=True)
    assert ended(cloudformation, stack)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    [told] = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert told["retentionInDays"] == 3 and physical(cloudformation, stack) == {"Group": group}
    assert not logs.describe_log_groups(logGroupNamePrefix=left)["logGroups"]
    cloudformation.delete_stack(StackName=name)

    other = new_name()
    stack = cloudformation.create_stack(StackName=other, TemplateBody=template(3, 4), OnFailure="DO_NOTHING")
    assert ended(cloudformation, other)["StackStatus"] == "CREATE_FAILED"
    cloudformation.rollback_stack(StackName=other)
    assert ended(cloudformation, stack["StackId"])["StackStatus"] == "DELETE_COMPLETE"


def test_an_update_goes_on_from_what_failed_and_was_left(client: Any) -> None:
    cloudformation, logs, name = client("cloudformation"), client("logs"), new_name()

    def groups() -> dict[str, int]:
        found = logs.describe_log_groups(logGroupNamePrefix=f"/{name}/")["logGroups"]
        return {one["logGroupName"].rpartition("/")[2]: one["retentionInDays"] for one in found}

    def given(last: str, days: int, bad: int) -> dict[str, Any]:
        """A group that another name replaces, then one for which 4 days are no number."""
        properties = {"LogGroupName": f"/{name}/{last}", "RetentionInDays": days}
        named = {"Type": "AWS::Logs::LogGroup", "Properties": properties}
        bad_one = _group(bad, DependsOn="Named")
        return {
            "StackName": name,
            "TemplateBody": json.dumps({"Resources": {"Named": named, "Bad": bad_one}}),
        }

    def becomes(status: str) -> None:
        assert ended(cloudformation, stack)["StackStatus"] == status, failures(cloudformation, stack)

    stack = cloudformation.create_stack(**given("a", 3, 4), DisableRollback=True)["StackId"]
    becomes("CREATE_FAILED")
    with pytest.raises(ClientError, match=r"in a non-terminal \[CREATE_FAILED\] state"):
        cloudformation.update_stack(**given("a", 3, 5))
    cloudformation.update_stack(**given("a", 3, 4), DisableRollback=True)  # the same: it is tried again
    becomes("UPDATE_FAILED")
    cloudformation.update_stack(**given("a", 3, 5), DisableRollback=True)
    becomes("UPDATE_COMPLETE")
    assert groups() == {"a": 3}

    # What is taken back is all that failed, whatever was made in between; what went well is not done twice.
    cloudformation.update_stack(**given("b", 3, 4), DisableRollback=True)
    becomes("UPDATE_FAILED")
    cloudformation.update_stack(**given("c", 7, 4), DisableRollback=True)
    becomes("UPDATE_FAILED")
    assert groups() == {"a": 3, "c": 7}
    cloudformation.rollback_stack(StackName=name)
    becomes("UPDATE_ROLLBACK_COMPLETE")
    assert groups() == {"a": 3}
    cloudformation.update_stack(**given("a", 14, 4), DisableRollback=True)
    becomes("UPDATE_FAILED")
    made = cloudformation.create_change_set(**given("a", 14, 1), ChangeSetName="on")["Id"]
    cloudformation.execute_change_set(ChangeSetName=made, DisableRollback=True)
    becomes("UPDATE_COMPLETE")
    assert groups() == {"a": 14}

    # Neither of a pair outlives its stack.
    cloudformation.update_stack(**given("d", 14, 4), DisableRollback=True)
    becomes("UPDATE_FAILED")
    assert groups() == {"a": 14, "d": 14}
    cloudformation.delete_stack(StackName=name)
    becomes("DELETE_COMPLETE")
    assert groups() == {}


def test_what_cannot_be_taken_back_is_skipped(client: Any) -> None:
    cloudformation, name = client("cloudformation"), new_name()
    stack = cloudformation.create_stack(StackName=name, TemplateBody=template(3))["StackId"]
    ended(cloudformation, stack)
    group = physical(cloudformation, stack)["Group"]
    # Deleted behind the stack's back while it waits: nothing can be changed back.
    wait = {
        "Type": "AWS::CloudFormation::WaitCondition",
        "DependsOn": "Group",
        "CreationPolicy": {"ResourceSignal": {}},
    }
    cloudformation.update_stack(StackName=name, TemplateBody=template(7, Wait=wait))

    eventually(lambda: "Wait" in physical(cloudformation, stack))
    client("logs").delete_log_group(logGroupName=group)
    cloudformation.signal_resource(StackName=name, LogicalResourceId="Wait", UniqueId="i", Status="FAILURE")
    assert ended(cloudformation, stack)["StackStatus"] == "UPDATE_ROLLBACK_FAILED"
    with pytest.raises(ClientError, match=r"\[Wait\] are not in UPDATE_FAILED state"):
        cloudformation.continue_update_rollback(StackName=name, ResourcesToSkip=["Wait"])
    cloudformation.continue_update_rollback(StackName=name)
    assert ended(cloudformation, stack)["StackStatus"] == "UPDATE_ROLLBACK_FAILED"
    cloudformation.continue_update_rollback(StackName=name, ResourcesToSkip=["Group"])
    assert ended(cloudformation, stack)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    cloudformation.delete_stack(StackName=name)
    assert ended(cloudformation, stack)["StackStatus"] == "DELETE_COMPLETE"


def test_what_is_deleted_and_made_again_is_there_after_a_rollback(client: Any) -> None:
    cloudformation, gateway, name = client("cloudformation"), client("apigateway"), new_name()

    def given(authorization: str) -> dict[str, Any]:
        method = {
            "RestApiId": {"Ref": "Api"},
            "ResourceId": {"Fn::GetAtt": "Api.RootResourceId"},
            "HttpMethod": "GET",
            "AuthorizationType": authorization,
        }
        resources = {
            "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": name}},
            "Get": {"Type": "AWS::ApiGateway::Method", "Properties": method},
        }
        return {"StackName": name, "TemplateBody": json.dumps({"Resources": resources})}

    stack = cloudformation.create_stack(**given("NONE"))["StackId"]
    assert ended(cloudformation, stack)["StackStatus"] == "CREATE_COMPLETE", failures(cloudformation, stack)
    cloudformation.update_stack(**given("CUSTOM"))  # without an authorizer
    assert ended(cloudformation, stack)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    api = physical(cloudformation, stack)["Api"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    told = gateway.get_method(restApiId=api, resourceId=root, httpMethod="GET")
    assert told["authorizationType"] == "NONE"
    cloudformation.delete_stack(StackName=name)
    assert ended(cloudformation, stack)["StackStatus"] == "DELETE_COMPLETE"
