"""Bases: for each declared operation a request that works, made of what is there and of fresh names."""

from __future__ import annotations

import itertools
from typing import Any

from botocore.model import OperationModel

from tests.members.probes import Known, value_of

# What has to be new each time, by operation. A fresh name fits every pattern: letters and digits.
FRESH = {
    "CreateAlias": "Name",
    "CreateApiKey": "name",
    "CreateAuthorizer": "name",
    "CreateBucket": "Bucket",
    "CreateChangeSet": "ChangeSetName",
    "CreateDocumentationVersion": "documentationVersion",
    "CreateEndpointConfig": "EndpointConfigName",
    "CreateFunction": "FunctionName",
    "CreateGroup": "GroupName",
    "CreateInferenceComponent": "InferenceComponentName",
    "CreateInstanceProfile": "InstanceProfileName",
    "CreateLogGroup": "logGroupName",
    "CreateLogStream": "logStreamName",
    "CreateModel": "ModelName",
    "CreateModelPackageGroup": "ModelPackageGroupName",
    "CreateAction": "ActionName",
    "CreateContext": "ContextName",
    "CreateExperiment": "ExperimentName",
    "CreateTrial": "TrialName",
    "CreateTrialComponent": "TrialComponentName",
    "CreatePipeline": "PipelineName",
    "CreatePolicy": "PolicyName",
    "CreateRequestValidator": "name",
    "CreateRepository": "repositoryName",
    "CreateResource": "pathPart",
    "CreateRole": "RoleName",
    "CreateSAMLProvider": "Name",
    "CreateStack": "StackName",
    "CreateStage": "stageName",
    "CreateTrainingJob": "TrainingJobName",
    "CreateUsagePlan": "name",
    "CreateUser": "UserName",
    "CreateVirtualMFADevice": "VirtualMFADeviceName",
    "AddPermission": "StatementId",
    "AddLayerVersionPermission": "StatementId",
    "PublishLayerVersion": "LayerName",
}
FRESH_OF = {("apigateway", "CreateModel"): "name", ("kms", "CreateAlias"): "AliasName"}
# What a working request needs beyond the members that the model requires, or instead of a made-up value.
MORE: dict[tuple[str, str], dict[str, Any]] = {
    ("lambda", "AddPermission"): {"Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"},
    ("logs", "PutLogEvents"): {"logEvents": [{"timestamp": 0, "message": "m"}]},
    ("logs", "FilterLogEvents"): {"logGroupName": "stress"},
    ("logs", "GetLogEvents"): {"logGroupName": "stress"},
    ("logs", "DescribeLogStreams"): {"logGroupName": "stress"},
    **{
        ("iam", name): {"UserName": "stress"}  # root, who calls, has none of these
        for name in (
            "ListAccessKeys",
            "ListMFADevices",
            "ListServiceSpecificCredentials",
            "ListSSHPublicKeys",
            "ListSigningCertificates",
        )
    },
    ("kms", "CreateGrant"): {"GranteePrincipal": "arn:aws:iam::123456789012:role/stress"},
    ("kms", "ListRetirableGrants"): {"RetiringPrincipal": "arn:aws:iam::123456789012:role/stress"},
    ("kms", "GenerateDataKey"): {"KeySpec": "AES_256"},
    ("kms", "GenerateDataKeyWithoutPlaintext"): {"KeySpec": "AES_256"},
    ("kms", "GenerateRandom"): {"NumberOfBytes": 8},
    ("cloudwatch", "GetMetricWidgetImage"): {"MetricWidget": '{"metrics": [["a", "b"]]}'},
    ("cloudwatch", "PutDashboard"): {"DashboardBody": '{"widgets": []}'},
    ("sts", "AssumeRole"): {"RoleArn": "arn:aws:iam::123456789012:role/stress"},
}
# Operations that end what the others need.
_LAST = (
    "Delete",
    "Deregister",
    "Remove",
    "Untag",
    "Detach",
    "Deactivate",
    "Abort",
    "Stop",
    "Terminate",
    "Schedule",
    "Disable",
    "Complete",
)
_numbers = itertools.count()


def in_order(names: list[str]) -> list[str]:
    """Return operations so that what ends something comes last."""
    return sorted(names, key=lambda name: (name.startswith(_LAST), name))


def base_of(service: str, operation: OperationModel, known: Known) -> dict[str, Any] | None:
    """Return a request with every required member, or None where a value cannot be made."""
    shape = operation.input_shape
    if shape is None:
        return {}
    more = MORE.get((service, operation.name), {})
    request = {
        name: more.get(name, value_of(shape.members[name], name, known)) for name in shape.required_members
    }
    request |= more
    return None if any(value is None for value in request.values()) else request


def freshened(service: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """Return a request with a new name where the operation makes something."""
    member = FRESH_OF.get((service, operation)) or FRESH.get(operation)
    if member is None:
        return request
    name = f"fresh{next(_numbers)}"
    return {**request, member: f"alias/{name}" if member == "AliasName" else name}
