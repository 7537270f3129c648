"""What a request on a group or stream needs to be allowed.

CloudWatch Logs checks everything but tagging against `log-group:NAME:log-stream:STREAM`, with an
empty STREAM where the whole group is meant: hence the `:*` at the end of the resources in
people's policies (and in the ARNs that DescribeLogGroups hands out).
Documented: Service Authorization Reference, Amazon CloudWatch Logs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request
from sagehen.domain.access import Access, ConditionValue
from sagehen.domain.arn import Arn


def group_name(identifier: str) -> str:
    """Return the name of the group in a `logGroupIdentifier`: a name, or an ARN with or without `:*`."""
    if not identifier.startswith("arn:"):
        return identifier
    try:
        resource = Arn.parse(identifier).resource
    except ValueError:
        return identifier
    return resource.removeprefix("log-group:").split(":", 1)[0]


def on_group(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """Require the operation on a group as a whole; also where the request names only a prefix of groups."""
    yield _access(context, _group_of(request), "")


def on_stream(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """Require the operation on one stream; on the group where the request names none."""
    yield _access(context, _group_of(request), request.get("logStreamName") or "")


def group_access(context: RequestContext, group: str) -> Access:
    """Return what the operation requires on a group as a whole."""
    return _access(context, group, "")


def on_created_group(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """CreateLogGroup with tags needs the right to tag as well."""
    tags = request.get("tags") or {}
    conditions = _tag_conditions(tags)
    access = _access(context, request["logGroupName"], "")
    yield Access(access.action, access.resource, conditions)
    if tags:
        arn = context.scope.arn("logs", f"log-group:{request['logGroupName']}")
        yield Access("logs:TagResource", arn, conditions)


def on_tagged(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """The tagging operations take and check the group's ARN without `:*`."""
    tags = request.get("tags") or {}
    conditions = _tag_conditions(tags or request.get("tagKeys") or ())
    arn = request["resourceArn"].removesuffix(":*")
    yield Access(f"logs:{context.operation}", arn, conditions)


def on_tagged_group(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """The older tagging operations name the group."""
    access = _access(context, _group_of(request), "")
    yield Access(access.action, access.resource, _tag_conditions(request.get("tags") or ()))


def _tag_conditions(tags: Mapping[str, str] | Sequence[str]) -> dict[str, ConditionValue]:
    """Return the keys of tags that are set, or of keys that are taken away."""
    conditions: dict[str, ConditionValue] = {"aws:TagKeys": tuple(tags)} if tags else {}
    if isinstance(tags, Mapping):
        conditions |= {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    return conditions


def _group_of(request: Request) -> str:
    return (
        request.get("logGroupName")
        or group_name(request.get("logGroupIdentifier") or "")
        or request.get("logGroupNamePrefix")
        or ""
    )


def _access(context: RequestContext, group: str, stream: str) -> Access:
    arn = context.scope.arn("logs", f"log-group:{group}:log-stream:{stream}")
    return Access(f"logs:{context.operation}", arn)
