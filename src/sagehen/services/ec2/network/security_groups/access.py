"""What requests on one group need to be allowed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request
from sagehen.domain.access import Access
from sagehen.services.ec2.network.security_groups.finding import in_default_vpc
from sagehen.services.ec2.resources.access import on, request_tags, tag_keys
from sagehen.services.ec2.resources.kinds import SECURITY_GROUP_RULE


def on_group(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """Ask for the group of GroupId or GroupName, and for the tags of rules that are made."""
    if not request.get("GroupId") and request.get("GroupName"):
        found = in_default_vpc(owner.state.view(context.scope), request["GroupName"])
        request = {**request, "GroupId": found.id if found else ""}
    yield from on("GroupId")(owner, context, request)
    if tags := request_tags(request, SECURITY_GROUP_RULE):
        arn = context.scope.arn("ec2", "security-group-rule/*")
        yield Access(f"ec2:{context.operation}", arn, {"ec2:Region": context.scope.region, **tag_keys(tags)})
