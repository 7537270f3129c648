"""Drift through boto3 alone: what somebody changed beside the stack is told, and nothing else is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.cloudformation.stacks import create, ended, failures, physical
from tests.waiting import eventually

TEMPLATE = """
Parameters: {Word: {Type: String, Default: hush, NoEcho: true}}
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: {Status: Enabled}
      Tags: [{Key: k, Value: v}]
      PublicAccessBlockConfiguration: {BlockPublicAcls: true, IgnorePublicAcls: "true"}
      BucketEncryption:
        ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: AES256}}]
      LifecycleConfiguration: {Rules: [{Id: old, Status: Enabled, Prefix: tmp/, ExpirationInDays: 3}]}
  Role:
    Type: AWS::IAM::Role
    Properties:
      Description: made by a stack
      ManagedPolicyArns: ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: ["sts:AssumeRole"]}]
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Role: !GetAtt Role.Arn
      Runtime: python3.11
      Handler: index.h
      Timeout: "7"
      Code: {ZipFile: "h = print"}
      Environment: {Variables: {WORD: !Ref Word}}
  Group: {Type: "AWS::Logs::LogGroup", Properties: {RetentionInDays: 7}}
  Parameter: {Type: "AWS::SSM::Parameter", Properties: {Type: String, Value: x}}
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"},
                     Action: "kms:*", Resource: "*"}]
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties: {Namespace: n, MetricName: m, Statistic: Sum, Period: "60", EvaluationPeriods: 1,
                 Threshold: 1, ComparisonOperator: GreaterThanThreshold}
  Images: {Type: "AWS::ECR::Repository", Properties: {ImageTagMutability: IMMUTABLE}}
  Stream: {Type: "AWS::Logs::LogStream", Properties: {LogGroupName: !Ref Group}}
"""


def detected(cloudformation: Any, stack: str) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    detection = cloudformation.detect_stack_drift(StackName=stack)["StackDriftDetectionId"]

    def told() -> Any:
        found = cloudformation.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
        return found if found["DetectionStatus"] != "DETECTION_IN_PROGRESS" else None

    state: dict[str, Any] = eventually(told)
    drifts = cloudformation.describe_stack_resource_drifts(StackName=stack)["StackResourceDrifts"]
    return state, {one["LogicalResourceId"]: one for one in drifts}


def test_what_was_changed_beside_the_stack_is_told(client: Any) -> None:
    cloudformation, s3 = client("cloudformation"), client("s3")
    stack = create(cloudformation, TEMPLATE)
    assert ended(cloudformation, stack)["StackStatus"] == "CREATE_COMPLETE", failures(cloudformation, stack)
    ids = physical(cloudformation, stack)
    state, drifts = detected(cloudformation, stack)
    told = {name: one["PropertyDifferences"] for name, one in drifts.items()}
    assert told == {name: [] for name in ids if name != "Stream"}
    assert (state["DetectionStatus"], state["StackDriftStatus"]) == ("DETECTION_COMPLETE", "IN_SYNC")
    expected = json.loads(drifts["Function"]["ExpectedProperties"])
    assert expected["Environment"] == {"Variables": {"WORD": "****"}} and expected["Timeout"] == "7"

    s3.put_bucket_versioning(Bucket=ids["Bucket"], VersioningConfiguration={"Status": "Suspended"})
    s3.delete_bucket_lifecycle(Bucket=ids["Bucket"])
    client("iam").update_role(RoleName=ids["Role"], Description="changed")
    client("lambda").update_function_configuration(
        FunctionName=ids["Function"], Environment={"Variables": {"WORD": "loud"}}
    )
    client("ssm").delete_parameter(Name=ids["Parameter"])
    state, drifts = detected(cloudformation, stack)
    assert state["StackDriftStatus"] == "DRIFTED" and state["DriftedStackResourceCount"] == 4
    paths = {
        name: sorted((one["PropertyPath"], one["DifferenceType"]) for one in drift["PropertyDifferences"])
        for name, drift in drifts.items()
        if drift["StackResourceDriftStatus"] == "MODIFIED"
    }
    assert paths == {
        "Bucket": [("/LifecycleConfiguration", "REMOVE"), ("/VersioningConfiguration/Status", "NOT_EQUAL")],
        "Role": [("/Description", "NOT_EQUAL")],
        "Function": [("/Environment/Variables/WORD", "NOT_EQUAL")],
    }
    assert drifts["Parameter"]["StackResourceDriftStatus"] == "DELETED"
    [one] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    assert one["DriftInformation"]["StackDriftStatus"] == "DRIFTED"
    resources = cloudformation.list_stack_resources(StackName=stack)["StackResourceSummaries"]
    checked = {
        one["LogicalResourceId"]: one["DriftInformation"]["StackResourceDriftStatus"] for one in resources
    }
    assert (checked["Stream"], checked["Group"], checked["Role"]) == ("NOT_CHECKED", "IN_SYNC", "MODIFIED")

    client("iam").update_role(RoleName=ids["Role"], Description="made by a stack")
    single = cloudformation.detect_stack_resource_drift(StackName=stack, LogicalResourceId="Role")
    assert single["StackResourceDrift"]["StackResourceDriftStatus"] == "IN_SYNC"
    with pytest.raises(ClientError, match="not supported for resource type AWS::Logs::LogStream"):
        cloudformation.detect_stack_resource_drift(StackName=stack, LogicalResourceId="Stream")
    cloudformation.delete_stack(StackName=stack)
    assert ended(cloudformation, stack)["StackStatus"] == "DELETE_COMPLETE"
