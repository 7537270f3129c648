"""Imports through boto3 alone: what is there becomes a stack's, as it is; what is not is let go of."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.cloudformation.stacks import create, ended, failures, physical

BUCKET, GROUP = "AWS::S3::Bucket", "AWS::Logs::LogGroup"


def template(**more: Any) -> str:
    bucket = {
        "Type": BUCKET,
        "DeletionPolicy": "Retain",
        "Properties": {"Tags": [{"Key": "k", "Value": "v"}]},
    }
    return json.dumps({"Resources": {"Bucket": bucket, **more}})


def imported(cloudformation: Any, stack: str, body: str, *wanted: tuple[str, str, dict[str, str]]) -> Any:
    made = cloudformation.create_change_set(
        StackName=stack, ChangeSetName="imports", ChangeSetType="IMPORT", TemplateBody=body,
        ResourcesToImport=[
            {"LogicalResourceId": name, "ResourceType": kind, "ResourceIdentifier": identifier}
            for name, kind, identifier in wanted
        ],
    )  # fmt: skip
    told = cloudformation.describe_change_set(ChangeSetName=made["Id"])
    if told["Status"] == "FAILED":
        cloudformation.delete_change_set(ChangeSetName=made["Id"])
        return told["StatusReason"]
    actions = {one["ResourceChange"]["Action"] for one in told["Changes"]}
    assert actions == {"Import"}
    cloudformation.execute_change_set(ChangeSetName=made["Id"])
    return ended(cloudformation, made["StackId"])["StackStatus"]


def test_what_is_there_becomes_a_stack_s(client: Any) -> None:
    cloudformation, s3, logs = client("cloudformation"), client("s3"), client("logs")
    name = f"imported-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name)
    logs.create_log_group(logGroupName=name)
    bucket = ("Bucket", BUCKET, {"BucketName": name})
    assert imported(cloudformation, name, template(), bucket) == "IMPORT_COMPLETE"
    assert physical(cloudformation, name) == {"Bucket": name}
    keys = {tag["Key"] for tag in s3.get_bucket_tagging(Bucket=name)["TagSet"]}
    assert "aws:cloudformation:stack-name" in keys and "k" not in keys  # imported as it is

    summary = cloudformation.get_template_summary(TemplateBody=template())["ResourceIdentifierSummaries"]
    wanted = {"ResourceType": BUCKET, "LogicalResourceIds": ["Bucket"], "ResourceIdentifiers": ["BucketName"]}
    assert summary == [wanted]
    group = {"Type": GROUP, "DeletionPolicy": "Delete", "Properties": {"LogGroupName": name}}
    more = {"Group": group, "Other": {"Type": GROUP}}
    both = imported(cloudformation, name, template(**more), ("Group", GROUP, {"LogGroupName": name}))
    assert "modified resources [Other] in your template that are not being imported" in both
    gone = imported(
        cloudformation, name, template(Group={**group, "Properties": {"LogGroupName": "gone"}}),
        ("Group", GROUP, {"LogGroupName": "gone"}),
    )  # fmt: skip
    assert gone == "IMPORT_ROLLBACK_COMPLETE"
    assert any("was not found" in why for why in failures(cloudformation, name))
    fitting = template(Group=group)
    assert (
        imported(cloudformation, name, fitting, ("Group", GROUP, {"LogGroupName": name})) == "IMPORT_COMPLETE"
    )
    again = create(cloudformation, template(), Capabilities=[])
    assert ended(cloudformation, again)["StackStatus"] == "CREATE_COMPLETE"
    taken = imported(cloudformation, again, template(Group=group), ("Group", GROUP, {"LogGroupName": name}))
    assert f"is part of the stack {name}" in taken
    with pytest.raises(ClientError, match="those need them"):
        imported(cloudformation, name, fitting)
    # From now on the template says what it is.
    cloudformation.update_stack(StackName=name, TemplateBody=template(Group={**group, "Metadata": {"a": 1}}))
    assert ended(cloudformation, name)["StackStatus"] == "UPDATE_COMPLETE"
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackId"]
    cloudformation.delete_stack(StackName=name)
    assert ended(cloudformation, stack)["StackStatus"] == "DELETE_COMPLETE"
    s3.head_bucket(Bucket=name)
    assert logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"] == []
