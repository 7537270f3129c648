"""Rights: roles with what they were let do, and what AWS wants of them besides. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sagehen.export.graph.node import Node, leaves
from sagehen.export.graph.used_policies import Uses, documents
from sagehen.export.graph.values import Image, Key, Named, PolicyDocument, Stored

ROLE, MANAGED = "AWS::IAM::Role", "AWS::IAM::ManagedPolicy"
MODEL, FUNCTION = "AWS::SageMaker::Model", "AWS::Lambda::Function"
POLICY = "what-was-used"
# Documented ("IAM and AWS STS quotas"): managed policies attached to a role, at first.
_MOST_ATTACHED = 10
# What only exists here, and no policy of AWS's may name.
_OURS = ("sagehen:",)


def with_used_rights(
    nodes: Collection[Node], used: Mapping[str, Uses], region: str, account_id: str
) -> tuple[list[Node], list[str]]:
    """Return nodes whose roles may do what they did; and of which roles that cannot be said, in sentences.

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
    found, remarks = [], []
    for node in nodes:
        name = node.key.identity
        uses = [use for use in used.get(name, ()) if not use[0].startswith(_OURS)]
        if node.type == ROLE and uses:
            policies = documents([*uses, *needed.get(name, ())])
            found += _with_policies(node, policies)
            if len(policies) > _MOST_ATTACHED:
                remarks.append(
                    f"a role {name} that fits: what it used takes {len(policies)} managed policies, and"
                    f" {_MOST_ATTACHED} may be attached unless AWS is asked for more"
                )
            continue
        found.append(node)
        if node.type == ROLE:
            remarks.append(f"less rights for the role {name}: it has not called anything")
    return _without_needless(found, nodes), remarks


def _with_policies(role: Node, policies: Sequence[PolicyDocument]) -> list[Node]:
    """Return a role with one policy in it, or with several of their own beside it."""
    kept = {
        name: one for name, one in role.properties.items() if name not in ("Policies", "ManagedPolicyArns")
    }
    if len(policies) == 1:
        inline = {"PolicyName": POLICY, "PolicyDocument": policies[0]}
        return [replace(role, properties={**kept, "Policies": [inline]})]
    beside = [
        Node(
            Key(MANAGED, f"{role.key.identity} used {number}"),
            f"{role.label} used {number}",
            {"PolicyDocument": document},
            part_of=(role.key,),
        )
        for number, document in enumerate(policies, 1)
    ]
    arns = [Named(one.key, "", one.key.identity) for one in beside]
    return [*beside, replace(role, properties={**kept, "ManagedPolicyArns": arns})]


def _without_needless(nodes: Collection[Node], before: Collection[Node]) -> list[Node]:
    """Return nodes without the managed policies that somebody had before and nobody has now."""

    def spoken(every: Collection[Node]) -> set[str]:
        return {leaf for node in every for leaf in leaves(node.properties) if isinstance(leaf, str)}

    given_up = spoken(before) - spoken(nodes)
    return [node for node in nodes if node.type != MANAGED or given_up.isdisjoint(node.mentions)]


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
