"""What models are made of, what is registered of them, and where they are deployed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.lineage.entity import ACTION, CONTEXT
from sagehen.services.sagemaker.lineage.recording.graph import Graph
from sagehen.store.database import Transaction

_NAME_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Part:
    """What a container runs.

    Args:
        image: Its URI, or ''.
        data: The URI of its model data, or ''.
        package: The ARN of the model package that both are of, or ''.
    """

    image: str = ""
    data: str = ""
    package: str = ""


@dataclass(frozen=True, slots=True)
class Registered:
    """A model package.

    Args:
        version: As `group-1`, or the package's own name.
        approval: Its ModelApprovalStatus, or ''.
        group, group_arn: Of its group, or ''.
    """

    scope: Scope
    arn: str
    version: str
    approval: str
    at: float
    parts: Sequence[Part]
    group: str = ""
    group_arn: str = ""


@dataclass(frozen=True, slots=True)
class Deployed:
    """What an endpoint was made of, or updated to."""

    scope: Scope
    endpoint: str
    endpoint_arn: str
    at: float
    parts: Sequence[Part]


def registered(tx: Transaction, package: Registered) -> None:
    """Record a package, what it is made of, its group, and that it was approved or is to be."""
    graph = Graph(tx, package.scope, package.at)
    artifact = graph.artifact("Model", package.arn)
    for part in package.parts:
        graph.associate(graph.artifact("Image", part.image), artifact, "ContributedTo")
        graph.associate(graph.artifact("Model", part.data), artifact, "ContributedTo")
    if package.group:
        context = graph.named(
            CONTEXT,
            _name(package.group, "-aws-model-group"),
            "ModelGroup",
            {"SourceUri": package.group_arn, "SourceType": "ARN"},
            {},
        )
        graph.associate(artifact, context, "AssociatedWith")
    if package.approval:
        approved(tx, package)


def approved(tx: Transaction, package: Registered) -> None:
    """Record that a package came to its approval status."""
    graph = Graph(tx, package.scope, package.at)
    action = graph.named(
        ACTION,
        _name(package.version, f"-{package.approval}-{int(package.at)}-aws-model-group"),
        "Approval",
        {"SourceUri": package.arn, "SourceType": "ARN"},
        {"Status": "Completed", "Properties": {"ModelApprovalStatus": package.approval}},
    )
    graph.associate(action, graph.artifact("Model", package.arn), "ContributedTo")


def deployed(tx: Transaction, deployment: Deployed) -> None:
    """Record an endpoint, the action that deploys to it, and what is deployed."""
    graph = Graph(tx, deployment.scope, deployment.at)
    source = {"SourceUri": deployment.endpoint_arn, "SourceType": "ARN"}
    context = graph.named(CONTEXT, _name(deployment.endpoint, "-aws-endpoint"), "Endpoint", source, {})
    name = _name(deployment.endpoint, f"-{int(deployment.at)}-aws-endpoint")
    action = graph.named(ACTION, name, "ModelDeployment", source, {"Status": "Completed"})
    graph.associate(action, context, "AssociatedWith")
    for part in deployment.parts:
        for kind, uri in (("Image", part.image), ("Model", part.data), ("Model", part.package)):
            graph.associate(graph.artifact(kind, uri), action, "ContributedTo")


def _name(beginning: str, end: str) -> str:
    return beginning[: _NAME_CHARACTERS - len(end)] + end
