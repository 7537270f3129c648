"""Other resources of SageMaker, each told by one listing and one description."""

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


def others(asked: Asked) -> Iterator[Node]:
    """Yield resources of the types above."""
    for kind in _KINDS:
        for listed in asked.all(kind.service, xform_name(kind.listing), kind.member):
            name = listed[kind.name]
            told = asked.one(kind.service, xform_name(f"Describe{kind.noun}"), **{kind.name: name})
            if told:
                yield _node(asked, kind, name, told)


def _node(asked: Asked, kind: _Kind, name: str, told: Mapping[str, Any]) -> Node:
    described = {kind.renamed.get(member, member): one for member, one in told.items()}
    arn = told.get(f"{kind.noun}Arn", "")
    described["Tags"] = asked.all(kind.service, "list_tags", "Tags", ResourceArn=arn) if arn else None
    found = properties(kind.type, described, asked.input_shape(kind.service, f"Create{kind.noun}"))
    if kind.noun == "Pipeline":
        found["PipelineDefinition"] = {"PipelineDefinitionBody": told["PipelineDefinition"]}
        found.pop("ClientRequestToken", None)
    key = Key(kind.type, name)
    if kind.noun == "ModelPackageGroup":
        _leave_out_packages(asked, key)
    return Node(key, name, found, {arn: ""} if arn else {})


def _leave_out_packages(asked: Asked, group: Key) -> None:
    named = {"ModelPackageGroupName": group.identity}
    if count := len(asked.all("sagemaker", "list_model_packages", "ModelPackageSummaryList", **named)):
        asked.leave_out(f"{count} model packages of the group {group.identity}", group)
    absent = "Cannot find resource policy"  # of a ValidationException
    if asked.one("sagemaker", "get_model_package_group_policy", absent=absent, **named).get("ResourcePolicy"):
        asked.leave_out(f"the policy of the group of model packages {group.identity}", group)
