"""What a request on a group or stream needs to be allowed."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import BoundOperation
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import ANONYMOUS
from sagehen.domain.scope import Scope
from sagehen.services.logs.service import LogsService


def test_access_names_the_stream(logs: LogsService, clock: ManualClock) -> None:
    bound: dict[str, BoundOperation] = {b.name: b for b in logs.services[0].operations()}

    def accesses(operation: str, **request: Any) -> list[tuple[str, str]]:
        context = RequestContext("r", "logs", operation, Scope("1" * 12, "eu-west-1"), ANONYMOUS, clock.now())
        return [(a.action, a.resource) for a in bound[operation].accesses(context, request)]

    root = "arn:aws:logs:eu-west-1:111111111111:log-group:g"
    assert accesses("PutLogEvents", logGroupName="g", logStreamName="s") == [
        ("logs:PutLogEvents", f"{root}:log-stream:s")
    ]
    assert accesses("FilterLogEvents", logGroupIdentifier=f"{root}:*") == [
        ("logs:FilterLogEvents", f"{root}:log-stream:")
    ]
    assert accesses("CreateLogGroup", logGroupName="g", tags={"a": "b"}) == [
        ("logs:CreateLogGroup", f"{root}:log-stream:"),
        ("logs:TagResource", root),
    ]
    named = {"logGroupNames": ["g"], "logGroupIdentifiers": [root, "h"]}
    assert accesses("StartQuery", **named) == [
        ("logs:StartQuery", f"{root}:log-stream:"),
        ("logs:StartQuery", f"{root[:-1]}h:log-stream:"),
    ]
    assert accesses("StartQuery") == [("logs:StartQuery", "*")]  # refused for want of a group
    assert accesses("GetQueryResults", queryId="q") == [("logs:GetQueryResults", "*")]
    assert accesses("TagResource", resourceArn=root, tags={"a": "b"}) == [("logs:TagResource", root)]
