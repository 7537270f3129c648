"""Stack policies through boto3 alone: an update that they deny is taken back; one may lift them for once."""

from __future__ import annotations

import json
from typing import Any

from tests.conformance.cloudformation.stacks import create, ended, failures, physical

ALL = {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"}
KEPT = {"Effect": "Deny", "Principal": "*", "Action": "Update:*", "Resource": "LogicalResourceId/Kept"}
POLICY = json.dumps({"Statement": [ALL, KEPT]})


def template(*names: str, days: int = 1) -> str:
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": days}}
    return json.dumps({"Resources": dict.fromkeys(names, group)})


def test_what_a_policy_denies_is_taken_back_and_may_be_lifted_for_once(client: Any) -> None:
    cloudformation = client("cloudformation")
    stack = create(cloudformation, template("Kept", "Free"), StackPolicyBody=POLICY)
    assert ended(cloudformation, stack)["StackStatus"] == "CREATE_COMPLETE"
    assert cloudformation.get_stack_policy(StackName=stack)["StackPolicyBody"] == POLICY
    ids = physical(cloudformation, stack)
    for body, action in ((template("Kept", "Free", days=3), "Modify"), (template("Free"), "Delete")):
        cloudformation.update_stack(StackName=stack, TemplateBody=body)
        assert ended(cloudformation, stack)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
        denied = f"Statement [#2] does not allow [Update:{action}] for resource [LogicalResourceId/Kept]"
        assert any(denied in why for why in failures(cloudformation, stack))
        assert physical(cloudformation, stack) == ids
        groups = client("logs").describe_log_groups(logGroupNamePrefix=ids["Kept"])["logGroups"]
        assert [group["retentionInDays"] for group in groups] == [1]
    cloudformation.update_stack(
        StackName=stack, TemplateBody=template("Kept", "Free", days=3),
        StackPolicyDuringUpdateBody=json.dumps({"Statement": [ALL]}),
    )  # fmt: skip
    assert ended(cloudformation, stack)["StackStatus"] == "UPDATE_COMPLETE"
    assert cloudformation.get_stack_policy(StackName=stack)["StackPolicyBody"] == POLICY
    cloudformation.set_stack_policy(StackName=stack, StackPolicyBody=json.dumps({"Statement": ALL}))
    cloudformation.update_stack(StackName=stack, TemplateBody=template("Free", days=3))
    assert ended(cloudformation, stack)["StackStatus"] == "UPDATE_COMPLETE"
    cloudformation.delete_stack(StackName=stack)
