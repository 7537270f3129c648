"""What a request on a group or stream needs to be allowed.

CloudWatch Logs checks everything but tagging against `log-group:NAME:log-stream:STREAM`, with an
empty STREAM where the whole group is meant: hence the `:*` at the end of the resources in
people's policies (and in the ARNs that DescribeLogGroups hands out).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request
from sagehen.domain.access import Access
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
    yield _access(context, _group_of(request), "")


def on_stream(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    yield _access(context, _group_of(request), request.get("logStreamName") or "")


def on_created_group(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """CreateLogGroup with tags needs the right to tag as well."""
    tags = request.get("tags") or {}
    conditions = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    access = _access(context, request["logGroupName"], "")
    yield Access(access.action, access.resource, conditions)
    if tags:
        arn = context.scope.arn("logs", f"log-group:{request['logGroupName']}")
        yield Access("logs:TagResource", arn, {**conditions, "aws:TagKeys": tuple(tags)})


def on_tagged(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """The tagging operations take and check the group's ARN without `:*`."""
    tags = request.get("tags") or {}
    keys = tuple(tags) or tuple(request.get("tagKeys") or ())
    conditions: dict[str, str | tuple[str, ...]] = {"aws:TagKeys": keys} if keys else {}
    if isinstance(tags, dict):
        conditions |= {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    arn = request["resourceArn"].removesuffix(":*")
    yield Access(f"logs:{context.operation}", arn, conditions)


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
