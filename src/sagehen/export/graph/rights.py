"""Rights: roles with what they were let do, and what AWS wants of them besides. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sagehen.export.graph.node import Node
from sagehen.export.graph.values import Image, PolicyDocument, Stored

ROLE, MODEL, FUNCTION = "AWS::IAM::Role", "AWS::SageMaker::Model", "AWS::Lambda::Function"
POLICY = "what-was-used"
# (action, resources) of a role that it was let do, as policies name them.
Uses = Sequence[tuple[str, Sequence[str]]]
# What only exists here, and no policy of AWS's may name.
_OURS = ("sagehen:",)


def with_used_rights(
    nodes: Collection[Node], used: Mapping[str, Uses], region: str, account_id: str
) -> tuple[list[Node], list[str]]:
    """Return nodes whose roles may do what they did; and the names of roles that did nothing, which stay.

    Args:
        nodes: Not linked.
        used: By a role's name.
        region, account_id: Where they were read.
    """
    roles = {text: node.key.identity for node in nodes if node.type == ROLE for text in node.mentions}
    needed: dict[str, list[tuple[str, Sequence[str]]]] = {}
    for node in nodes:
        arn = node.properties.get("ExecutionRoleArn" if node.type == MODEL else "Role")
        if isinstance(arn, str) and arn in roles:
            needed.setdefault(roles[arn], []).extend(wanted_by_aws(node, region, account_id))
    found, idle = [], []
    for node in nodes:
        uses = [use for use in used.get(node.key.identity, ()) if not use[0].startswith(_OURS)]
        if node.type != ROLE:
            found.append(node)
        elif uses:
            found.append(_with_policy(node, [*uses, *needed.get(node.key.identity, ())]))
        else:
            found.append(node)
            idle.append(node.key.identity)
    return found, idle


def _with_policy(role: Node, uses: Uses) -> Node:
    kept = {
        name: one for name, one in role.properties.items() if name not in ("Policies", "ManagedPolicyArns")
    }
    policy = {"PolicyName": POLICY, "PolicyDocument": document(uses)}
    return replace(role, properties={**kept, "Policies": [policy]})


def document(uses: Uses) -> PolicyDocument:
    """Return the policy of what was used: a statement for all actions on the same resources."""
    resources: dict[str, set[str]] = {}
    for action, every in uses:
        resources.setdefault(action, set()).update(every)
    actions: dict[tuple[str, ...], list[str]] = {}
    for action in sorted(resources):
        where = ("*",) if "*" in resources[action] else tuple(sorted(resources[action]))
        actions.setdefault(where, []).append(action)
    statements = [
        {"Effect": "Allow", "Action": _alone(every), "Resource": _alone(list(where))}
        for where, every in actions.items()
    ]
    return PolicyDocument({"Version": "2012-10-17", "Statement": statements})


def _alone(values: list[str]) -> Any:
    return values[0] if len(values) == 1 else values


def wanted_by_aws(node: Node, region: str, account_id: str) -> Uses:
    """Return what AWS does with a role for what serves, where Sagehen asks nobody: logs, metrics, images.

    Documented: SageMaker's execution roles, "CreateModel API: Execution Role Permissions"; Lambda's execution
    role, AWSLambdaBasicExecutionRole and AWSLambdaVPCAccessExecutionRole.
    """
    if node.type == MODEL:
        groups = f"arn:aws:logs:{region}:{account_id}:log-group:/aws/sagemaker/Endpoints/*"
        uses = [(action, [groups]) for action in (*_WRITES_LOGS, "logs:DescribeLogStreams")]
        uses.append(("cloudwatch:PutMetricData", ["*"]))
        return [*uses, *_of_containers(node), *([(one, ["*"]) for one in _OF_VPCS] if _in_vpc(node) else [])]
    if node.type == FUNCTION:
        group = f"arn:aws:logs:{region}:{account_id}:log-group:/aws/lambda/{node.key.identity}"
        logging = node.properties.get("LoggingConfig", {}).get("LogGroup")
        if logging:
            group = f"arn:aws:logs:{region}:{account_id}:log-group:{logging}"
        uses = [(action, [group, f"{group}:*"]) for action in _WRITES_LOGS]
        return [*uses, *([(one, ["*"]) for one in _OF_VPCS] if _in_vpc(node) else [])]
    return []


_WRITES_LOGS = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
_OF_VPCS = (
    "ec2:CreateNetworkInterface", "ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface",
    "ec2:DeleteNetworkInterfacePermission", "ec2:DescribeDhcpOptions", "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs",
)  # fmt: skip
_OF_IMAGES = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")


def _in_vpc(node: Node) -> bool:
    return bool(node.properties.get("VpcConfig"))


def _of_containers(model: Node) -> Uses:
    """Return how images and model data are read."""
    containers = [model.properties.get("PrimaryContainer"), *model.properties.get("Containers", ())]
    uses: list[tuple[str, Sequence[str]]] = []
    for container in filter(None, containers):
        image = container.get("Image")
        if isinstance(image, Image) and (arn := _repository(image.uri)):
            uses += [("ecr:GetAuthorizationToken", ["*"]), *((action, [arn]) for action in _OF_IMAGES)]
        data = container.get("ModelDataUrl")
        if isinstance(data, Stored) and data.uri.startswith("s3://") and not data.uri.endswith("/"):
            uses.append(("s3:GetObject", [f"arn:aws:s3:::{data.uri.removeprefix('s3://')}"]))
    return uses


def _repository(uri: str) -> str:
    """Return the ARN of an image's repository; '' for one of another registry."""
    host, _, path = uri.partition("/")
    parts = host.split(".")
    if len(parts) < 6 or parts[1:3] != ["dkr", "ecr"]:
        return ""
    return f"arn:aws:ecr:{parts[3]}:{parts[0]}:repository/{path.partition('@')[0].partition(':')[0]}"
