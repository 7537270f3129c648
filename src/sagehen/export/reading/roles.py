"""Roles, and policies that the account manages itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sagehen.export.graph.node import Node
from sagehen.export.graph.values import Key, PolicyDocument
from sagehen.export.reading.asking import Asked
from sagehen.export.reading.reverse import properties

ROLE, POLICY = "AWS::IAM::Role", "AWS::IAM::ManagedPolicy"
# What it may do with itself, by a name that it will not have.
_OF_ITSELF = "OwnRole"
_AWS_ITS_OWN = "/aws-service-role/"
# Every account begins with it here, and no account of AWS's has it.
OURS = Key(ROLE, "SagehenSageMakerExecutionRole")


def roles(asked: Asked) -> Iterator[Node]:
    """Yield roles; not those that belong to services, which AWS makes by itself."""
    for role in asked.all("iam", "list_roles", "Roles"):
        if not role["Path"].startswith(_AWS_ITS_OWN):
            yield _role(asked, role)
    for policy in asked.all("iam", "list_policies", "Policies", Scope="Local"):
        if (node := _policy(asked, policy)) is not None:
            yield node


def _role(asked: Asked, listed: Mapping[str, Any]) -> Node:
    name = listed["RoleName"]
    role = asked.one("iam", "get_role", RoleName=name).get("Role") or listed
    found = properties(ROLE, role, asked.input_shape("iam", "CreateRole"))
    found["AssumeRolePolicyDocument"] = PolicyDocument(role["AssumeRolePolicyDocument"])
    if boundary := role.get("PermissionsBoundary"):
        found["PermissionsBoundary"] = boundary["PermissionsBoundaryArn"]
    if name == OURS.identity:
        found = _of_aws(found)
    attached = asked.all("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=name)
    names = asked.all("iam", "list_role_policies", "PolicyNames", RoleName=name)
    inline = [
        {"PolicyName": policy, "PolicyDocument": PolicyDocument(document)}
        for policy in names
        if (name, policy) != (OURS.identity, _OF_ITSELF)
        and (document := _inline_document(asked, name, policy))
    ]
    if attached:
        found["ManagedPolicyArns"] = [one["PolicyArn"] for one in attached]
    if inline:
        found["Policies"] = inline
    return Node(Key(ROLE, name), _label(name), found, {role["Arn"]: "Arn"})


def _inline_document(asked: Asked, role: str, policy: str) -> Mapping[str, Any]:
    """Return a policy; nothing where it is hidden, which is said then."""
    told = asked.one("iam", "get_role_policy", RoleName=role, PolicyName=policy)
    found: Mapping[str, Any] = told.get("PolicyDocument", {})
    return found


def _label(name: str) -> str:
    return name.removeprefix("Sagehen").removesuffix("Role")


def _of_aws(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return our role without its name, and without what lets `sagehen env --role` be it."""
    kept = {name: one for name, one in found.items() if name not in ("RoleName", "Description")}
    statements = found["AssumeRolePolicyDocument"]["Statement"]
    trusted = [one for one in statements if "Service" in one["Principal"]]
    return kept | {
        "AssumeRolePolicyDocument": PolicyDocument(
            {**found["AssumeRolePolicyDocument"], "Statement": trusted}
        )
    }


def _policy(asked: Asked, listed: Mapping[str, Any]) -> Node | None:
    version = asked.one(
        "iam", "get_policy_version", PolicyArn=listed["Arn"], VersionId=listed["DefaultVersionId"]
    ).get("PolicyVersion")
    if version is None:
        return None
    found = properties(POLICY, {**listed, "PolicyDocument": version["Document"]}, None)
    found |= {"ManagedPolicyName": listed["PolicyName"]}
    key = Key(POLICY, listed["PolicyName"])
    return Node(key, listed["PolicyName"].removesuffix("Policy"), found, {listed["Arn"]: ""})
