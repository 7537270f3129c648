"""What requests on parameters need to be allowed.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import AccessRule, Request
from sagehen.domain.access import Access, ConditionValue
from sagehen.domain.scope import Scope
from sagehen.services.ssm.parameters.names import PUBLIC, reference, resource


def on_name(member: str = "Name") -> AccessRule:
    """Make the access rule of an operation on the parameters that a member names, one or several."""

    def rule(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
        value = request.get(member) or ()
        for text in (value,) if isinstance(value, str) else value:
            arn = arn_of(context.scope, reference(text, context.scope).name)
            yield Access(f"ssm:{context.operation}", arn)

    return rule


def arn_of(scope: Scope, name: str) -> str:
    """Return the ARN of a parameter; what AWS publishes is nobody's."""
    owner = Scope("", scope.region) if name.startswith(PUBLIC) else scope
    return owner.arn("ssm", resource(name))


def on_put(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """Ask for ssm:PutParameter, and for the tags that come with it."""
    arn = arn_of(context.scope, request["Name"])
    keys: dict[str, ConditionValue] = {"ssm:Overwrite": str(bool(request.get("Overwrite"))).lower()}
    if request.get("Policies"):
        keys["ssm:Policies"] = request["Policies"]
    tags = tag_keys(request)
    yield Access("ssm:PutParameter", arn, {**keys, **tags})
    if tags:
        yield Access("ssm:AddTagsToResource", arn, tags)


def on_path(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """Ask for a hierarchy; the resource is its path."""
    recursive = str(bool(request.get("Recursive"))).lower()
    arn = arn_of(context.scope, request["Path"].rstrip("/"))
    yield Access("ssm:GetParametersByPath", arn, {"ssm:Recursive": recursive})


def on_all(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """Ask for everything of the account in this region."""
    yield Access(f"ssm:{context.operation}", context.scope.arn("ssm", "*"))


def on_tagged(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """Ask for the resource whose tags are meant."""
    kinds = {"Parameter": arn_of(context.scope, request["ResourceId"])}
    keys = tag_keys(request)
    if request.get("TagKeys"):
        keys["aws:TagKeys"] = tuple(request["TagKeys"])
    yield Access(f"ssm:{context.operation}", kinds.get(request["ResourceType"], "*"), keys)


def tag_keys(request: Request) -> dict[str, ConditionValue]:
    """Return the condition keys of tags in a request."""
    tags = request.get("Tags") or ()
    if not tags:
        return {}
    keys: dict[str, ConditionValue] = {f"aws:RequestTag/{tag['Key']}": tag["Value"] for tag in tags}
    return {**keys, "aws:TagKeys": tuple(tag["Key"] for tag in tags)}
