"""What the operations of IAM need to be allowed: the stored ARN, path included, and IAM's own keys.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import AccessRule, Request
from sagehen.domain.access import Access, ConditionValue
from sagehen.domain.identity import PrincipalKind
from sagehen.services.iam.entities.entity import Entity, Kind, entity_arn

_MEMBERS = {
    Kind.USER: "UserName",
    Kind.GROUP: "GroupName",
    Kind.ROLE: "RoleName",
    Kind.INSTANCE_PROFILE: "InstanceProfileName",
    Kind.POLICY: "PolicyName",
}
_TAG_ACTIONS = {
    Kind.USER: "iam:TagUser",
    Kind.ROLE: "iam:TagRole",
    Kind.POLICY: "iam:TagPolicy",
    Kind.INSTANCE_PROFILE: "iam:TagInstanceProfile",
}


def tag_conditions(tags: Sequence[Mapping[str, str]] | None) -> dict[str, ConditionValue]:
    """Return the condition keys of tags in a request."""
    if not tags:
        return {}
    keys: dict[str, ConditionValue] = {f"aws:RequestTag/{tag['Key']}": tag["Value"] for tag in tags}
    keys["aws:TagKeys"] = tuple(tag["Key"] for tag in tags)
    return keys


def _boundary_of(entity: Entity | None) -> dict[str, ConditionValue]:
    """Return the one key that an entity itself determines, but for its tags: those the authorizer finds."""
    if entity is None or entity.boundary_arn is None:
        return {}
    return {"iam:PermissionsBoundary": entity.boundary_arn}


def _request_conditions(request: Request) -> dict[str, ConditionValue]:
    keys = tag_conditions(request.get("Tags"))
    if tag_keys := request.get("TagKeys"):
        keys["aws:TagKeys"] = tuple(tag_keys)
    if boundary := request.get("PermissionsBoundary"):
        keys["iam:PermissionsBoundary"] = boundary
    if policy_arn := request.get("PolicyArn"):
        keys["iam:PolicyARN"] = policy_arn
    if service := request.get("ServiceName"):
        keys["iam:ServiceSpecificCredentialServiceName"] = service
    if service := request.get("AWSServiceName"):
        keys["iam:AWSServiceName"] = service
    return keys


def on_entity(kind: Kind) -> AccessRule:
    """Make the rule for an operation on one user, group, role or instance profile.

    Without a name in the request the operation is about the calling user.
    """

    def rule(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
        account_id = context.scope.account_id
        name = request.get(_MEMBERS[kind])
        if name is None and kind is Kind.USER and context.principal.kind is PrincipalKind.USER:
            name = context.principal.name
        if name is None:
            yield Access(f"iam:{context.operation}", "*")
            return
        entity = owner.records.find(account_id, kind, name)
        # CreateAccessKey and its like make something of a user who is there.
        creating = context.operation == f"Create{_MEMBERS[kind].removesuffix('Name')}"
        path: str = request.get("Path", "/") if entity is None or creating else entity.path
        spelled: str = name if entity is None else entity.name
        arn = entity_arn(account_id, kind, path, spelled)
        conditions = {**({} if creating else _boundary_of(entity)), **_request_conditions(request)}
        yield Access(f"iam:{context.operation}", arn, conditions)
        new_path, new_name = request.get("NewPath") or path, request.get(f"New{_MEMBERS[kind]}") or spelled
        if (new_path, new_name) != (path, spelled):
            # Who moves or renames something needs the right on what it becomes, too.
            new = entity_arn(account_id, kind, new_path, new_name)
            yield Access(f"iam:{context.operation}", new, conditions)
        if creating and request.get("Tags") and kind in _TAG_ACTIONS:
            yield Access(_TAG_ACTIONS[kind], arn, conditions)

    return rule


def on_arn(member: str) -> AccessRule:
    """Make the rule for an operation on what a member of the request names by its ARN."""

    def rule(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
        yield Access(f"iam:{context.operation}", request[member], _request_conditions(request))

    return rule


# An operation on a managed policy.
on_policy = on_arn("PolicyArn")


def on_new(arn_of: Callable[[str, Request], str], tag_action: str) -> AccessRule:
    """Make the rule for an operation that makes something, and may tag it at once.

    Args:
        arn_of: The ARN that it will have, of the account's id and the request.
        tag_action: What is needed to tag it.
    """

    def rule(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
        arn, conditions = arn_of(context.scope.account_id, request), _request_conditions(request)
        yield Access(f"iam:{context.operation}", arn, conditions)
        if request.get("Tags"):
            yield Access(tag_action, arn, conditions)

    return rule


def on_listing(kind: Kind) -> AccessRule:
    """Make the rule for a listing, whose resource is the path asked for."""

    def rule(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
        path = request.get("PathPrefix", "/")
        yield Access(
            f"iam:{context.operation}", f"arn:aws:iam::{context.scope.account_id}:{kind.value}{path}"
        )

    return rule
