"""Rollbacks that are asked for: of what failed and was left, and of a rollback that failed itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.cloudformation.stacks import ended, new_name, physical
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
