"""Other resources, each told by one listing and one description; and what no template has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore import xform_name

from sagehen.export.graph.node import Node
from sagehen.export.graph.values import Key
from sagehen.export.reading.asking import Asked
from sagehen.export.reading.reverse import properties


@dataclass(frozen=True, slots=True)
class _Kind:
    """How resources of a type are found.

    Args:
        noun: Of the type, and of its operations: Describe and Create.
        listing, member: The operation that lists them.
        name: The member that names one; the type's property has the same name.
        renamed: Members of a description that a request calls otherwise.
    """

    type: str
    service: str
    noun: str
    listing: str
    member: str
    name: str
    renamed: Mapping[str, str] = field(default_factory=dict)


_KINDS = (
    _Kind(
        "AWS::SageMaker::NotebookInstanceLifecycleConfig",
        "sagemaker",
        "NotebookInstanceLifecycleConfig",
        "ListNotebookInstanceLifecycleConfigs",
        "NotebookInstanceLifecycleConfigs",
        "NotebookInstanceLifecycleConfigName",
    ),
    _Kind(
        "AWS::SageMaker::NotebookInstance",
        "sagemaker",
        "NotebookInstance",
        "ListNotebookInstances",
        "NotebookInstances",
        "NotebookInstanceName",
        {"NotebookInstanceLifecycleConfigName": "LifecycleConfigName", "SecurityGroups": "SecurityGroupIds"},
    ),
    _Kind(
        "AWS::SageMaker::ModelPackageGroup",
        "sagemaker",
        "ModelPackageGroup",
        "ListModelPackageGroups",
        "ModelPackageGroupSummaryList",
        "ModelPackageGroupName",
    ),
    _Kind(
        "AWS::SageMaker::Pipeline",
        "sagemaker",
        "Pipeline",
        "ListPipelines",
        "PipelineSummaries",
        "PipelineName",
    ),
)
# Operation, member of its answer, what it is: counted, and said.
_LEFT_OUT = (
    ("iam", "list_users", "Users", "users"),
    ("iam", "list_groups", "Groups", "groups of users"),
    ("ec2", "describe_instances", "Reservations", "EC2 instances"),
    ("kms", "list_keys", "Keys", "keys of KMS"),
    ("ecr", "describe_repositories", "repositories", "repositories of images"),
    ("sagemaker", "list_inference_components", "InferenceComponents", "inference components"),
    ("ssm", "describe_parameters", "Parameters", "parameters of Systems Manager"),
)


def others(asked: Asked) -> Iterator[Node]:
    """Yield resources of the types above."""
    for kind in _KINDS:
        for listed in asked.all(kind.service, xform_name(kind.listing), kind.member):
            name = listed[kind.name]
            told = asked.one(kind.service, xform_name(f"Describe{kind.noun}"), **{kind.name: name})
            if told:
                yield _node(asked, kind, name, told)


def count_left_out(asked: Asked) -> None:
    """Note what there is besides, of kinds that are not read."""
    for service, operation, member, what in _LEFT_OUT:
        if count := len(asked.all(service, operation, member)):
            asked.leave_out(f"{count} {what}")


def _node(asked: Asked, kind: _Kind, name: str, told: Mapping[str, Any]) -> Node:
    described = {kind.renamed.get(member, member): one for member, one in told.items()}
    found = properties(kind.type, described, asked.input_shape(kind.service, f"Create{kind.noun}"))
    if kind.noun == "Pipeline":
        found["PipelineDefinition"] = {"PipelineDefinitionBody": told["PipelineDefinition"]}
        found.pop("ClientRequestToken", None)
    arn = next((one for member, one in told.items() if member == f"{kind.noun}Arn"), "")
    return Node(Key(kind.type, name), name, found, {arn: ""} if arn else {})
