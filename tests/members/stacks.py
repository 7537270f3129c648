"""Requests about stacks that work: on one of a log group, and on a change set of it."""

from __future__ import annotations

import json
from typing import Any

from tests.waiting import eventually

_GROUP = {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 1}}
_STATEMENT = {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"}
_POLICY = json.dumps({"Statement": [_STATEMENT]})
TEMPLATE = json.dumps(
    {
        "Parameters": {"probe": {"Type": "String", "Default": "x"}},
        "Resources": {"Group": _GROUP},
        "Outputs": {"Name": {"Value": {"Ref": "Group"}, "Export": {"Name": "members"}}},
    }
)


def stack_requests(cloudformation: Any) -> dict[str, dict[str, Any]]:
    """Make the stack, and return requests by operation."""
    name, template = {"StackName": "members"}, {"TemplateBody": TEMPLATE}
    cloudformation.create_stack(**name, **template)

    def status() -> str:
        found: str = cloudformation.describe_stacks(**name)["Stacks"][0]["StackStatus"]
        return found

    eventually(lambda: status() == "CREATE_COMPLETE")
    change_set = {**name, "ChangeSetName": "members"}
    cloudformation.create_change_set(**change_set, **template)
    detection = cloudformation.detect_stack_drift(**name)["StackDriftDetectionId"]
    seen = ("DescribeStackEvents", "DescribeStackResources", "ListStackResources", "ListChangeSets")
    return {
        "CreateStack": {**template, "StackName": "made"},
        "CreateChangeSet": {**name, **template, "ChangeSetName": "made"},
        "DescribeChangeSet": change_set,
        "DeleteChangeSet": {**name, "ChangeSetName": "gone"},
        "DeleteStack": {"StackName": "gone"},
        "DescribeStackResource": {**name, "LogicalResourceId": "Group"},
        "UpdateTerminationProtection": {**name, "EnableTerminationProtection": False},
        "ValidateTemplate": template,
        "GetTemplateSummary": name,
        "GetTemplate": name,
        "GetStackPolicy": name,
        "SetStackPolicy": {**name, "StackPolicyBody": _POLICY},
        "DetectStackDrift": {**name, "LogicalResourceIds": ["Group"]},
        "DetectStackResourceDrift": {**name, "LogicalResourceId": "Group"},
        "DescribeStackDriftDetectionStatus": {"StackDriftDetectionId": detection},
        "DescribeStackResourceDrifts": name,
        **dict.fromkeys(seen, name),
    }
